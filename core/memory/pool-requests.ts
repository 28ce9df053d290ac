/**
 * What an extent pool may be asked: sizes, alignments and owners in range.
 *
 * Invariant: what passes fits the pool's 32-bit words, or is larger than any node and just not found.
 * Trade-off: a request out of range is a programming error and throws; "no place" is an answer.
 */
import * as store from './extent-store.js';

const { FREE } = store;

/** Whose granule a message names. */
interface OfGranules {
  readonly granuleFrames: number;
}

export function requireRequest(frames: number, align: number, of: OfGranules): void {
  // All that a request of a real node meets; it stays on small integers.
  if ((frames | 0) !== frames || (align | 0) !== align || frames <= 0 || align <= 0) {
    requireLargeRequest(frames, align, of);
  }
}

const requireLargeRequest = (frames: number, align: number, of: OfGranules): void => {
  if (!(Number.isSafeInteger(frames) && frames > 0 && Number.isSafeInteger(align) && align > 0)) {
    const unit = `both are whole numbers of frames from 1, and a granule has ${of.granuleFrames}`;
    throw new Error(`request of ${frames} frames aligned to ${align}: ${unit}`);
  }
};

/** log2 of the granules of a unit. One larger than any node is just not found. */
export function requireOrder(order: number): void {
  if (!Number.isSafeInteger(order) || order < 0) {
    throw new Error(
      `order ${order}: a whole number from 0, units of that order are 2^order granules`,
    );
  }
}

export function requireOwner(owner: number): void {
  if ((owner | 0) !== owner || owner <= FREE) throw noOwner(owner);
}

const noOwner = (owner: number): Error =>
  new Error(`owner ${owner} cannot hold: an owner is a whole number from 1 to 2^31 - 1`);

/** [start, start+frames) must be a run inside a node of `nodeFrames`. */
export function requireInside(start: number, frames: number, nodeFrames: number): void {
  const isRun = Number.isSafeInteger(start) && Number.isSafeInteger(frames);
  if (!isRun || start < 0 || frames < 1 || start + frames > nodeFrames) {
    throw new Error(`frames [${start}, +${frames}) are no run of a node of ${nodeFrames} frames`);
  }
}
