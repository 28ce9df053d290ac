/**
 * What the granule-aware policy keeps in a record, and which bin a run lies in by its number of whole
 * granules: exact below 64, then 32 bins per octave.
 *
 * Invariant: the bins are monotone, and `mostGranulesIn` is the largest count of its bin. Trade-off:
 * from 64 granules on runs of nearly equal counts share a bin, so that any node needs few hundred.
 */
import { POLICY_WORDS } from './extent-layout.js';

/** Nodes of the run's ragged head, of its ragged tail, and of its whole granules. */
export const HEAD_NODE = POLICY_WORDS;
export const TAIL_NODE = POLICY_WORDS + 2;
export const WHOLE_NODE = POLICY_WORDS + 4;

/** log2 of the bins per octave. */
const FINE_SHIFT = 5;
/** Counts below this have a bin each. */
export const EXACT_COUNTS = 2 << FINE_SHIFT;

/** The same for this module's own use (see `extent-layout`). */
const EXACT = EXACT_COUNTS;

/** The bin of runs with `granules` whole granules. Monotone: more granules, no lower bin. */
export function wholeBin(granules: number): number {
  if (granules < EXACT) return granules;
  const octave = 31 - FINE_SHIFT - Math.clz32(granules);
  return ((octave << FINE_SHIFT) + (granules >> octave)) | 0;
}

/** Most whole granules a run in `bin` can have. */
export function mostGranulesIn(bin: number): number {
  const octave = Math.max(0, (bin >>> FINE_SHIFT) - 1);
  return (bin - (octave << FINE_SHIFT) + 1) * 2 ** octave - 1;
}
