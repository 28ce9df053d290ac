/** Which extent store an effect's (node, size) pair names. Invariant: size -1 is the base store. */
import type { ExtentStore, Handle } from '../memory/extent-store.js';
import type { NodeMemory } from '../memory/node-memory.js';

/** Size index that names a node's base store instead of one of its page pools. */
export const BASE = -1;

export function poolStore(memory: NodeMemory, size: number): ExtentStore {
  return size === BASE ? memory.base : memory.pools[size].store;
}

/** Takes the run at position `i` of flat [start, frames, …]. */
export function allocRun(
  store: ExtentStore,
  runs: readonly number[],
  i: number,
  owner: number,
): Handle {
  return store.allocAt(runs[i], runs[i + 1], owner);
}
