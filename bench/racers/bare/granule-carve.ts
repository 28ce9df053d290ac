/**
 * Carving and releasing under the bare granule-aware search: the places chosen, the pieces refiled.
 *
 * Invariant: after each the lists hold what `core/memory/granule-index` would have filed, in its order.
 * Trade-off: what a run is filed under is computed from its ends and not kept, but for its whole granules.
 */
import { BURDEN } from './burden.js';
import * as counts from './counts.js';
import * as layout from './layout.js';
import * as lists from './lists.js';
import * as words from './words.js';

const { ABOVE, BELOW, FRAMES, FREE, NODE, RECORD, START, MEMORY } = layout;
const { GRANULE, GRANULES, FIRST_NODE, IN_RECORD, PIECE_BINS, RAGGED, SHIFT } = layout;
const { TAIL_NODE, WHOLE_NODE } = layout;
const { putPiece, putWhole, takePiece, takeWhole, wholeBin } = lists;
const { insertAbove, insertBelow, vacate } = words;
const { countCut, countGone, countReleased, countTaken } = counts;
const COUNTED = BURDEN.counted;
const M = MEMORY;
const R = RECORD;
const N = NODE;
const HEAD_NODE = FIRST_NODE;

/** A free record becomes [start, start + frames), and goes to where its parts belong that have changed. */
const refile = (given: number, start: number, frames: number, isFiled: boolean): void => {
  const W = M.words;
  const at = given & R;
  const before = W[at + GRANULES];
  let head = 0;
  let tail = 0;
  if (isFiled) {
    const from = W[at + START];
    const length = W[at + FRAMES];
    head = before > 0 ? -from & RAGGED : length;
    tail = before > 0 ? (from + length) & RAGGED : 0;
  }
  W[at + START] = start;
  W[at + FRAMES] = frames;
  const end = start + frames;
  const count = (end >> SHIFT) - ((start + RAGGED) >> SHIFT);
  const newHead = count > 0 ? -start & RAGGED : frames;
  const newTail = count > 0 ? end & RAGGED : 0;
  if (newHead !== head) {
    if (head !== 0) takePiece(at + HEAD_NODE);
    if (newHead !== 0) putPiece(newHead, at + HEAD_NODE);
  }
  if (newTail !== tail) {
    if (tail !== 0) takePiece(at + TAIL_NODE);
    if (newTail !== 0) putPiece(newTail, at + TAIL_NODE);
  }
  const granules = count > 0 ? count : 0;
  if (granules === before) return;
  W[at + GRANULES] = granules;
  const from = wholeBin(before);
  const to = wholeBin(granules);
  if (from === to) return;
  if (from !== 0) takeWhole(at + WHOLE_NODE);
  if (to !== 0) putWhole(to, at + WHOLE_NODE);
};

/** A new record of a free run, in no list yet. */
export function file(at: number, start: number, frames: number): void {
  refile(at, start, frames, false);
}

const unfile = (given: number): void => {
  const W = M.words;
  const at = given & R;
  if (W[at + GRANULES] === 0) {
    takePiece(at + HEAD_NODE);
    return;
  }
  const start = W[at + START];
  if ((start & RAGGED) !== 0) takePiece(at + HEAD_NODE);
  if (((start + W[at + FRAMES]) & RAGGED) !== 0) takePiece(at + TAIL_NODE);
  W[at + GRANULES] = 0;
  takeWhole(at + WHOLE_NODE);
};

/** [place, place + frames) of a free record becomes a held one, which is returned. */
export function carve(given: number, place: number, frames: number): number {
  const W = M.words;
  const at = given & R;
  const start = W[at + START];
  if (COUNTED) countTaken(start, W[at + FRAMES], place, frames);
  const lower = place - start;
  const upper = W[at + FRAMES] - lower - frames;
  if (lower === 0) {
    if (upper === 0) {
      unfile(at);
      W[at + FREE] = 0;
      return at;
    }
    const held = insertBelow(at, start, frames);
    refile(at, place + frames, upper, true);
    return held;
  }
  const held = insertAbove(at, place, frames);
  refile(at, start, lower, true);
  if (upper !== 0) {
    const rest = insertAbove(held, place + frames, upper) & R;
    W[rest + FREE] = 1;
    refile(rest, place + frames, upper, false);
  }
  return held;
}

/** `frames` of the first piece of a size; what is left of it is filed anew, the rest of its run stays. */
export function cutPiece(size: number, frames: number): number {
  const W = M.words;
  const node = W[((size & (PIECE_BINS - 1)) << 1) + 1] & N;
  const at = node & R;
  const rest = size - frames;
  const isRagged = W[at + GRANULES] === 0;
  if (COUNTED) countCut(W[at + FRAMES], frames);
  takePiece(node);
  if (rest !== 0) putPiece(rest, node);
  else if (isRagged) {
    W[at + FREE] = 0;
    return at;
  }
  const start = W[at + START];
  const left = W[at + FRAMES] - frames;
  W[at + FRAMES] = left;
  let isLow = (node & IN_RECORD) === HEAD_NODE;
  if (isRagged) {
    const under = GRANULE - (start & RAGGED);
    const over = size - under;
    isLow = over < frames || (under >= frames && under <= over);
  }
  if (!isLow) return insertAbove(at, start + left, frames);
  W[at + START] = start + frames;
  return insertBelow(at, start, frames);
}

export function release(given: number): void {
  const W = M.words;
  let run = given & R;
  let start = W[run + START];
  let frames = W[run + FRAMES];
  let above = W[run + ABOVE] & R;
  const below = W[run + BELOW] & R;
  if (W[above + FREE] !== 0) {
    const gone = above;
    frames += W[gone + FRAMES];
    if (COUNTED) countGone(W[gone + START], W[gone + FRAMES]);
    unfile(gone);
    above = W[gone + ABOVE] & R;
    vacate(gone);
    W[run + ABOVE] = above;
    W[above + BELOW] = run;
  }
  if (W[below + FREE] !== 0) {
    start = W[below + START];
    frames += W[below + FRAMES];
    if (COUNTED) {
      countGone(start, W[below + FRAMES]);
      countReleased(run, start, frames);
    }
    W[below + ABOVE] = above;
    W[above + BELOW] = below;
    vacate(run);
    run = below;
    refile(run, start, frames, true);
  } else {
    if (COUNTED) countReleased(run, start, frames);
    W[run + FREE] = 1;
    refile(run, start, frames, false);
  }
}
