/**
 * The calls of the driver recordings: how each is issued, and what it returned in recorded words.
 *
 * One row a call. Invariant: every operand and option the format has is passed on, and every output
 * field it has is read back. What a call may be made of is checked before (driver-shape.ts).
 */
import type { CallOptions, Driver, DriverAnswer } from '../../core/device/driver.js';
import type { AnswerKind } from '../../core/host/command.js';
import type { HypervisorRequest } from '../../core/host/decision.js';
import { errorName } from '../../core/platform/nitro/errors.js';
import type { Json } from './merge-patch.js';

export type DriverOp = readonly [name: string, ...args: Json[]];

type Issue = (driver: Driver, op: DriverOp, options: CallOptions) => DriverAnswer;

interface DriverCall {
  /** How many there are before the options. */
  readonly operands: number;
  readonly issue: Issue;
  /** Output fields when it succeeds: name in the recording, fact. */
  readonly output?: readonly (readonly [string, keyof DriverAnswer])[];
  /** Its one request goes without saying when it succeeds. */
  readonly quiet?: true;
}

const CALLS: ReadonlyMap<string, DriverCall> = new Map<string, DriverCall>([
  ['setCpuPool', { operands: 1, issue: (d, op, o) => d.setCpuPool(String(op[1]), o) }],
  [
    'createVm',
    {
      operands: 0,
      issue: (d, _, o) => d.createVm(o),
      output: [
        ['fd', 'fd'],
        ['slot', 'slot'],
      ],
      quiet: true,
    },
  ],
  [
    'addVcpu',
    {
      operands: 2,
      issue: (d, op, o) => d.addVcpu(Number(op[1]), Number(op[2]), o),
      output: [['vcpu', 'vcpu']],
      quiet: true,
    },
  ],
  [
    'getImageLoadInfo',
    {
      operands: 2,
      issue: (d, op, o) => d.getImageLoadInfo(Number(op[1]), u64(op[2]), o),
      output: [['memOffset', 'memoryOffset']],
    },
  ],
  [
    'mmap',
    {
      operands: 5,
      issue: (d, op) =>
        d.mmap(Number(op[1]), Number(op[2]), Number(op[3]), op[4] === 1, runsOf(op[5])),
    },
  ],
  ['munmap', { operands: 1, issue: (d, op) => d.munmap(Number(op[1])) }],
  [
    'setUserMemoryRegion',
    {
      operands: 4,
      issue: (d, op, o) =>
        d.setUserMemoryRegion(Number(op[1]), u64(op[2]), u64(op[3]), u64(op[4]), o),
    },
  ],
  [
    'startEnclave',
    {
      operands: 3,
      issue: (d, op, o) => d.startEnclave(Number(op[1]), u64(op[2]), u64(op[3]), o),
      output: [['cid', 'cid']],
      quiet: true,
    },
  ],
  [
    'close',
    { operands: 1, issue: (d, op) => d.close(Number(op[1])), output: [['release', 'release']] },
  ],
  ['exitEvent', { operands: 2, issue: (d, op) => d.exitEvent(Number(op[1]), Number(op[2])) }],
  ['poll', { operands: 1, issue: (d, op) => d.poll(Number(op[1])), output: [['poll', 'poll']] }],
  [
    'ioctl',
    { operands: 2, issue: (d, op, o) => d.ioctl(Number(op[1]), Number(op[2]), o), quiet: true },
  ],
  [
    'failNext',
    {
      operands: 3,
      issue: (d, op) => d.failNext(op[1] as AnswerKind, Number(op[2]), Number(op[3])),
    },
  ],
  ['cpuHotplug', { operands: 2, issue: (d, op) => d.cpuHotplug(Number(op[1]), op[2] === 1) }],
  ['pciRemove', { operands: 0, issue: (d) => d.pciRemove() }],
  ['pciProbe', { operands: 0, issue: (d) => d.pciProbe() }],
]);

const NO_OPTIONS: CallOptions = {};

/** What one recorded call comes to here. */
export interface Performed {
  readonly answer: DriverAnswer;
  /** The answer as a recording has it. */
  readonly result: { readonly [key: string]: Json };
}

/** Issues one recorded call. Throws on a call the format does not have. */
export function perform(driver: Driver, op: DriverOp): Performed {
  const call = CALLS.get(op[0]);
  if (call === undefined) throw new Error(`the format has no call ${op[0]}`);
  const options = op.length > call.operands + 1 ? op[call.operands + 1] : undefined;
  const answer = call.issue(driver, op, (options as CallOptions | undefined) ?? NO_OPTIONS);
  return { answer, result: resultOf(call, answer) };
}

function resultOf(call: DriverCall, answer: DriverAnswer): { [key: string]: Json } {
  const { rc, why, requests } = answer;
  const result: { [key: string]: Json } = { rc };
  if (rc < 0) result.err = errorName(-rc);
  if (why !== undefined) result.why = why;
  if (rc >= 0 && call.output !== undefined) {
    for (const [field, fact] of call.output) result[field] = answer[fact] as number;
  }
  if (requests === undefined || requests.length === 0) return result;
  const unsaid = rc >= 0 && requests.length === 1 && call.quiet === true;
  if (!unsaid) result.hv = requests.map(recordedRequest);
  return result;
}

/** Physical addresses are recorded in hexadecimal. */
function recordedRequest(request: HypervisorRequest): Json[] {
  const recorded: Json[] = [...request];
  if (request[0] === 'MEM') recorded[1] = `0x${request[1].toString(16)}`;
  return recorded;
}

function u64(operand: Json): bigint {
  return BigInt(operand as string | number);
}

type RecordedRuns = readonly (readonly [phys: string | number, count: number])[];

function runsOf(operand: Json): (readonly [phys: number, count: number])[] {
  return (operand as unknown as RecordedRuns).map(
    ([phys, count]) => [Number(phys), count] as const,
  );
}
