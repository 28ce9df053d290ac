/**
 * A node's memory that tells what of it is looked at: where it is free, or all of it.
 *
 * Whoever searches a place or counts free frames gets the same answer whoever holds the rest; only
 * who asks for extents, handles or owners looks at the whole. Invariant: every reading of a store
 * tells one of the two facets first; writing throws, for a rule only reads. Trade-off: frames, page
 * sizes and the granule are fixed for a host's life and told to nobody.
 */
import type { ExtentStore } from '../memory/extent-store.js';
import type { NodeMemory } from '../memory/node-memory.js';

export interface MemoryWatch {
  /** Told before anything is answered that depends on which frames are free. */
  readonly noteFree: () => void;
  /** Told before anything else of the content is answered. */
  readonly noteAll: () => void;
}

export function watchMemory(memory: NodeMemory, { noteFree, noteAll }: MemoryWatch): NodeMemory {
  const whole = <Answer>(ask: () => Answer): Answer => {
    noteAll();
    return ask();
  };
  const free = <Answer>(ask: () => Answer): Answer => {
    noteFree();
    return ask();
  };
  const watched = (store: ExtentStore): ExtentStore => ({
    frames: store.frames,
    granuleFrames: store.granuleFrames,
    get freeFrames() {
      return free(() => store.freeFrames);
    },
    find: (frames, align) => free(() => store.find(frames, align)),
    findLowest: (frames, align, from) => free(() => store.findLowest(frames, align, from)),
    largestGranuleRun: () => free(() => store.largestGranuleRun()),
    largestFreeRun: () => free(() => store.largestFreeRun()),
    freeUnits: (unit) => free(() => store.freeUnits(unit)),
    at: (handle) => whole(() => store.at(handle)),
    covering: (frame) => whole(() => store.covering(frame)),
    extents: () => whole(() => store.extents()),
    mark: () => whole(() => store.mark()),
    fork: () => whole(() => store.fork()),
    snapshot: () => whole(() => store.snapshot()),
    verifyIndex: () => whole(() => store.verifyIndex()),
    alloc: written,
    allocAt: written,
    free: written,
    freeRange: written,
    setOwner: written,
    rollback: written,
    restore: written,
  });
  return {
    node: memory.node,
    frameKib: memory.frameKib,
    base: watched(memory.base),
    pools: memory.pools.map((pool) => ({ ...pool, store: watched(pool.store) })),
    mark: () => whole(() => memory.mark()),
    fork: () => whole(() => memory.fork()),
    snapshot: () => whole(() => memory.snapshot()),
    verifyIndex: () => whole(() => memory.verifyIndex()),
    rollback: written,
  };
}

function written(): never {
  throw new Error('a rule only reads: it may not write a store');
}
