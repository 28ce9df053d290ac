/**
 * Replays one recorded run of the Nitro reservation service (conformance format, section 2).
 *
 * Builds the host as the recording describes it, runs our service on it, and compares all that the
 * recording has: exit status, reason, page counts, stored pool, offline CPUs, and every write in
 * order with its answer. Invariant: what the recording says of the end is never used to get there.
 * Trade-off: the host is built anew a vector, which costs more than the run itself.
 */

import type { ServiceCommand } from '../../core/device/reservation/run.js';
import { allocatorProgram, type ServiceRun } from '../../core/device/reservation/service.js';
import type { Decision } from '../../core/host/decision.js';
import { createHost, type Host } from '../../core/host/host.js';
import { NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { HELD } from '../../core/host/owner.js';
import { runInPlace } from '../../core/host/step.js';
import { layFootprint } from '../../core/memory/footprint.js';
import { planHugepages } from '../../core/memory/hugepages.js';
import {
  createNodeMemory,
  inUsePages,
  type NodeMemory,
  type PagePool,
  pagesOf,
  reservePages,
} from '../../core/memory/node-memory.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { formatCpulist, parseKernelCpulist } from '../../core/topology/cpulist.js';
import { buildTopology, type Topology } from '../../core/topology/topology.js';
import { compared, type Mismatch } from './mismatch.js';

type PerNode<T> = Readonly<Record<string, T>>;
/** Node id → page size in KiB → pages. */
type PageCounts = PerNode<Readonly<Record<string, number>>>;

interface RecordedMemory {
  readonly totalKiB: number;
  readonly free: readonly (readonly [startKiB: number, lengthKiB: number])[];
  /** Page size in KiB → [pages wanted, pages of these in use]. */
  readonly reserved?: Readonly<Record<string, readonly [number, number]>>;
}

export interface AllocatorVector {
  readonly id: string;
  readonly host: {
    readonly arch: 'x86_64' | 'aarch64';
    readonly nrCpuIds: number;
    readonly cores: readonly string[];
    readonly nodes: PerNode<string>;
    readonly offline?: string;
    readonly sizesKiB: readonly number[];
    readonly mem: PerNode<RecordedMemory>;
    readonly prevPool?: string;
    readonly enclaves?: number;
    readonly driver?: boolean;
  };
  readonly yaml: string;
  readonly pagesBefore: PageCounts;
  readonly inUseBefore?: PageCounts;
  readonly out: {
    readonly exit: number;
    readonly reason: string;
    readonly pages: PageCounts;
    readonly pool: string;
    readonly offline: string;
    readonly writes: readonly RecordedWrite[];
  };
}

type RecordedWrite =
  | readonly ['pool', text: string, rc: number]
  | readonly ['hp', node: number, pageKib: number, text: string, pagesOrErrno: number];

/** Every difference between the recording and our run; none = the vector passes. */
export function replayAllocatorVector(vector: AllocatorVector): Mismatch[] {
  const host = recordedHost(vector.host);
  const before = [
    ...compared('pagesBefore', vector.pagesBefore, pageCounts(host, pagesOf)),
    ...compared('inUseBefore', vector.inUseBefore ?? {}, nonZero(pageCounts(host, inUsePages))),
  ];
  const { run, writes } = recordRun(host, vector);
  const { out } = vector;
  return [
    ...before,
    ...compared('exit', out.exit, run.status),
    ...compared('reason', out.reason, run.reason),
    ...compared('pages', out.pages, pageCounts(host, pagesOf)),
    ...compared('pool', out.pool, host.tree.pool.text),
    ...compared('offline', out.offline, offlineCpus(host)),
    ...comparedWrites(out.writes, writes),
  ];
}

function recordRun(host: Host, vector: AllocatorVector) {
  const writes: RecordedWrite[] = [];
  const program = allocatorProgram(host, vector.yaml, {
    driverLoaded: vector.host.driver ?? true,
  });
  let turn = program.next();
  while (!turn.done) {
    const decision = runInPlace(host, turn.value);
    writes.push(recordedWrite(turn.value, decision));
    turn = program.next({ decision, host });
  }
  const run: ServiceRun = turn.value;
  return { run, writes };
}

function recordedWrite(command: ServiceCommand, { facts }: Decision): RecordedWrite {
  const rc = facts.rc ?? 0;
  if (command.kind === 'nitro.write-pool') return ['pool', command.text, rc];
  const { node, pageKib, text } = command;
  return ['hp', node, pageKib, text, rc < 0 ? rc : (facts.pages ?? 0)];
}

/** Every write that differs, by its index; one that only one side has differs from nothing. */
function comparedWrites(
  expected: readonly RecordedWrite[],
  got: readonly RecordedWrite[],
): Mismatch[] {
  const steps = Math.max(expected.length, got.length);
  return Array.from({ length: steps }, (_, i) => compared(i, expected[i], got[i])).flat();
}

function recordedHost(recorded: AllocatorVector['host']): Host {
  const topology = recordedTopology(recorded);
  const memory = topology.nodes.map(({ id }) => recordedMemory(id, topology, recorded.mem[id]));
  const totalKib = Object.values(recorded.mem).reduce((sum, { totalKiB }) => sum + totalKiB, 0);
  const host = createHost({
    profile: nitroProfile(),
    options: {},
    parent: {
      flavor: 'custom',
      region: '',
      os: 'linux',
      bareMetal: false,
      memoryMib: Math.floor(totalKib / 1024),
    },
    topology,
    hypervisor: { ...NITRO_HYPERVISOR, kind: 'permissive' },
    memory,
  });
  if (recorded.prevPool !== undefined) {
    runInPlace(host, { kind: 'nitro.write-pool', text: `${recorded.prevPool}\n` });
  }
  for (let i = 0; i < (recorded.enclaves ?? 0); i++) {
    runInPlace(host, { kind: 'nitro.create-vm', task: 0 });
  }
  return host;
}

function recordedTopology(recorded: AllocatorVector['host']): Topology {
  const { arch, nrCpuIds, sizesKiB } = recorded;
  const cpus = (text: string) => cpusOf(text, nrCpuIds);
  const built = buildTopology({
    nrCpuIds,
    cores: recorded.cores.map(cpus),
    nodes: Object.entries(recorded.nodes).map(([id, text]) => ({
      id: Number(id),
      cpus: cpus(text),
    })),
    offline: cpus(recorded.offline ?? ''),
    architecture: arch === 'aarch64' ? 'arm64' : 'x86_64',
    pageSizesKib: sizesKiB,
  });
  if ('topology' in built) return built.topology;
  throw new Error(`recorded host: ${built.problems.map(({ message }) => message).join('; ')}`);
}

function cpusOf(text: string, nrCpuIds: number): readonly number[] {
  const parsed = parseKernelCpulist(text, nrCpuIds);
  if ('cpus' in parsed) return parsed.cpus;
  throw new Error(`recorded CPU list ${text}: ${parsed.errno}`);
}

/** Reservations are made largest size first; pages in use are the lowest ones of what fitted. */
function recordedMemory(
  node: number,
  { pageSizesKib }: Topology,
  { totalKiB, free, reserved = {} }: RecordedMemory,
): NodeMemory {
  const frameKib = pageSizesKib[0];
  const frames = Math.ceil(totalKiB / frameKib);
  const memory = createNodeMemory({ node, frameKib, frames, pageSizesKib });
  layFootprint(memory, { kind: 'explicit', freeKib: free });
  for (const size of [...pageSizesKib.keys()].reverse()) {
    const [wanted] = reserved[pageSizesKib[size]] ?? [0, 0];
    reservePages(memory, size, planHugepages(memory, size, wanted).runs);
  }
  for (const pool of memory.pools) hold(pool, reserved[pool.pageKib]?.[1] ?? 0);
  return memory;
}

function hold({ store, pageFrames }: PagePool, pages: number): void {
  for (let i = 0; i < pages; i++) {
    const start = store.findLowest(pageFrames, pageFrames);
    if (start < 0) return;
    store.allocAt(start, pageFrames, HELD);
  }
}

function pageCounts(host: Host, count: (pool: PagePool) => number): PageCounts {
  return Object.fromEntries(
    host.memory.map(({ node, pools }) => [
      node,
      Object.fromEntries(pools.map((pool) => [pool.pageKib, count(pool)])),
    ]),
  );
}

function nonZero(counts: PageCounts): PageCounts {
  const kept = Object.entries(counts).map(
    ([node, pages]) =>
      [node, Object.fromEntries(Object.entries(pages).filter(([, n]) => n > 0))] as const,
  );
  return Object.fromEntries(kept.filter(([, pages]) => Object.keys(pages).length > 0));
}

function offlineCpus({ tree }: Host): string {
  return formatCpulist(tree.online.flatMap((bit, cpu) => (bit === 0 ? [cpu] : [])));
}
