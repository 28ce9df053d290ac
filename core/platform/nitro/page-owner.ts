/**
 * Whose page a frame is: looks through a node's base store into the page pool that holds the frame.
 *
 * Invariant: answers only for frames inside a page pool; others have no holder that maps them.
 */
import type { Extent } from '../../memory/extent-store.js';
import { type NodeMemory, POOL } from '../../memory/node-memory.js';

/** The pool extent that covers a frame, with the pool's size index. */
export interface PoolExtent extends Extent {
  readonly size: number;
}

export function poolOwnerAt(memory: NodeMemory, frame: number): PoolExtent | undefined {
  const { owner } = memory.base.covering(frame);
  if (owner < POOL || owner >= POOL + memory.pools.length) return undefined;
  const size = owner - POOL;
  const { start, frames, owner: holder, handle } = memory.pools[size].store.covering(frame);
  return { start, frames, owner: holder, handle, size };
}
