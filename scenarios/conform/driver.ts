/**
 * Replays one recorded sequence of calls into the real Nitro driver against this model.
 *
 * A recording is one line of driver.jsonl: a host, and steps [call, result, change of state]. The
 * hypervisor is the permissive one, as it was behind the recordings. Invariant: everything
 * recorded is compared: return value, name, output fields, hypervisor requests, and the whole
 * change of state.
 */
import { openDriver } from '../../core/device/driver.js';
import { createHost, type Host } from '../../core/host/host.js';
import { NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { parseKernelCpulist } from '../../core/topology/cpulist.js';
import { buildTopology, type Topology } from '../../core/topology/topology.js';
import { type DriverOp, perform } from './driver-calls.js';
import { type Json, jsonEqual } from './merge-patch.js';
import { StateFollower } from './state-follower.js';

export interface DriverVectorHost {
  readonly nrCpuIds: number;
  /** One cpulist a core. */
  readonly cores: readonly string[];
  /** Node number → cpulist; "-1" = the kernel has no node for them. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly maxMemRegions: number;
  readonly offline?: string;
}

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
  const follower = new StateFollower(host.tree, vector.host.maxMemRegions);
  const mismatches: Mismatch[] = [];
  const { steps } = vector;
  for (let step = 0; step < steps.length; step++) {
    const [op, result, delta] = steps[step];
    const { answer, result: got } = perform(driver, op);
    const change = follower.follow(answer.effects);
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
