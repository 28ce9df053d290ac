/**
 * How many aligned units, and how many buddy blocks, are free in a pool: at hand where the pool is
 * measured, of units larger than a granule by what a granule-aware policy has filed, else by a walk over
 * the extents.
 *
 * Invariant: reads only; all ways give the same numbers. Trade-off: units that are no power of two are
 * walked for in every pool.
 */
import { recordCovering } from './address-index.js';
import type { ExtentCarver } from './extent-carver.js';
import * as layout from './extent-layout.js';
import { FREE } from './extent-store.js';
import { unitsIn } from './frame-math.js';
import { blocksCounted, buddyBlocks, orderOf, unitsCounted } from './order-counts.js';

const { ABOVE, FRAMES, GRANULE_SHIFT, OWNER, START } = layout;

/** Aligned, wholly free units of `unit` frames. */
export function freeUnitsOf(carver: ExtentCarver, unit: number): number {
  const { words, measures } = carver;
  const order = orderOf(unit);
  if (measures !== 0 && order >= 0) return unitsCounted(words, measures, order);
  const ofGranules = order - words[GRANULE_SHIFT];
  const filed = ofGranules < 0 ? undefined : carver.unitsFiled(ofGranules);
  return filed ?? unitsByWalk(carver, unit);
}

function unitsByWalk(carver: ExtentCarver, unit: number): number {
  return sumOverFree(carver, (start, frames) => unitsIn(start, frames, unit));
}

/** Naturally aligned power-of-two blocks that the free runs consist of. */
export function freeBlocksOf(carver: ExtentCarver): number {
  const { words, measures } = carver;
  if (measures !== 0) return blocksCounted(words, measures);
  return sumOverFree(carver, (start, frames) => buddyBlocks(start, start + frames));
}

function sumOverFree(
  { words, addresses }: ExtentCarver,
  count: (start: number, frames: number) => number,
): number {
  let sum = 0;
  for (let at = recordCovering(words, addresses, 0); at !== 0; at = words[at + ABOVE]) {
    if (words[at + OWNER] === FREE) sum += count(words[at + START], words[at + FRAMES]);
  }
  return sum;
}
