/**
 * Commands of the Nitro steps in short, and small hosts for them, to provoke a refusal with.
 */
import { expect } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { createHost, type Host } from '../../core/host/host.js';
import { NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { runInPlace } from '../../core/host/step.js';
import { HYPERVISOR_RULES, type Request } from '../../core/platform/nitro/hypervisor.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { firstRefusal } from '../../core/platform/rule.js';
import type { Numbers, Refusal } from '../../core/refusal/refusal.js';
import { buildTopology, type TopologySpec } from '../../core/topology/topology.js';
import { launch, readyHost, run } from './nitro-host.js';

export const PAGE = 2 * 1024 * 1024;
export const BASE = 2 ** 45;
export const AT = 2 ** 40;
export const CREATE = { kind: 'nitro.create-vm', task: 1 } as const;

export interface Provoked {
  /** Its id without the prefix of the profile. */
  readonly rule: string;
  readonly codes: readonly string[];
  /** By default the driver. */
  readonly layer?: Refusal['layer'];
  readonly numbers: Numbers;
  readonly by: () => Refusal | undefined;
}

/**
 * What the last of these commands is refused with; those before it must pass. A diagnosis asked
 * before it finds the same row refusing, with the same operands, and no row before that one.
 */
export function refusedBy(host: Host, ...commands: readonly Command[]): Refusal | undefined {
  const refusals = commands.slice(0, -1).map((command) => runInPlace(host, command).refusal);
  expect(refusals.filter((refusal) => refusal !== undefined)).toEqual([]);
  const last = commands[commands.length - 1];
  const verdicts = host.profile.diagnose(host, last) ?? [];
  const { refusal } = runInPlace(host, last);
  const first = verdicts.find(({ outcome }) => outcome.verdict === 'refuse');
  expect(first).toEqual({
    rule: refusal?.rule,
    outcome: { verdict: 'refuse', numbers: refusal?.numbers, message: refusal?.message },
  });
  return refusal;
}

export const writePool = (text: string) => ({ kind: 'nitro.write-pool', text }) as const;
export const writePages = (text: string, node = 0, pageKib = 2048) =>
  ({ kind: 'nitro.write-hugepages', node, pageKib, text }) as const;
export const hotplug = (cpu: number, online: boolean) =>
  ({ kind: 'nitro.hotplug', cpu, online }) as const;
export const addVcpu = (cpu: number, task = 1, slot = 1) =>
  ({ kind: 'nitro.add-vcpu', slot, task, cpu }) as const;
export const start = (slot = 1, cid = 0n, flags = 0n) =>
  ({ kind: 'nitro.start', slot, cid, flags }) as const;
export const mapPage = (pageKib = 2048) => ({ kind: 'nitro.map-page', task: 1, pageKib }) as const;
export const memory = (address: bigint | number, bytes: bigint | number, flags = 0n, task = 1) =>
  ({
    kind: 'nitro.set-memory',
    ...{ slot: 1, task, flags, address: BigInt(address), bytes: BigInt(bytes) },
  }) as const;

/** Pages outside the host's stores, mapped for everybody from BASE on. */
export function foreign(
  runs: readonly (readonly [number, number])[] = [[AT, 1]],
  { pageBytes = PAGE, huge = true, node = 0 } = {},
): Command {
  return { kind: 'nitro.map-foreign', task: 1, address: BASE, pageBytes, huge, node, runs };
}

/** A host whose slot 1 was created by task 1, under the hypervisor that refuses nothing. */
export function created(maxRanges = 4): Host {
  const host = readyHost(0, { hypervisor: { kind: 'permissive', maxRanges } });
  run(host, CREATE);
  return host;
}

/** A host whose slot 1 runs with CPUs 1 and 5 and 64 MiB. */
export function running(pages = 64): Host {
  const host = readyHost(pages);
  launch(host, 1);
  return host;
}

/** Without memory of its own. */
export function hostOf(spec: TopologySpec): Host {
  const built = buildTopology(spec);
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  return createHost({
    profile: nitroProfile(),
    options: {},
    parent: { flavor: 'custom', region: 'any', os: 'linux', bareMetal: false, memoryMib: 0 },
    topology: built.topology,
    hypervisor: NITRO_HYPERVISOR,
    memory: [],
  });
}

/** Cores of two, one and one threads beside CPU 0: the table of cores is too short by one. */
export const MIXED = {
  cores: [[0], [1, 2], [3], [4]],
  nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4] }],
};

/** What the hypervisor says to a request that the driver's own checks keep from it. */
export const hypervisorRefuses = (host: Host, request: Request) =>
  firstRefusal(HYPERVISOR_RULES, { host, request });
