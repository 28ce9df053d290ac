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

type Avail = Host['tree']['pool']['avail'];

/** Threads and memory that one VM takes on the node at a position. */
export interface Part {
  readonly node: number;
  /** The lowest free ones, ascending. */
  readonly threads: readonly number[];
  readonly frames: number;
}

/** How many threads of the node at a position are free. */
export function countFreeThreads({ topology, tree }: Host, node: number): number {
  const { avail } = tree.pool;
  let count = 0;
  for (const core of layoutOf(topology).coresOf[node]) count += avail[core]?.length ?? 0;
  return count;
}

/**
 * The lowest `count` free threads of the node at a position, or all when there are fewer. A count that
 * is none, as only a diagnosis asks for, finds none or all, as it compares.
 */
export function lowestThreads({ topology, tree }: Host, node: number, count: number): number[] {
  const { length } = topology.nodes[node].cpus;
  const most = count < length ? Math.max(0, Math.ceil(count)) : length;
  // As long as it will mostly be: a list that grows from nothing takes room for seventeen.
  const found = new Array<number>(most);
  const layout = layoutOf(topology);
  const { marks } = layout;
  const own = layout.ownOf[node];
  markFree(layout, tree.pool.avail, node);
  let at = 0;
  for (let w = 0; w < marks.length && at < most; w++) {
    for (let word = marks[w] & own[w]; word !== 0 && at < most; word &= word - 1) {
      found[at++] = 32 * w + (31 - Math.clz32(word & -word));
    }
  }
  if (at < most) found.length = at;
  return found;
}

/** Marks each free thread of the cores from the node's first to its last, whosever lie between. */
function markFree({ marks, firstOf, lastOf }: Layout, avail: Avail, node: number): void {
  const last = lastOf[node];
  for (let w = 0; w < marks.length; w++) marks[w] = 0;
  for (let core = firstOf[node]; core <= last; core++) {
    const cpus: readonly number[] | undefined = avail[core];
    // Of a core that is taken nothing more is read than that it has the list of all such cores.
    if (cpus === NO_THREADS || cpus === undefined) continue;
    for (let k = 0; k < cpus.length; k++) marks[cpus[k] >> 5] |= 1 << cpus[k];
  }
}

/**
 * The cores that the lowest free threads of a node are of, by ascending core. A core taken whole
 * keeps the pool's own list, one thread has a list that all share.
 */
export function coresOfLowest({ topology, tree }: Host, threads: readonly number[]): OwnedCore[] {
  const { coreOf } = topology;
  const layout = layoutOf(topology);
  const { lonely } = layout;
  // One core for each thread: mostly so where the numbers of siblings are half a machine apart.
  const found = new Array<OwnedCore>(threads.length);
  let below = -1;
  for (let i = 0; i < threads.length; i++) {
    const one = lonely[threads[i]];
    if (one.index <= below) return gatheredCores(tree.pool.avail, coreOf, threads, layout);
    below = one.index;
    found[i] = one;
  }
  return found;
}

function gatheredCores(
  avail: Avail,
  coreOf: readonly number[],
  threads: readonly number[],
  { lonely, taken, wholes }: Layout,
): OwnedCore[] {
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
  /** By position of a node: its lowest core and its highest. */
  readonly firstOf: Int32Array;
  readonly lastOf: Int32Array;
  /** By position of a node: a bit for each of its CPU ids, 32 a word. */
  readonly ownOf: readonly Int32Array[];
  /** By CPU id: one thread of its core, owned; cores shared by VMs come and go so. */
  readonly lonely: readonly OwnedCore[];
  /** By core: threads counted there; zeros but while somebody counts. */
  readonly taken: Int32Array;
  /** By core: it as it was last taken whole, with the pool's list. */
  readonly wholes: OwnedCore[];
  /** A bit a CPU id, 32 a word: filled anew by each look, never read after it. */
  readonly marks: Int32Array;
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
    const marks = new Int32Array((topology.nrCpuIds + 31) >> 5);
    const firstOf = Int32Array.from(coresOf, (of) => Math.max(0, Math.min(...of)));
    const lastOf = Int32Array.from(coresOf, (of) => Math.max(...of));
    const ownOf = nodes.map(({ cpus }) => bitsOf(cpus, marks.length));
    layout = { topology, coresOf, firstOf, lastOf, ownOf, lonely, taken, wholes, marks };
    layouts.set(topology, layout);
  }
  latest = layout;
  return layout;
}

function bitsOf(cpus: readonly number[], words: number): Int32Array {
  const bits = new Int32Array(words);
  for (const cpu of cpus) bits[cpu >> 5] |= 1 << cpu;
  return bits;
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
