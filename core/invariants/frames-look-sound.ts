/**
 * The frames' part of looks-sound: one pass over the extents of every store of a host.
 *
 * Invariant: it reads the extents, never a store's own sums, which it compares. Trade-off: it counts
 * what enclaves own and leaves it to the records to name as many. Its lists are the same ones each
 * time: filled anew, they never outlive a look.
 */
import type { Host } from '../host/host.js';
import { HELD, isEnclaveOwner, SCRUBBED } from '../host/owner.js';
import { ExtentList } from '../memory/extent-list.js';
import { FREE } from '../memory/extent-store.js';
import { LEAKED, type NodeMemory, OUTSIDE, POOL } from '../memory/node-memory.js';

export interface Frames {
  /** Extents that enclaves own. */
  ofEnclaves: number;
  /** Extents scrubbed, held or leaked: on the way back, or lost. */
  between: number;
  /** KiB inside page pools, free or held. */
  pooledKib: number;
  /** Size of the pages inside them; MIXED = not all of one. */
  pageKib: number;
}

const MIXED = -1;

/** undefined = look closer. */
export function framesLookSound({ memory }: Host): Frames | undefined {
  const sums: Frames = { ofEnclaves: 0, between: 0, pooledKib: 0, pageKib: 0 };
  for (let node = 0; node < memory.length; node++) {
    if (!baseLooksSound(memory[node], sums)) return undefined;
    for (let size = 0; size < memory[node].pools.length; size++) {
      if (!poolLooksSound(memory[node], size, sums)) return undefined;
    }
  }
  return sums;
}

/** Of the node looked at. */
const inBase = new ExtentList();
const inPool = new ExtentList();

function baseLooksSound({ base }: NodeMemory, sums: Frames): boolean {
  inBase.fill(base);
  const { count, starts, frames, owners } = inBase;
  let all = 0;
  let free = 0;
  for (let i = 0; i < count; i++) {
    const owner = owners[i];
    if (starts[i] !== all) return false;
    all += frames[i];
    if (owner === FREE) free += frames[i];
    else if (isEnclaveOwner(owner)) sums.ofEnclaves++;
    else if (owner === SCRUBBED || owner === HELD) sums.between++;
  }
  return all === base.frames && free === base.freeFrames;
}

/** Whole pages, all of them the pool's in the base store too, and as many as it was given there. */
function poolLooksSound({ pools, frameKib }: NodeMemory, size: number, sums: Frames): boolean {
  const { store, pageFrames, pageKib } = pools[size];
  inPool.fill(store);
  const { count, starts, frames, owners } = inPool;
  let all = 0;
  let free = 0;
  let inside = 0;
  // Both lists ascend, so each extent of base is looked at once.
  let below = 0;
  for (let i = 0; i < count; i++) {
    const owner = owners[i];
    if (starts[i] !== all) return false;
    all += frames[i];
    if (owner === OUTSIDE) continue;
    inside += frames[i];
    if (owner === FREE) free += frames[i];
    else if (isEnclaveOwner(owner)) sums.ofEnclaves++;
    else if (owner === SCRUBBED || owner === HELD || owner === LEAKED) sums.between++;
    if (starts[i] % pageFrames !== 0 || frames[i] % pageFrames !== 0) return false;
    const end = starts[i] + frames[i];
    // Base was found whole, so it has an extent that ends behind any frame of the pool.
    while (endOf(below) <= starts[i]) below++;
    while (below < inBase.count && inBase.starts[below] < end) {
      if (inBase.owners[below] !== POOL + size) return false;
      below++;
    }
  }
  if (inside > 0) {
    sums.pageKib = sums.pooledKib === 0 || sums.pageKib === pageKib ? pageKib : MIXED;
    sums.pooledKib += inside * frameKib;
  }
  return all === store.frames && free === store.freeFrames && inside === givenTo(size);
}

function endOf(at: number): number {
  return inBase.starts[at] + inBase.frames[at];
}

/** Frames that base has given to a page pool. */
function givenTo(size: number): number {
  let given = 0;
  for (let i = 0; i < inBase.count; i++) {
    if (inBase.owners[i] === POOL + size) given += inBase.frames[i];
  }
  return given;
}
