/**
 * Replays one recorded sequence of calls into the real Nitro driver against this model.
 *
 * A recording is one line of driver.jsonl: a host, and steps [call, result, change of state]. The
 * hypervisor is the permissive one, as it was behind the recordings. Invariant: everything
 * recorded is compared: return value, name, output fields, hypervisor requests, and the whole
 * change of state.
 */
import { type Driver, type DriverAnswer, openDriver } from '../../core/device/driver.js';
import type { AnswerKind } from '../../core/host/command.js';
import type { HypervisorRequest } from '../../core/host/decision.js';
import { createHost, type Host } from '../../core/host/host.js';
import { NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { errorName } from '../../core/platform/nitro/errors.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { parseKernelCpulist } from '../../core/topology/cpulist.js';
import { buildTopology, type Topology } from '../../core/topology/topology.js';
import { driverDelta, driverState, driverStateAfter } from './driver-state.js';
import { type Json, jsonEqual } from './merge-patch.js';

export interface DriverVectorHost {
  readonly nrCpuIds: number;
  /** One cpulist a core. */
  readonly cores: readonly string[];
  /** Node number → cpulist; "-1" = the kernel has no node for them. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly maxMemRegions: number;
  readonly offline?: string;
}

export type DriverOp = readonly [name: string, ...args: Json[]];

export interface DriverVector {
  readonly id: string;
  readonly host: DriverVectorHost;
  readonly steps: readonly (readonly [op: DriverOp, result: Json, delta?: Json])[];
}

/** A step whose outcome differs from the recording. */
export interface Mismatch {
  /** Position in `steps`, from 0. */
  readonly step: number;
  readonly op: DriverOp;
  readonly expected: Json;
  readonly got: Json;
}

/** All steps that differ; empty = the model does what the driver did. */
export function replayDriverVector(vector: DriverVector): Mismatch[] {
  const host = hostOf(vector.host);
  const driver = openDriver(host);
  const mismatches: Mismatch[] = [];
  let state = driverState(host.tree);
  for (let step = 0; step < vector.steps.length; step++) {
    const [op, result, delta] = vector.steps[step];
    const answer = perform(driver, op);
    const got = resultOf(op, answer);
    const before = state;
    state = driverStateAfter(before, host.tree, answer.effects);
    const change =
      state === before ? undefined : driverDelta(before, state, vector.host.maxMemRegions);
    if (jsonEqual(got, result) && jsonEqual(change, delta)) continue;
    const expected = delta === undefined ? [result] : [result, delta];
    mismatches.push({ step, op, expected, got: change === undefined ? [got] : [got, change] });
  }
  return mismatches;
}

function hostOf(described: DriverVectorHost): Host {
  const topology = topologyOfVector(described);
  return createHost({
    profile: nitroProfile(),
    options: {},
    parent: { flavor: 'custom', region: 'any', os: 'linux', bareMetal: false, memoryMib: 0 },
    topology,
    hypervisor: { ...NITRO_HYPERVISOR, kind: 'permissive', maxRanges: described.maxMemRegions },
    memory: [],
  });
}

function topologyOfVector({ nrCpuIds, cores, nodes, offline }: DriverVectorHost): Topology {
  const read = (text: string) => cpulist(text, nrCpuIds);
  const built = buildTopology({
    nrCpuIds,
    cores: cores.map(read),
    nodes: Object.entries(nodes).map(([id, cpus]) => ({ id: Number(id), cpus: read(cpus) })),
    offline: read(offline ?? ''),
  });
  if ('topology' in built) return built.topology;
  throw new Error(`recorded host: ${built.problems.map(({ message }) => message).join('; ')}`);
}

function cpulist(text: string, nrCpuIds: number): number[] {
  const list = parseKernelCpulist(text, nrCpuIds);
  if ('errno' in list) throw new Error(`recorded host: "${text}" is no CPU list`);
  return list.cpus;
}

interface OpOptions {
  readonly mm?: number;
  readonly fault?: 'in' | 'out';
  readonly cap?: boolean;
}

type RecordedRuns = readonly (readonly [phys: string | number, count: number])[];

/** Issues one recorded call. Throws on a call the format does not have. */
function perform(driver: Driver, [name, ...given]: DriverOp): DriverAnswer {
  const { args, options } = splitOptions(given);
  const number = (i: number) => Number(args[i]);
  const u64 = (i: number) => BigInt(args[i] as string | number);
  switch (name) {
    case 'setCpuPool':
      return driver.setCpuPool(String(args[0]), options);
    case 'createVm':
      return driver.createVm(options);
    case 'addVcpu':
      return driver.addVcpu(number(0), number(1), options);
    case 'getImageLoadInfo':
      return driver.getImageLoadInfo(number(0), u64(1), options);
    case 'mmap': {
      const runs = (args[4] as unknown as RecordedRuns).map(
        ([phys, count]) => [Number(phys), count] as const,
      );
      return driver.mmap(number(0), number(1), number(2), number(3) === 1, runs);
    }
    case 'munmap':
      return driver.munmap(number(0));
    case 'setUserMemoryRegion':
      return driver.setUserMemoryRegion(number(0), u64(1), u64(2), u64(3), options);
    case 'startEnclave':
      return driver.startEnclave(number(0), u64(1), u64(2), options);
    case 'close':
      return driver.close(number(0));
    case 'exitEvent':
      return driver.exitEvent(number(0), number(1));
    case 'poll':
      return driver.poll(number(0));
    case 'ioctl':
      return driver.ioctl(number(0), number(1), options);
    case 'failNext':
      return driver.failNext(args[0] as AnswerKind, number(1), number(2));
    case 'cpuHotplug':
      return driver.cpuHotplug(number(0), number(1) === 1);
    case 'pciRemove':
      return driver.pciRemove();
    case 'pciProbe':
      return driver.pciProbe();
    default:
      throw new Error(`the format has no call ${name}`);
  }
}

function splitOptions(given: readonly Json[]): { args: readonly Json[]; options: OpOptions } {
  const last = given.at(-1);
  if (typeof last !== 'object' || last === null || Array.isArray(last)) {
    return { args: given, options: {} };
  }
  return { args: given.slice(0, -1), options: last as OpOptions };
}

/** Output fields of a call that succeeded: name in the recording → fact. */
const OUTPUT: Readonly<Record<string, readonly (readonly [string, keyof DriverAnswer])[]>> = {
  createVm: [
    ['fd', 'fd'],
    ['slot', 'slot'],
  ],
  addVcpu: [['vcpu', 'vcpu']],
  getImageLoadInfo: [['memOffset', 'memoryOffset']],
  startEnclave: [['cid', 'cid']],
  close: [['release', 'release']],
  poll: [['poll', 'poll']],
};

/** Calls whose one request goes without saying when they succeed. */
const ONE_REQUEST = new Set(['createVm', 'addVcpu', 'startEnclave', 'ioctl']);

function resultOf([name]: DriverOp, answer: DriverAnswer): { [key: string]: Json } {
  const { rc, why, requests = [] } = answer;
  const result: { [key: string]: Json } = { rc };
  if (rc < 0) result.err = errorName(-rc);
  if (why !== undefined) result.why = why;
  if (rc >= 0) {
    for (const [field, fact] of OUTPUT[name] ?? []) result[field] = answer[fact] as number;
  }
  const unsaid = rc >= 0 && requests.length === 1 && ONE_REQUEST.has(name);
  if (requests.length > 0 && !unsaid) result.hv = requests.map(recordedRequest);
  return result;
}

/** Physical addresses are recorded in hexadecimal. */
function recordedRequest([name, ...operands]: HypervisorRequest): Json[] {
  if (name !== 'MEM') return [name, ...operands];
  return [name, `0x${operands[0].toString(16)}`, ...operands.slice(1)];
}
