/**
 * How broken up free memory is, measured as Linux measures it.
 *
 * All figures are about a request for one aligned unit of `unit` frames; the order of a request is
 * log2(unit). Linux counts free buddy blocks; here each free run is cut into the blocks a buddy
 * allocator would keep: naturally aligned powers of two, greedily largest.
 * Source: Linux mm/vmstat.c, unusable_free_index and __fragmentation_index; both are thousandths.
 *
 * Invariant: reads only; integers only, rounded down where the kernel rounds down.
 * Cost: O(1) in a measured pool (`PoolShape.measured`), but for the longest run under best fit with granules of
 * more than 512 frames (see `extent-store`). Others look for units above a granule among
 * their runs of whole granules where they are granule-aware, else, and for the blocks, which are only
 * asked for when no unit is free, among all extents. The largest aligned run likewise, but that units
 * below a granule are walked for in every pool.
 * Trade-off: [M] the kernel's blocks end at its largest order; these do not, so the index of a 1
 * GiB request is defined although the kernel's lists never hold such a block.
 */

import type { ExtentStore } from './extent-store.js';
import { FREE } from './extent-store.js';
import { unitsIn } from './frame-math.js';
import { buddyBlocks, orderOf } from './order-counts.js';

/** A node has fewer than 2^31 frames. */
const LARGEST_UNIT = 2 ** 30;

export interface Fragmentation {
  /** Frames of one unit; a power of two. */
  readonly unit: number;
  readonly freeFrames: number;
  /** Aligned, wholly free units: pages of this size still possible. */
  readonly units: number;
  /** Longest free run, aligned or not. */
  readonly largestRunFrames: number;
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
  requireOrder(unit);
  const units = store.freeUnits(unit);
  const { freeFrames } = store;
  const unusable = freeFrames - units * unit;
  return {
    unit,
    freeFrames,
    units,
    largestRunFrames: store.largestFreeRun(),
    // From 0 to 1000, so that cutting off what stands behind the point rounds down.
    unusableFreeIndex: freeFrames === 0 ? 1000 : ((unusable * 1000) / freeFrames) | 0,
    fragmentationIndex: fragmentationIndex(store, unit, units),
  };
}

/** Unusable-free index (thousandths) of orders 0…maxOrder, as Linux's debugfs extfrag lists it. */
export function unusableFreeByOrder(store: ExtentStore, maxOrder: number): number[] {
  if (!Number.isInteger(maxOrder) || orderOf(2 ** maxOrder) < 0) {
    throw new Error(`orders up to ${maxOrder}: the last one is a whole number from 0 to 30`);
  }
  return Array.from({ length: maxOrder + 1 }, (_, order) => {
    return fragmentationOf(store, 2 ** order).unusableFreeIndex;
  });
}

/** Frames of the longest run of consecutive, aligned units of `unit` frames (a power of two). */
export function largestAlignedRun(store: ExtentStore, unit: number): number {
  const unitOrder = requireOrder(unit);
  const { granuleFrames } = store;
  if (unit === granuleFrames) return store.largestGranuleRun();
  const order = unitOrder - orderOf(granuleFrames);
  const known = order < 0 ? undefined : store.knownAlignedRun?.(order);
  if (known !== undefined) return known;
  let most = 0;
  for (const { start, frames, owner } of store.extents()) {
    if (owner === FREE) most = Math.max(most, unitsIn(start, frames, unit));
  }
  return most * unit;
}

function fragmentationIndex(store: ExtentStore, unit: number, units: number): number {
  if (units > 0) return -1000;
  const blocks = store.freeBlocks?.() ?? blocksOf(store);
  if (blocks === 0) return 0;
  const share = Math.floor((store.freeFrames * 1000) / unit);
  return 1000 - Math.floor((1000 + share) / blocks);
}

function blocksOf(store: ExtentStore): number {
  let blocks = 0;
  for (const { start, frames, owner } of store.extents()) {
    if (owner === FREE) blocks += buddyBlocks(start, start + frames);
  }
  return blocks;
}

/** The order of a unit. */
function requireOrder(unit: number): number {
  const order = orderOf(unit);
  if (order < 0) {
    throw new Error(`unit of ${unit} frames: not a power of two up to ${LARGEST_UNIT}`);
  }
  return order;
}
