/**
 * The bare granule-aware search: a racer that chooses what ours does and does nothing else.
 *
 * Invariant: the same places as `core/memory/granule-search` on every trace; the tests hold it to that.
 * Trade-off: see `words`.
 */
import type { OpenRacer, Racer } from '../racer.js';
import * as carver from './granule-carve.js';
import * as layout from './layout.js';
import * as lists from './lists.js';
import * as words from './words.js';

const { FRAMES, GRANULE, FIRST_NODE, IN_RECORD, NODE, PIECE_BINS, RAGGED, RECORD } = layout;
const { SHIFT, START, WHOLE_BINS, WHOLES, MEMORY } = layout;
const { carve, cutPiece, file, release } = carver;
const { emptyLists, pieceFrom, wholeBin, wholeFrom } = lists;
const { openWords } = words;
const M = MEMORY;
const R = RECORD;
const N = NODE;
const HEAD_NODE = FIRST_NODE;

const MAX_PIECE = 2 * GRANULE - 2;
const SEARCH = 12;
const EVERY = 2 ** 30;

/** The best place seen: its record, or 0; and the frames of the node. */
const B = new Int32Array(6);
const BEST_AT = 0;
const BEST_PLACE = 1;
const BEST_DESTROYED = 2;
const BEST_TOUCHED = 3;
const BEST_FRAMES = 4;
const NODE_FRAMES = 5;

const weighPlace = (
  at: number,
  place: number,
  frames: number,
  wholeStart: number,
  wholeEnd: number,
  run: number,
): void => {
  const end = place + frames;
  const last = (end + RAGGED) >> SHIFT;
  const touched = last - (place >> SHIFT);
  const outer = end > wholeEnd ? last - (wholeEnd >> SHIFT) : 0;
  const under = place < wholeStart ? (wholeStart >> SHIFT) - (place >> SHIFT) : 0;
  const destroyed = touched - outer - under;
  if (B[BEST_AT] !== 0) {
    if (destroyed > B[BEST_DESTROYED]) return;
    if (destroyed === B[BEST_DESTROYED]) {
      if (touched > B[BEST_TOUCHED]) return;
      if (touched === B[BEST_TOUCHED] && run >= B[BEST_FRAMES]) return;
    }
  }
  B[BEST_AT] = at;
  B[BEST_PLACE] = place;
  B[BEST_DESTROYED] = destroyed;
  B[BEST_TOUCHED] = touched;
  B[BEST_FRAMES] = run;
};

const weigh = (given: number, frames: number, align: number): void => {
  const W = M.words;
  const at = given & R;
  const start = W[at + START];
  const run = W[at + FRAMES];
  const end = start + run;
  const up = align - 1;
  const low = (start + up) & -align;
  if (low + frames > end) return;
  const wholeStart = (start + RAGGED) & -GRANULE;
  const wholeEnd = end & -GRANULE;
  weighPlace(at, low, frames, wholeStart, wholeEnd, run);
  const high = (end - frames) & -align;
  if (high !== low) weighPlace(at, high, frames, wholeStart, wholeEnd, run);
  if (wholeStart !== start && wholeStart < high) {
    weighPlace(at, wholeStart, frames, wholeStart, wholeEnd, run);
  }
  if (wholeEnd !== end) {
    const below = (wholeEnd - frames) & -align;
    if (below > low) weighPlace(at, below, frames, wholeStart, wholeEnd, run);
  }
};

const searchWholes = (frames: number, align: number, least: number, limit: number): void => {
  const W = M.words;
  let left = limit;
  const goodDestroyed = frames >> SHIFT || 1;
  const goodTouched = (frames + RAGGED) >> SHIFT;
  for (let bin = wholeFrom(wholeBin(least)); bin !== 0; bin = wholeFrom(bin + 1)) {
    let node = W[((bin & (WHOLE_BINS - 1)) << 1) + (WHOLES + 1)] & N;
    for (; node !== 0; node = W[node + 1] & N) {
      weigh(node, frames, align);
      if (B[BEST_AT] !== 0) {
        if (B[BEST_DESTROYED] <= goodDestroyed && B[BEST_TOUCHED] <= goodTouched) return;
        if (limit === EVERY) return;
      }
      if (--left <= 0) return;
    }
  }
};

const alignedPiece = (frames: number, align: number, limit: number): number => {
  const W = M.words;
  let left = limit;
  for (
    let size = pieceFrom(frames);
    size !== 0;
    size = size < MAX_PIECE ? pieceFrom(size + 1) : 0
  ) {
    let node = W[((size & (PIECE_BINS - 1)) << 1) + 1] & N;
    for (; node !== 0; node = W[node + 1] & N) {
      const at = node & R;
      const start = W[at + START];
      const first = (node & IN_RECORD) === HEAD_NODE ? start : start + W[at + FRAMES] - size;
      const place = (first + align - 1) & -align;
      if (place + frames <= first + size) return carve(at, place, frames);
      if (--left <= 0) return 0;
    }
  }
  return 0;
};

const takeFromRuns = (frames: number, align: number): number => {
  const least = align === 1 ? (frames - RAGGED) >> SHIFT : frames >> SHIFT;
  const some = least > 1 ? least : 1;
  B[BEST_AT] = 0;
  searchWholes(frames, align, some, SEARCH);
  if (B[BEST_AT] === 0) searchWholes(frames, align, (frames + RAGGED) >> SHIFT, SEARCH);
  if (B[BEST_AT] === 0) searchWholes(frames, align, some, EVERY);
  if (B[BEST_AT] !== 0) return carve(B[BEST_AT], B[BEST_PLACE], frames);
  return frames <= MAX_PIECE ? alignedPiece(frames, align, EVERY) : 0;
};

const take = (frames: number, align: number): number => {
  if (frames > MAX_PIECE) return frames > B[NODE_FRAMES] ? 0 : takeFromRuns(frames, align);
  if (align !== 1) {
    const found = alignedPiece(frames, align, SEARCH);
    return found !== 0 ? found : takeFromRuns(frames, align);
  }
  const size = pieceFrom(frames);
  if (size === 0) return takeFromRuns(frames, 1);
  return cutPiece(size, frames);
};

class BareGranuleSearch implements Racer {
  readonly bytes = 0;

  constructor(frames: number) {
    emptyLists();
    B[NODE_FRAMES] = frames;
    file(openWords(frames), 0, frames);
  }

  alloc(frames: number, align: number): number {
    return take(frames, align);
  }

  free(handle: number): void {
    release(handle);
  }

  startOf(handle: number): number {
    return M.words[(handle & R) + START];
  }
}

export const bareGranuleSearch: OpenRacer = (frames) => new BareGranuleSearch(frames);
