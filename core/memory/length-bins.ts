/**
 * The bins of free runs by their length: one for each length below EXACT frames, then 32 per octave.
 *
 * Invariant: monotone, no longer run in a lower bin. Trade-off: above EXACT runs of nearly equal lengths
 * share a bin, so that any node needs some 1,700.
 */

/** log2 of the lengths that have a bin each. */
const EXACT_SHIFT = 10;
/** log2 of the bins per octave above. */
const FINE_SHIFT = 5;
/** Shorter runs are in a bin of their length. */
export const EXACT = 1 << EXACT_SHIFT;

/** The same for this module's own function (see `extent-layout` on exported bindings). */
const EXACT_BINS = EXACT;

/** The bin of runs of `frames` frames. */
export function lengthBin(frames: number): number {
  if (frames < EXACT_BINS) return frames;
  const octave = 31 - Math.clz32(frames);
  const fine = (frames >> (octave - FINE_SHIFT)) & ((1 << FINE_SHIFT) - 1);
  return EXACT_BINS + ((octave - EXACT_SHIFT) << FINE_SHIFT) + fine;
}

/** Whether a run of `less` frames, fewer than `frames`, is in the bin of those: told without either's number. */
export function sharesBin(less: number, frames: number): boolean {
  return frames >= EXACT_BINS && (less ^ frames) >> (31 - FINE_SHIFT - Math.clz32(frames)) === 0;
}
