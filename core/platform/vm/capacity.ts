/**
 * What a host of plain VMs still has, per NUMA node, and where a VM's threads and frames would lie.
 *
 * Every thread is in the host's CPU pool until a VM owns it (core index of the pool = core of the
 * topology), every frame in its node's base store. Invariant: only reads, and what is found is free
 * now. Trade-off: threads are counted from the pool on each launch, O(CPUs of a node); an engine
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
  readonly vcpus: number;
  readonly frames: number;
}

/** How many threads of the node at a position are free; it stops counting at `enough`. */
export function countFreeThreads(
  { topology, tree }: Host,
  node: number,
  enough = Number.POSITIVE_INFINITY,
): number {
  const { avail } = tree.pool;
  const cores = coresOf(topology, node);
  let count = 0;
  for (let i = 0; i < cores.length && !(count >= enough); i++) {
    const cpus: readonly number[] | undefined = avail[cores[i]];
    if (cpus !== undefined) count += cpus.length;
  }
  return count;
}

/** The lowest `count` free threads of the node at a position, or all when there are fewer. */
export function lowestThreads({ topology, tree }: Host, node: number, count: number): number[] {
  const { avail } = tree.pool;
  const { cpus } = topology.nodes[node];
  // As long as it will mostly be: a list that grows from nothing takes room for seventeen.
  const found = new Array<number>(Math.min(count, cpus.length));
  let at = 0;
  for (let i = 0; i < cpus.length && at < found.length; i++) {
    const core = topology.coreOf[cpus[i]];
    if (core >= 0 && holds(avail[core], cpus[i])) found[at++] = cpus[i];
  }
  if (at < found.length) found.length = at;
  return found;
}

/**
 * The cores that lowest threads of a node, up to and with `last`, are of, by ascending core. A core
 * taken whole keeps the pool's own list, one thread has a list that all share.
 */
export function coresUpTo({ topology, tree }: Host, node: number, last: number): OwnedCore[] {
  const { avail } = tree.pool;
  const indices = coresOf(topology, node);
  const found: OwnedCore[] = [];
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    const cpus: readonly number[] | undefined = avail[index];
    if (cpus === undefined || cpus.length === 0 || cpus[0] > last) continue;
    let count = 1;
    while (count < cpus.length && cpus[count] <= last) count++;
    if (count === 1) found.push(lonelyCore(topology, index, cpus[0]));
    else found.push({ index, cpus: count === cpus.length ? cpus : cpus.slice(0, count) });
  }
  return found;
}

/** One thread of a core, owned; kept per topology, since cores shared by VMs come and go so. */
function lonelyCore(topology: Topology, index: number, cpu: number): OwnedCore {
  let kept = lonelyCores.get(topology);
  if (kept === undefined) {
    kept = topology.coreOf.map((core, one) => ({ index: core, cpus: alone(one) }));
    lonelyCores.set(topology, kept);
  }
  return kept[cpu].index === index ? kept[cpu] : { index, cpus: alone(cpu) };
}

const lonelyCores = new WeakMap<Topology, readonly OwnedCore[]>();

/** `includes` of a list as short as a core. */
function holds(cpus: readonly number[] | undefined, cpu: number): boolean {
  if (cpus === undefined) return false;
  for (let i = 0; i < cpus.length; i++) if (cpus[i] === cpu) return true;
  return false;
}

/** Cores of the node at a position, ascending, kept per topology, which never changes. */
function coresOf(topology: Topology, node: number): readonly number[] {
  let kept = coresByNode.get(topology);
  if (kept === undefined) {
    kept = topology.nodes.map(({ cpus }) =>
      [...new Set(cpus.map((cpu) => topology.coreOf[cpu]).filter((core) => core >= 0))].sort(
        (a, b) => a - b,
      ),
    );
    coresByNode.set(topology, kept);
  }
  return kept[node];
}

const coresByNode = new WeakMap<Topology, readonly (readonly number[])[]>();

export function freeFramesOf({ memory }: Host, node: number): number {
  return memory[node].base.freeFrames;
}

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
