/**
 * What a host of plain VMs still has, per NUMA node, and where a VM's threads and frames would lie.
 *
 * Every thread is in the host's CPU pool until a VM owns it (core index of the pool = core of the
 * topology), every frame in its node's base store. Invariant: only reads, and what is found is free
 * now. Trade-off: threads are looked for in the pool on each launch, O(CPUs of a node); an engine
 * that needs more keeps counts beside the host.
 */
import type { Host } from '../../host/host.js';
import { alone } from '../../host/lists.js';
import type { OwnedCore } from '../../host/tree.js';
import type { ExtentStore } from '../../memory/extent-store.js';
import { FREE } from '../../memory/extent-store.js';
import type { Topology } from '../../topology/topology.js';

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
  const { avail } = tree.pool;
  const { coreOf } = topology;
  const { cpus } = topology.nodes[node];
  // As long as it will mostly be: a list that grows from nothing takes room for seventeen.
  const most = count < cpus.length ? Math.max(0, Math.ceil(count)) : cpus.length;
  const found = new Array<number>(most);
  let at = 0;
  for (let i = 0; i < cpus.length && at < most; i++) {
    const cpu = cpus[i];
    const core = coreOf[cpu];
    if (core >= 0 && holds(avail[core], cpu)) found[at++] = cpu;
  }
  if (at < most) found.length = at;
  return found;
}

/** `includes` of a list as short as a core. */
function holds(cpus: readonly number[] | undefined, cpu: number): boolean {
  if (cpus === undefined) return false;
  for (let i = 0; i < cpus.length; i++) if (cpus[i] === cpu) return true;
  return false;
}

/**
 * The cores that the lowest free threads of a node are of, by ascending core. A core taken whole
 * keeps the pool's own list, one thread has a list that all share.
 */
export function coresOfLowest(
  { topology, tree }: Host,
  node: number,
  threads: readonly number[],
): OwnedCore[] {
  const { avail } = tree.pool;
  const { coresOf, lonely } = layoutOf(topology);
  const indices = coresOf[node];
  const last = threads[threads.length - 1];
  const found = new Array<OwnedCore>(threads.length);
  let at = 0;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    const cpus: readonly number[] | undefined = avail[index];
    if (cpus === undefined || cpus.length === 0 || cpus[0] > last) continue;
    let count = 1;
    while (count < cpus.length && cpus[count] <= last) count++;
    if (count === 1 && lonely[cpus[0]].index === index) found[at++] = lonely[cpus[0]];
    else found[at++] = { index, cpus: count === cpus.length ? cpus : cpus.slice(0, count) };
  }
  if (at < found.length) found.length = at;
  return found;
}

/** What is asked of a topology again and again; kept, since a topology never changes. */
interface Layout {
  /** By position of a node: its cores, ascending. */
  readonly coresOf: readonly (readonly number[])[];
  /** By CPU id: one thread of its core, owned; cores shared by VMs come and go so. */
  readonly lonely: readonly OwnedCore[];
}

function layoutOf(topology: Topology): Layout {
  let layout = layouts.get(topology);
  if (layout === undefined) {
    const { nodes, coreOf } = topology;
    const coresOf = nodes.map(({ cpus }) =>
      [...new Set(cpus.map((cpu) => coreOf[cpu]).filter((core) => core >= 0))].sort(
        (a, b) => a - b,
      ),
    );
    layout = { coresOf, lonely: coreOf.map((index, cpu) => ({ index, cpus: alone(cpu) })) };
    layouts.set(topology, layout);
  }
  return layout;
}

const layouts = new WeakMap<Topology, Layout>();

/** Whole frames that hold `memoryMib` on the node at a position. */
export function framesFor({ memory }: Host, node: number, memoryMib: number): number {
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
