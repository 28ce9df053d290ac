/**
 * The CPU layout of a parent VM: which threads form a core, which CPUs belong to a NUMA node.
 *
 * Invariant: in a built topology every present CPU is in exactly one core and in at most one node,
 * and all threads of a core are on the same node. Everything else a host description may say wrongly
 * is answered as a list of problems, all at once, never thrown.
 *
 * CPU ids below `nrCpuIds` that no core names are possible but not present. A core's number is its
 * position in the given list. Node id -1 is the kernel's "no node" (Linux NUMA_NO_NODE): such CPUs
 * get `nodeOf` -1 and the entry is not a node. A node may have no CPUs, and nodes may be unequal.
 * Trade-off: lookups are dense arrays by CPU id; ids are small, so simplicity wins over sparseness.
 */

import { sortAscending } from './ascending.js';
import { checkLastLevelCaches } from './last-level-cache.js';

export type Architecture = 'x86_64' | 'arm64';

/** A host as a person, a capture or a catalogue describes it. Ids are CPU ids. */
export interface TopologySpec {
  /** Number of possible CPU ids; by default the highest id named + 1. */
  readonly nrCpuIds?: number;
  /** One list of threads a core. */
  readonly cores: readonly (readonly number[])[];
  readonly nodes: readonly NumaNode[];
  /** CPUs that are present but offline at boot. */
  readonly offline?: readonly number[];
  /** By default x86_64. */
  readonly architecture?: Architecture;
  /** Hugepage sizes in KiB, any order; by default those of the architecture. */
  readonly pageSizesKib?: readonly number[];
  /** One list of CPUs a last-level cache; absent = unknown. */
  readonly lastLevelCaches?: readonly (readonly number[])[];
}

export interface NumaNode {
  readonly id: number;
  readonly cpus: readonly number[];
}

export interface Topology {
  readonly architecture: Architecture;
  readonly nrCpuIds: number;
  /** Each core's threads, ascending. */
  readonly cores: readonly (readonly number[])[];
  /** Ascending by id, each with its present CPUs ascending; never the id -1. */
  readonly nodes: readonly NumaNode[];
  /** Per CPU id: its node's id, -1 when the kernel has none for it. */
  readonly nodeOf: readonly number[];
  /** Per CPU id: index into `cores`, -1 when not present. */
  readonly coreOf: readonly number[];
  /** Hugepage sizes in KiB, ascending. */
  readonly pageSizesKib: readonly number[];
  /** Present CPUs that are offline at boot, ascending. */
  readonly offline: readonly number[];
  /** CPUs of each last-level cache, ascending; absent = unknown. */
  readonly lastLevelCaches?: readonly (readonly number[])[];
}

export type TopologyProblemCode =
  | 'bad-cpu-count'
  | 'bad-architecture'
  | 'no-cores'
  | 'empty-core'
  | 'bad-cpu-id'
  | 'cpu-outside-range'
  | 'cpu-in-two-cores'
  | 'cpu-in-two-nodes'
  | 'core-across-nodes'
  | 'bad-node-id'
  | 'duplicate-node'
  | 'offline-not-present'
  | 'bad-page-size'
  | 'cache-cpu-not-present'
  | 'cpu-in-two-caches'
  | 'cpu-without-cache'
  | 'core-across-caches';

/** One thing wrong with a spec; `path` says where, such as `nodes[1].cpus[0]`. */
export interface TopologyProblem {
  readonly code: TopologyProblemCode;
  readonly message: string;
  readonly path: string;
}

/**
 * Hugepage sizes in KiB Linux offers: x86_64 has 2 MiB and 1 GiB pages; arm64 with 4 KiB base pages
 * adds the contiguous-bit sizes 64 KiB and 32 MiB (Linux Documentation/arch/arm64/hugetlbpage.rst).
 */
const DEFAULT_PAGE_SIZES_KIB: Readonly<Record<Architecture, readonly number[]>> = {
  x86_64: [2048, 1_048_576],
  arm64: [64, 2048, 32_768, 1_048_576],
};

/** NUMA_NO_NODE. */
const NO_NODE = -1;

/** The most CPU ids a Linux build can have (x86 CONFIG_NR_CPUS with MAXSMP). */
export const MOST_CPU_IDS = 8192;

/** Checks a spec and builds its topology, or names every problem found. */
export function buildTopology(
  spec: TopologySpec,
): { readonly topology: Topology } | { readonly problems: readonly TopologyProblem[] } {
  const problems: TopologyProblem[] = [];
  const nrCpuIds = spec.nrCpuIds ?? Math.min(highestCpu(spec) + 1, MOST_CPU_IDS);
  if (!Number.isSafeInteger(nrCpuIds) || nrCpuIds < 0 || nrCpuIds > MOST_CPU_IDS) {
    const message = `${nrCpuIds} CPU ids: a whole number up to ${MOST_CPU_IDS} is needed`;
    return { problems: [{ code: 'bad-cpu-count', message, path: 'nrCpuIds' }] };
  }
  const coreOf = assignCores(spec, nrCpuIds, problems);
  const nodeOf = assignNodes(spec, nrCpuIds, problems);
  checkOffline(spec, coreOf, problems);
  const architecture = spec.architecture ?? 'x86_64';
  const known = Object.hasOwn(DEFAULT_PAGE_SIZES_KIB, architecture);
  if (!known) {
    const message = `architecture ${architecture}: known are x86_64 and arm64`;
    problems.push({ code: 'bad-architecture', message, path: 'architecture' });
  }
  const defaultSizes = known ? DEFAULT_PAGE_SIZES_KIB[architecture] : [2048];
  const pageSizesKib = ascending(spec.pageSizesKib ?? defaultSizes);
  checkPageSizes(pageSizesKib, problems);
  // Only meaningful once every CPU has one place; before that it would echo the real mistake.
  if (problems.length === 0) {
    checkCoresOnOneNode(spec, nodeOf, problems);
    checkLastLevelCaches(spec, coreOf, problems);
  }
  if (problems.length > 0) return { problems };
  const nodes = spec.nodes
    .filter((node) => node.id !== NO_NODE)
    .map(({ id, cpus }) => ({ id, cpus: ascending(cpus.filter((cpu) => coreOf[cpu] >= 0)) }))
    .sort((a, b) => a.id - b.id);
  const cores = spec.cores.map(ascending);
  const offline = ascending([...new Set(spec.offline ?? [])]);
  // Copies by spread, since V8 asks of an array that was made by its length whether each read is a hole.
  const byCpu = { nodeOf: [...nodeOf], coreOf: [...coreOf] };
  const placed = { architecture, nrCpuIds, cores, nodes, ...byCpu, pageSizesKib, offline };
  const caches = spec.lastLevelCaches?.map(ascending);
  return { topology: caches === undefined ? placed : { ...placed, lastLevelCaches: caches } };
}

/** All threads of a CPU's core, itself included, ascending; empty when the CPU is not present. */
export function siblingsOf(topology: Topology, cpu: number): readonly number[] {
  const core = topology.coreOf[cpu] ?? -1;
  return core < 0 ? [] : topology.cores[core];
}

function ascending(numbers: readonly number[]): number[] {
  return sortAscending(numbers.slice());
}

function highestCpu(spec: TopologySpec): number {
  let highest = -1;
  for (const list of [...spec.cores, ...spec.nodes.map((node) => node.cpus)]) {
    for (const cpu of list) if (cpu > highest) highest = cpu;
  }
  return highest;
}

/** Says whether a CPU id may be used as an index; reports it when not. */
function checkCpu(
  cpu: number,
  nrCpuIds: number,
  path: () => string,
  out: TopologyProblem[],
): boolean {
  if (!Number.isSafeInteger(cpu) || cpu < 0) {
    out.push({ code: 'bad-cpu-id', message: `${cpu} is not a CPU id (0, 1, 2, …)`, path: path() });
    return false;
  }
  if (cpu < nrCpuIds) return true;
  const message = `CPU ${cpu} is outside 0-${nrCpuIds - 1}, the ids this host can have`;
  out.push({ code: 'cpu-outside-range', message, path: path() });
  return false;
}

function assignCores(spec: TopologySpec, nrCpuIds: number, out: TopologyProblem[]): number[] {
  const coreOf = new Array<number>(Math.max(0, nrCpuIds)).fill(-1);
  if (spec.cores.length === 0) {
    out.push({ code: 'no-cores', message: 'a host needs at least one core', path: 'cores' });
  }
  spec.cores.forEach((threads, core) => {
    if (threads.length === 0) {
      const message = `core ${core} has no threads`;
      out.push({ code: 'empty-core', message, path: `cores[${core}]` });
    }
    threads.forEach((cpu, index) => {
      const path = () => `cores[${core}][${index}]`;
      if (!checkCpu(cpu, nrCpuIds, path, out)) return;
      if (coreOf[cpu] >= 0) {
        const message = `CPU ${cpu} is already a thread of core ${coreOf[cpu]}`;
        out.push({ code: 'cpu-in-two-cores', message, path: path() });
      }
      coreOf[cpu] = core;
    });
  });
  return coreOf;
}

function assignNodes(spec: TopologySpec, nrCpuIds: number, out: TopologyProblem[]): number[] {
  const nodeOf = new Array<number>(Math.max(0, nrCpuIds)).fill(NO_NODE);
  const nodeIds = new Set<number>();
  const placed = new Set<number>();
  spec.nodes.forEach(({ id, cpus }, position) => {
    const path = `nodes[${position}]`;
    if (!Number.isSafeInteger(id) || id < NO_NODE) {
      const message = `${id} is not a NUMA node number (0, 1, …; -1 for "no node")`;
      out.push({ code: 'bad-node-id', message, path: `${path}.id` });
    } else if (nodeIds.has(id)) {
      const message = `NUMA node ${id} is described twice`;
      out.push({ code: 'duplicate-node', message, path: `${path}.id` });
    }
    nodeIds.add(id);
    cpus.forEach((cpu, index) => {
      const cpuPath = () => `${path}.cpus[${index}]`;
      if (!checkCpu(cpu, nrCpuIds, cpuPath, out)) return;
      if (placed.has(cpu)) {
        const message = `CPU ${cpu} is already on NUMA node ${nodeOf[cpu]}`;
        out.push({ code: 'cpu-in-two-nodes', message, path: cpuPath() });
      }
      placed.add(cpu);
      nodeOf[cpu] = id;
    });
  });
  return nodeOf;
}

function checkCoresOnOneNode(
  spec: TopologySpec,
  nodeOf: readonly number[],
  out: TopologyProblem[],
): void {
  spec.cores.forEach((threads, core) => {
    if (threads.every((cpu) => nodeOf[cpu] === nodeOf[threads[0]])) return;
    const nodes = new Set(threads.map((cpu) => nodeOf[cpu]));
    const message = `core ${core} has threads on NUMA nodes ${[...nodes].join(' and ')}`;
    out.push({ code: 'core-across-nodes', message, path: `cores[${core}]` });
  });
}

function checkOffline(spec: TopologySpec, coreOf: readonly number[], out: TopologyProblem[]): void {
  (spec.offline ?? []).forEach((cpu, index) => {
    if ((coreOf[cpu] ?? -1) >= 0) return;
    const message = `CPU ${cpu} cannot be offline at boot: no core names it`;
    out.push({ code: 'offline-not-present', message, path: `offline[${index}]` });
  });
}

/** Each size must be a whole multiple of the next smaller one, so that pages nest. */
function checkPageSizes(sizesKib: readonly number[], out: TopologyProblem[]): void {
  if (sizesKib.length === 0) {
    const message = 'a host needs at least one page size';
    out.push({ code: 'bad-page-size', message, path: 'pageSizesKib' });
  }
  sizesKib.forEach((sizeKib, index) => {
    const path = `pageSizesKib (${sizeKib})`;
    if (!Number.isSafeInteger(sizeKib) || sizeKib <= 0) {
      const message = `${sizeKib} is not a page size in whole KiB`;
      out.push({ code: 'bad-page-size', message, path });
    } else if (index > 0 && (sizeKib === sizesKib[index - 1] || sizeKib % sizesKib[index - 1])) {
      const message = `${sizeKib} KiB is not a larger multiple of ${sizesKib[index - 1]} KiB`;
      out.push({ code: 'bad-page-size', message, path });
    }
  });
}
