/**
 * What a host of plain VMs still has, per NUMA node, and where a VM's threads and frames would lie.
 *
 * Every thread is in the host's CPU pool until a VM owns it (core index of the pool = core of the
 * topology), every frame in its node's base store. Invariant: only reads, and what is found is free
 * now. Trade-off: threads are counted from the pool on each launch, O(CPUs of a node); an engine
 * that needs more keeps counts beside the host.
 */
import type { Host } from '../../host/host.js';
import type { ExtentStore } from '../../memory/extent-store.js';
import { FREE } from '../../memory/extent-store.js';
import type { Topology } from '../../topology/topology.js';

/** Threads and memory that one VM takes on the node at a position. */
export interface Part {
  readonly node: number;
  readonly vcpus: number;
  readonly frames: number;
}

/** How many threads of the node at a position are free. */
export function countFreeThreads({ topology, tree }: Host, node: number): number {
  const { avail } = tree.pool;
  const cores = coresOf(topology, node);
  let count = 0;
  for (let i = 0; i < cores.length; i++) {
    const cpus: readonly number[] | undefined = avail[cores[i]];
    if (cpus !== undefined) count += cpus.length;
  }
  return count;
}

/** The lowest `count` free threads of the node at a position, or all when there are fewer. */
export function lowestThreads({ topology, tree }: Host, node: number, count: number): number[] {
  const { avail } = tree.pool;
  const { cpus } = topology.nodes[node];
  const found: number[] = [];
  for (let i = 0; i < cpus.length && found.length < count; i++) {
    const core = topology.coreOf[cpus[i]];
    if (core >= 0 && holds(avail[core], cpus[i])) found.push(cpus[i]);
  }
  return found;
}

/** `includes` of a list as short as a core. */
function holds(cpus: readonly number[] | undefined, cpu: number): boolean {
  if (cpus === undefined) return false;
  for (let i = 0; i < cpus.length; i++) if (cpus[i] === cpu) return true;
  return false;
}

/** Cores of the node at a position, kept per topology, which never changes. */
function coresOf(topology: Topology, node: number): readonly number[] {
  let kept = coresByNode.get(topology);
  if (kept === undefined) {
    kept = topology.nodes.map(({ cpus }) => [
      ...new Set(cpus.map((cpu) => topology.coreOf[cpu]).filter((core) => core >= 0)),
    ]);
    coresByNode.set(topology, kept);
  }
  return kept[node];
}

const coresByNode = new WeakMap<Topology, readonly (readonly number[])[]>();

export function freeFramesOf({ memory }: Host, node: number): number {
  return memory[node].base.freeFrames;
}

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
