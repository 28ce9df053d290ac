/**
 * The shape of a line of driver.jsonl: which calls there are and what each takes.
 *
 * One row a call. Invariant: a line that passes has no call, operand or option that the replay does
 * not know, so a malformed line is told as such and never replayed in part. Results and changes of
 * state are only asked to be objects: they are compared, never used.
 */
import * as z from 'zod';

type OperandCheck = (value: unknown) => boolean;

const isInteger: OperandCheck = (value) => Number.isSafeInteger(value);
const isText: OperandCheck = (value) => typeof value === 'string';
const isBit: OperandCheck = (value) => value === 0 || value === 1;
/** A plain number, or text such as "0xffffffffffffffff". */
const isU64: OperandCheck = (value) =>
  typeof value === 'string'
    ? /^0x[0-9a-f]{1,16}$/i.test(value)
    : Number.isSafeInteger(value) && (value as number) >= 0;
const isPageSize: OperandCheck = (value) => isInteger(value) && (value as number) > 0;

/** Pages of one mapping: more than any parent has. */
const MOST_PAGES = 1_048_576;

const isRuns: OperandCheck = (value) => {
  if (!Array.isArray(value)) return false;
  let pages = 0;
  for (const run of value) {
    if (!Array.isArray(run) || run.length !== 2 || !isU64(run[0])) return false;
    if (!isInteger(run[1]) || run[1] < 0) return false;
    pages += run[1];
  }
  return pages <= MOST_PAGES;
};

const REQUESTS = new Set(
  'SLOT_ALLOC SLOT_ADD_VCPU SLOT_ADD_MEM ENCLAVE_START ENCLAVE_STOP SLOT_FREE SLOT_INFO'
    .split(' ')
    .concat('CPU_OFFLINE CPU_ONLINE GUP FD ANON_INODE'.split(' ')),
);
const isRequest: OperandCheck = (value) => typeof value === 'string' && REQUESTS.has(value);

/** Call → its operands, in order. */
const CALLS: ReadonlyMap<string, readonly OperandCheck[]> = new Map([
  ['setCpuPool', [isText]],
  ['createVm', []],
  ['addVcpu', [isInteger, isInteger]],
  ['getImageLoadInfo', [isInteger, isU64]],
  ['mmap', [isU64, isPageSize, isInteger, isBit, isRuns]],
  ['munmap', [isU64]],
  ['setUserMemoryRegion', [isInteger, isU64, isU64, isU64]],
  ['startEnclave', [isInteger, isU64, isU64]],
  ['close', [isInteger]],
  ['exitEvent', [isInteger, isInteger]],
  ['poll', [isInteger]],
  ['ioctl', [isInteger, isInteger]],
  ['failNext', [isRequest, isInteger, isInteger]],
  ['cpuHotplug', [isInteger, isBit]],
  ['pciRemove', []],
  ['pciProbe', []],
]);

const callOptions = z.strictObject({
  mm: z.int().min(0).optional(),
  fault: z.enum(['in', 'out']).optional(),
  cap: z.boolean().optional(),
});

/** What is wrong with one recorded call, in words; undefined = nothing. */
function callFault(call: readonly unknown[]): string | undefined {
  const [name] = call;
  const checks = typeof name === 'string' ? CALLS.get(name) : undefined;
  if (checks === undefined) return `the format has no call ${JSON.stringify(name)}`;
  const operands = checks.length;
  if (call.length < operands + 1 || call.length > operands + 2) {
    return `${name} takes ${operands} operands and at most one object of options`;
  }
  for (let i = 0; i < operands; i++) {
    if (!checks[i](call[i + 1])) return `operand ${i + 1} of ${name} is malformed`;
  }
  if (call.length > operands + 1 && !callOptions.safeParse(call[operands + 1]).success) {
    return `${name} has malformed options`;
  }
  return undefined;
}

/** What is wrong with one recorded step, and where in it; undefined = nothing. */
function stepFault(step: unknown): { readonly at: number[]; readonly message: string } | undefined {
  if (!Array.isArray(step)) return { at: [], message: 'a step is a list' };
  const call: unknown = step[0];
  if (!Array.isArray(call)) return { at: [0], message: 'a call is a list' };
  if (step.length < 2 || step.length > 3) {
    return { at: [], message: 'a step is a call, its result and at most one change of state' };
  }
  const message = callFault(call);
  if (message !== undefined) return { at: [0], message };
  const wrong = isObject(step[1]) ? 2 : 1;
  return wrong >= step.length || isObject(step[wrong])
    ? undefined
    : { at: [wrong], message: 'results and changes are objects' };
}

/** Looked at by hand, not by a schema: there are many steps, and only the first fault is told. */
const steps = z
  .array(z.unknown())
  .min(1)
  .superRefine((given, context) => {
    for (const [i, step] of given.entries()) {
      const fault = stepFault(step);
      if (fault === undefined) continue;
      context.addIssue({ code: 'custom', message: fault.message, path: [i, ...fault.at] });
      return;
    }
  });

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NODE_ID = /^-?\d{1,5}$/;
export const nodeCpus = z.record(z.string().regex(NODE_ID), z.string());

const MOST_CPU_IDS = 8192;

export const driverShape = z.object({
  id: z.string(),
  host: z.object({
    nrCpuIds: z.int().min(1).max(MOST_CPU_IDS),
    cores: z.array(z.string()),
    nodes: nodeCpus,
    maxMemRegions: z.int().min(0),
    offline: z.string().optional(),
  }),
  steps,
});

/**
 * Whether a line has the driver's shape, without a word on what is wrong. The schema above says the
 * same and says why not; it takes longer to say yes than the replay takes, so yes is said here.
 */
export function isDriverVector(line: { readonly [key: string]: unknown }): boolean {
  const { id, host, steps } = line;
  if (typeof id !== 'string' || !isObject(host)) return false;
  if (!Array.isArray(steps) || steps.length === 0) return false;
  const { nrCpuIds, cores, nodes, maxMemRegions, offline } = host;
  if (!isInteger(nrCpuIds) || !isInteger(maxMemRegions) || (maxMemRegions as number) < 0) {
    return false;
  }
  if ((nrCpuIds as number) < 1 || (nrCpuIds as number) > MOST_CPU_IDS) return false;
  if (offline !== undefined && !isText(offline)) return false;
  if (!Array.isArray(cores) || !cores.every(isText) || !isObject(nodes)) return false;
  for (const id of Object.keys(nodes)) {
    if (!NODE_ID.test(id) || !isText(nodes[id])) return false;
  }
  return steps.every((step) => stepFault(step) === undefined);
}
