/**
 * What a host of plain VMs still has, per NUMA node, and where a VM's threads and frames would lie.
 *
 * Every thread is in the host's CPU pool until a VM owns it (core index of the pool = core of the
 * topology), every frame in its node's base store. Invariant: only reads, and what is found is free
 * now. Trade-off: threads are looked for in the pool on each launch, O(CPUs of a node); an engine
 * that needs more keeps counts beside the host.
 */
import type { Host } from '../../host/host.js';
import * as lists from '../../host/lists.js';
import type { OwnedCore } from '../../host/tree.js';
import type { ExtentStore } from '../../memory/extent-store.js';
import { FREE } from '../../memory/extent-store.js';
import type { Topology } from '../../topology/topology.js';

// Its own constants: V8 folds those, an imported binding it loads and checks for each core.
const { alone, NO_THREADS } = lists;

/** Threads and memory that one VM takes on the node at a position. */
export interface Part {
  readonly node: number;
  /** The lowest free ones, ascending. */
  readonly threads: readonly number[];
  /** Those of the threads, where they are known already. */
  readonly cores?: readonly OwnedCore[] | undefined;
  readonly frames: number;
}

/** How many threads of the node at a position are free. */
export function countFreeThreads({ topology, tree }: Host, node: number): number {
  const { avail } = tree.pool;
  let count = 0;
  for (const core of layoutOf(topology).coresOf[node]) count += avail[core]?.length ?? 0;
  return count;
}

/** Free threads and the cores they are of. */
interface Lowest {
  /** Ascending. */
  readonly threads: readonly number[];
  /** By ascending core, where these threads are one of each; undefined = ask `coresOfLowest`. */
  readonly cores: OwnedCore[] | undefined;
}

/** The lowest `count` free threads of the node at a position, or all when there are fewer. */
export function lowestThreads(host: Host, node: number, count: number): readonly number[] {
  return lowestOn(host, node, count).threads;
}

/**
 * The same with their cores, as far as both are found on one walk up the CPU ids: mostly, where the
 * numbers of siblings are half a machine apart. A count that is none, as only a diagnosis asks for,
 * finds none or all, as it compares.
 */
export function lowestOn({ topology, tree }: Host, node: number, count: number): Lowest {
  const { avail } = tree.pool;
  const { length } = topology.nodes[node].cpus;
  const most = count < length ? Math.max(0, Math.ceil(count)) : length;
  // As long as they will mostly be: a list that grows from nothing takes room for seventeen.
  const threads = new Array<number>(most);
  const cores = new Array<OwnedCore>(most);
  const { rowsOf, lonely } = layoutOf(topology);
  const rows = rowsOf[node];
  let at = 0;
  let highest = -1;
  let isAscending = true;
  for (let row = 0; row < rows.length && at < most; row += ROW) {
    const end = rows[row + 1];
    const step = rows[row + 3];
    let core = rows[row + 2];
    for (let cpu = rows[row]; cpu < end && at < most; cpu++, core += step) {
      const cpus: readonly number[] | undefined = avail[core];
      // Of a core that is taken nothing more is read than that it has the list of all such cores.
      if (cpus === NO_THREADS || cpus === undefined || !isAmong(cpus, cpu)) continue;
      if (core <= highest) isAscending = false;
      highest = core;
      threads[at] = cpu;
      cores[at++] = lonely[cpu];
    }
  }
  if (at < most) {
    threads.length = at;
    cores.length = at;
  }
  return { threads, cores: isAscending ? cores : undefined };
}

/** A loop, since it is asked of each core that has a thread, and mostly of a list of one or two. */
function isAmong(cpus: readonly number[], cpu: number): boolean {
  for (let k = 0; k < cpus.length; k++) if (cpus[k] === cpu) return true;
  return false;
}

/**
 * The cores that the lowest free threads of some nodes are of, by ascending core. A core taken whole
 * keeps the pool's own list, one thread has a list that all share.
 */
export function coresOfLowest({ topology, tree }: Host, threads: readonly number[]): OwnedCore[] {
  const { avail } = tree.pool;
  const { coreOf } = topology;
  const { lonely, taken, wholes } = layoutOf(topology);
  let first = taken.length;
  let last = -1;
  let cores = 0;
  for (let i = 0; i < threads.length; i++) {
    const core = coreOf[threads[i]];
    if (taken[core]++ === 0) cores++;
    if (core < first) first = core;
    if (core > last) last = core;
  }
  // As long as it will be: to cut a list to its length is a call into the runtime.
  const found = new Array<OwnedCore>(cores);
  let at = 0;
  for (let index = first; index <= last; index++) {
    const count = taken[index];
    if (count === 0) continue;
    taken[index] = 0;
    const cpus = avail[index];
    if (count === 1) found[at++] = lonely[cpus[0]];
    else if (count < cpus.length) found[at++] = { index, cpus: cpus.slice(0, count) };
    else {
      // The same lists come and go, so mostly it is the one that was taken here last.
      if (wholes[index].cpus !== cpus) wholes[index] = { index, cpus };
      found[at++] = wholes[index];
    }
  }
  return found;
}

/** What is asked of a topology again and again; kept, since a topology never changes. */
interface Layout {
  readonly topology: Topology;
  /** By position of a node: its cores. */
  readonly coresOf: readonly Int32Array[];
  /**
   * By position of a node: its CPU ids, ascending, as rows along which the core changes by one step:
   * flat [first CPU, the one after the last, core of the first, step, …].
   */
  readonly rowsOf: readonly Int32Array[];
  /** By CPU id: one thread of its core, owned; cores shared by VMs come and go so. */
  readonly lonely: readonly OwnedCore[];
  /** By core: threads counted there; zeros but while somebody counts. */
  readonly taken: Int32Array;
  /** By core: it as it was last taken whole, with the pool's list. */
  readonly wholes: OwnedCore[];
}

function layoutOf(topology: Topology): Layout {
  // A launch asks twice.
  if (topology === latest?.topology) return latest;
  let layout = layouts.get(topology);
  if (layout === undefined) {
    const { nodes, cores, coreOf } = topology;
    const coresOf = nodes.map(({ cpus }) =>
      Int32Array.from(new Set(cpus.map((cpu) => coreOf[cpu]))),
    );
    const lonely = coreOf.map((index, cpu) => ({ index, cpus: alone(cpu) }));
    const taken = new Int32Array(cores.length);
    const wholes = cores.map((cpus, index) => ({ index, cpus }));
    const rowsOf = nodes.map(({ cpus }) => rowsOver(cpus, coreOf));
    layout = { topology, coresOf, rowsOf, lonely, taken, wholes };
    layouts.set(topology, layout);
  }
  latest = layout;
  return layout;
}

/** Numbers that say a row. */
const ROW = 4;

/** The rows of CPU ids, each as long as it can be. */
export function rowsOver(cpus: readonly number[], coreOf: readonly number[]): Int32Array {
  const rows: number[] = [];
  const stepTo = (i: number) => coreOf[cpus[i]] - coreOf[cpus[i - 1]];
  let end = 0;
  for (let first = 0; first < cpus.length; first = end) {
    // Past the last CPU there is no core: what is not a number is kept as 0, and follows nothing.
    const step = stepTo(first + 1);
    end = first + 1;
    while (cpus[end] === cpus[end - 1] + 1 && stepTo(end) === step) end++;
    rows.push(cpus[first], cpus[end - 1] + 1, coreOf[cpus[first]], step);
  }
  return Int32Array.from(rows);
}

const layouts = new WeakMap<Topology, Layout>();
let latest: Layout | undefined;

/** Whole frames that hold `memoryMib` on the node at a position; Infinity where there is no node. */
export function framesFor({ memory }: Host, node: number, memoryMib: number): number {
  if (node < 0) return Number.POSITIVE_INFINITY;
  return Math.ceil((memoryMib * 1024) / memory[node].frameKib);
}

/**
 * Flat [start, frames, …] for `frames` free frames, as few runs as the store's free space allows:
 * one by the store's own policy, else the longest free runs first. Empty when there are too few.
 */
export function runsFor(store: ExtentStore, frames: number): number[] {
  if (frames > store.freeFrames || frames === 0) return [];
  const start = store.find(frames, 1);
  if (start >= 0) return [start, frames];
  const holes = [...store.extents()].filter(({ owner }) => owner === FREE);
  holes.sort((a, b) => b.frames - a.frames || a.start - b.start);
  const runs: number[] = [];
  let left = frames;
  for (const hole of holes) {
    const taken = Math.min(left, hole.frames);
    runs.push(hole.start, taken);
    left -= taken;
    if (left === 0) break;
  }
  return runs;
}
