/**
 * What the granule-aware policy keeps in a record, and which bin a run lies in by its number of whole
 * granules: exact below 32, then 32 bins per octave.
 *
 * Invariant: the bins are monotone, and `mostGranulesIn` is the largest count of its bin. Trade-off:
 * above 32 granules runs of nearly equal counts share a bin, so that any node needs few hundred.
 */
import { POLICY_WORDS } from './extent-layout.js';

/** Whole granules inside the run, and the frames of its ragged ends. */
export const GRANULES = POLICY_WORDS;
export const HEAD = POLICY_WORDS + 1;
export const TAIL = POLICY_WORDS + 2;
export const HEAD_NODE = POLICY_WORDS + 3;
export const TAIL_NODE = POLICY_WORDS + 5;
export const WHOLE_NODE = POLICY_WORDS + 7;

/** log2 of the bins per octave, and of the counts that have a bin each. */
const FINE_SHIFT = 5;
const FINE = 1 << FINE_SHIFT;
/** Counts below this have a bin each. */
export const EXACT_COUNTS = FINE;

/** The bin of runs with `granules` whole granules. Monotone: more granules, no lower bin. */
export function wholeBin(granules: number): number {
  if (granules < FINE) return granules;
  const octave = 31 - Math.clz32(granules) - FINE_SHIFT;
  return ((octave + 1) << FINE_SHIFT) | ((granules >> octave) & (FINE - 1));
}

/** Most whole granules a run in `bin` can have. */
export function mostGranulesIn(bin: number): number {
  if (bin < FINE) return bin;
  const octave = (bin >>> FINE_SHIFT) - 1;
  return (((bin & (FINE - 1)) | FINE) + 1) * 2 ** octave - 1;
}
