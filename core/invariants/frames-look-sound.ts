/**
 * The frames' part of looks-sound: one pass over the extents of every store of a host.
 *
 * Invariant: it reads the extents, never a store's own sums, which it compares. Trade-off: it counts
 * what enclaves own and leaves it to the records to name as many.
 */
import type { Host } from '../host/host.js';
import { isEnclaveOwner } from '../host/owner.js';
import { FREE } from '../memory/extent-store.js';
import { type NodeMemory, OUTSIDE, POOL } from '../memory/node-memory.js';

export interface Frames {
  /** Extents that enclaves own. */
  ofEnclaves: number;
  /** KiB inside page pools, free or held. */
  pooledKib: number;
}

/** undefined = look closer. */
export function framesLookSound({ memory }: Host): Frames | undefined {
  const sums: Frames = { ofEnclaves: 0, pooledKib: 0 };
  for (let node = 0; node < memory.length; node++) {
    const given: number[] = [];
    if (!baseLooksSound(memory[node], given, sums)) return undefined;
    for (let size = 0; size < memory[node].pools.length; size++) {
      if (!poolLooksSound(memory[node], size, given[size] ?? 0, sums)) return undefined;
    }
  }
  return sums;
}

/** `given` takes the frames that each page pool was given. */
function baseLooksSound({ base }: NodeMemory, given: number[], sums: Frames): boolean {
  let all = 0;
  let free = 0;
  for (const { frames, owner } of base.extents()) {
    all += frames;
    if (owner === FREE) free += frames;
    else if (isEnclaveOwner(owner)) sums.ofEnclaves++;
    else if (owner >= POOL) given[owner - POOL] = (given[owner - POOL] ?? 0) + frames;
  }
  return all === base.frames && free === base.freeFrames;
}

function poolLooksSound(
  { base, pools, frameKib }: NodeMemory,
  size: number,
  given: number,
  sums: Frames,
): boolean {
  const { store, pageFrames } = pools[size];
  let all = 0;
  let free = 0;
  let inside = 0;
  let below = base.covering(0);
  for (const { start, frames, owner } of store.extents()) {
    all += frames;
    if (owner === OUTSIDE) continue;
    inside += frames;
    if (owner === FREE) free += frames;
    else if (isEnclaveOwner(owner)) sums.ofEnclaves++;
    if (start % pageFrames !== 0 || frames % pageFrames !== 0) return false;
    for (let at = start; at < start + frames; at = below.start + below.frames) {
      if (at >= below.start + below.frames) below = base.covering(at);
      if (below.owner !== POOL + size) return false;
    }
  }
  sums.pooledKib += inside * frameKib;
  return all === store.frames && free === store.freeFrames && inside === given;
}
