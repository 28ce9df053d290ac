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

/** Threads and memory that one VM takes on the node at a position. */
export interface Part {
  readonly node: number;
  readonly vcpus: number;
  readonly frames: number;
}

export function freeThreads({ topology, tree }: Host, node: number): number[] {
  const { avail } = tree.pool;
  return topology.nodes[node].cpus.filter((cpu) => {
    const core = topology.coreOf[cpu];
    return core >= 0 && avail[core]?.includes(cpu) === true;
  });
}

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
