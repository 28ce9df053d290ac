/**
 * What an extent pool may be asked: sizes, alignments and owners in range.
 *
 * Invariant: what passes fits the pool's 32-bit words, or is larger than any node and just not found.
 * Trade-off: a request out of range is a programming error and throws; "no place" is an answer.
 */
import { FREE } from './extent-store.js';

const MAX_OWNER = 2 ** 31 - 1;

export function requireRequest(frames: number, align: number): void {
  // The first test is all that a request of a real node meets; it stays on small integers.
  if ((frames | 0) === frames && (align | 0) === align && frames > 0 && align > 0) return;
  if (!(Number.isSafeInteger(frames) && frames > 0 && Number.isSafeInteger(align) && align > 0)) {
    throw new Error(`request of ${frames} frames aligned to ${align}`);
  }
}

export function requireOwner(owner: number): void {
  if (!Number.isSafeInteger(owner) || owner <= FREE || owner > MAX_OWNER) {
    throw new Error(`owner ${owner} cannot hold`);
  }
}

/** [start, start+frames) must be a run inside a node of `nodeFrames`. */
export function requireInside(start: number, frames: number, nodeFrames: number): void {
  const isRun = Number.isSafeInteger(start) && Number.isSafeInteger(frames);
  if (!isRun || start < 0 || frames < 1 || start + frames > nodeFrames) {
    throw new Error(`frames [${start}, +${frames}) of a node of ${nodeFrames}`);
  }
}
