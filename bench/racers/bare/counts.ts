/**
 * What our pools count at each operation, for a bare search that carries it (see `burden`).
 *
 * Invariant: as `core/memory` does it: free frames and whole free granules, the longest run and the lowest
 * free frame as far as they are known, a generation a record. Trade-off: nobody reads them.
 */
import * as layout from './layout.js';

const { FRAMES, GENERATION, MEMORY, RAGGED, RECORD, SHIFT } = layout;
const M = MEMORY;
const R = RECORD;

const COUNTS = new Int32Array(4);
const FREE_FRAMES = 0;
const FREE_GRANULES = 1;
const LONGEST = 2;
const LOWEST = 3;
const UNKNOWN = 2 ** 31 - 1;

const granulesIn = (start: number, frames: number): number => {
  const count = ((start + frames) >> SHIFT) - ((start + RAGGED) >> SHIFT);
  return count > 0 ? count : 0;
};

/** `frames` of a free run of `run`, of which no whole granule goes with them. */
export function countCut(run: number, frames: number): void {
  COUNTS[FREE_FRAMES] -= frames;
  if (run === COUNTS[LONGEST]) COUNTS[LONGEST] = UNKNOWN;
}

/** `frames` at `place` of the free run [start, start + run). */
export function countTaken(start: number, run: number, place: number, frames: number): void {
  countCut(run, frames);
  const whole = granulesIn(start, run);
  if (whole === 0) return;
  const left = granulesIn(start, place - start);
  const right = granulesIn(place + frames, start + run - place - frames);
  COUNTS[FREE_GRANULES] += left + right - whole;
}

/** A held record goes and takes free neighbours in: [start, start + run) is what comes of it. */
export function countReleased(given: number, start: number, run: number): void {
  const W = M.words;
  const at = given & R;
  const frames = W[at + FRAMES];
  W[at + GENERATION] += 1;
  COUNTS[FREE_FRAMES] += frames;
  if (start < COUNTS[LOWEST]) COUNTS[LOWEST] = start;
  if (run > COUNTS[LONGEST]) COUNTS[LONGEST] = run;
  const whole = granulesIn(start, run);
  if (whole !== 0) COUNTS[FREE_GRANULES] += whole;
}

/** A free run that is taken in was counted already. */
export function countGone(start: number, frames: number): void {
  const whole = granulesIn(start, frames);
  if (whole !== 0) COUNTS[FREE_GRANULES] -= whole;
}
