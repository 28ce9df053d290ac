/**
 * The extent store of a node without memory (a node that has CPUs only): a line of no frames.
 *
 * Invariant: it keeps the contract of `extent-store` for zero frames: nothing is found, nothing can
 * be taken or named, and its whole content is no bytes. Trade-off: a store of its own, because the
 * extent pool's words presuppose at least one extent and its hot path should not ask.
 */
import type { ExtentStore, StoreMark } from './extent-store.js';
import { requireOwner, requireRequest } from './pool-requests.js';

/** `granuleFrames`: what the stores of the other nodes say. */
export function createEmptyStore(granuleFrames: number): ExtentStore {
  const notFound = (frames: number, align: number): number => {
    requireRequest(frames, align, store);
    return -1;
  };
  const store: ExtentStore = {
    frames: 0,
    freeFrames: 0,
    granuleFrames,
    find: notFound,
    findLowest: notFound,
    largestGranuleRun: () => 0,
    largestFreeRun: () => 0,
    freeUnits: () => 0,
    alloc(frames, align, owner) {
      requireRequest(frames, align, store);
      requireOwner(owner);
      return 0;
    },
    allocAt: (start, frames) => absent(`frames [${start}, +${frames})`),
    free: (handle) => absent(`handle ${handle}`),
    freeRange: (start, frames) => absent(`frames [${start}, +${frames})`),
    setOwner: (handle) => absent(`handle ${handle}`),
    at: (handle) => absent(`handle ${handle}`),
    covering: (frame) => absent(`frame ${frame}`),
    extents: () => [],
    mark: () => MARK,
    rollback: () => {},
    fork: () => store,
    snapshot: () => new Uint8Array(0),
    restore(bytes) {
      if (bytes.length > 0) absent(`a snapshot of ${bytes.length} bytes`);
    },
    verifyIndex: () => [],
  };
  return store;
}

/** The only point there is to roll back to. */
const MARK = {} as StoreMark;

function absent(what: string): never {
  throw new Error(`${what} of a node without memory`);
}
