/**
 * How broken up free memory is, measured as Linux measures it.
 *
 * All figures are about a request for one aligned unit of `unit` frames; the order of a request is
 * log2(unit). Linux counts free buddy blocks; here each free run is cut into the blocks a buddy
 * allocator would keep: naturally aligned powers of two, greedily largest.
 * Source: Linux mm/vmstat.c, unusable_free_index and __fragmentation_index; both are thousandths.
 *
 * Invariant: reads only; integers only, rounded down where the kernel rounds down.
 * Trade-off: [M] the kernel's blocks end at its largest order; these do not, so the index of a 1
 * GiB request is defined although the kernel's lists never hold such a block.
 */

import type { ExtentStore } from './extent-store.js';
import { FREE } from './extent-store.js';
import { unitsIn } from './frame-math.js';

export interface Fragmentation {
  /** Frames of one unit; a power of two. */
  readonly unit: number;
  readonly freeFrames: number;
  /** Aligned, wholly free units: pages of this size still possible. */
  readonly units: number;
  /** Longest free run, aligned or not. */
  readonly largestRunFrames: number;
  /** Longest run of consecutive units. */
  readonly largestAlignedRunFrames: number;
  /** Thousandths of the free memory that no unit can come from; 1000 when nothing is free. */
  readonly unusableFreeIndex: number;
  /**
   * Why one unit could not be had: -1000 = it can; towards 0 = too little memory is free; towards
   * 1000 = enough is free, in pieces. 0 when nothing is free.
   */
  readonly fragmentationIndex: number;
}

/** Measures a store's free memory against requests of `unit` frames (a power of two). */
export function fragmentationOf(store: ExtentStore, unit: number): Fragmentation {
  if (!isPowerOfTwo(unit)) throw new Error(`unit of ${unit} frames: not a power of two`);
  const { units, mostUnits } = unitsOf(store, unit);
  const { freeFrames } = store;
  const unusable = freeFrames - units * unit;
  return {
    unit,
    freeFrames,
    units,
    largestRunFrames: store.largestFreeRun(),
    largestAlignedRunFrames: mostUnits * unit,
    unusableFreeIndex: freeFrames === 0 ? 1000 : Math.floor((unusable * 1000) / freeFrames),
    fragmentationIndex: fragmentationIndex(store, unit, units),
  };
}

/** Unusable-free index (thousandths) of orders 0…maxOrder, as Linux's debugfs extfrag lists it. */
export function unusableFreeByOrder(store: ExtentStore, maxOrder: number): number[] {
  return Array.from({ length: maxOrder + 1 }, (_, order) => {
    return fragmentationOf(store, 2 ** order).unusableFreeIndex;
  });
}

/** A store keeps the count of its granules; other units are counted run by run. */
function unitsOf(store: ExtentStore, unit: number): { units: number; mostUnits: number } {
  if (unit === store.granuleFrames) {
    return { units: store.freeUnits(unit), mostUnits: store.largestGranuleRun() / unit };
  }
  let units = 0;
  let mostUnits = 0;
  for (const { start, frames, owner } of store.extents()) {
    if (owner !== FREE) continue;
    const here = unitsIn(start, frames, unit);
    units += here;
    mostUnits = Math.max(mostUnits, here);
  }
  return { units, mostUnits };
}

function fragmentationIndex(store: ExtentStore, unit: number, units: number): number {
  if (units > 0) return -1000;
  let blocks = 0;
  for (const { start, frames, owner } of store.extents()) {
    if (owner === FREE) blocks += buddyBlocks(start, frames);
  }
  if (blocks === 0) return 0;
  const share = Math.floor((store.freeFrames * 1000) / unit);
  return 1000 - Math.floor((1000 + share) / blocks);
}

/** Naturally aligned power-of-two blocks that a free run consists of. */
function buddyBlocks(start: number, frames: number): number {
  const end = start + frames;
  let at = start;
  let size = 1;
  let blocks = 0;
  for (; at + 2 * size <= end; size *= 2) {
    if (at % (2 * size) === 0) continue;
    blocks++;
    at += size;
  }
  while (at < end) {
    if (at + size > end) {
      size /= 2;
      continue;
    }
    blocks++;
    at += size;
  }
  return blocks;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && value < 2 ** 31 && (value & (value - 1)) === 0;
}
