/**
 * The bare best fit: a racer that chooses what ours does and does nothing else.
 *
 * Invariant: the same places as `core/memory/best-fit-index` on every trace; the tests hold it to that.
 * Trade-off: see `words`.
 */
import type { OpenRacer, Racer } from '../racer.js';
import { BURDEN } from './burden.js';
import * as counts from './counts.js';
import * as layout from './layout.js';
import * as words from './words.js';

const { ABOVE, BELOW, EDGE, FIRST_NODE, FRAMES, FREE, NODE, RECORD, START, MEMORY } = layout;
const { insertAbove, insertBelow, lowestBit, openWords, vacate } = words;
const { countGone, countReleased, countTaken } = counts;
const COUNTED = BURDEN.counted;
const M = MEMORY;
const R = RECORD;
const N = NODE;

const SEARCH = 32;
const BINS = EDGE / 2;
const EXACT = 1024;

/** Bits of the bins that are not empty, of the words of those, and of both of these; then what was found. */
const B = new Int32Array(128);
const MIDDLE = 64;
const TOP = 66;
const PLACE = 67;
const NODE_FRAMES = 68;

const binOf = (frames: number): number => {
  if (frames < EXACT) return frames;
  const octave = 31 - Math.clz32(frames);
  return EXACT + ((octave - 10) << 5) + ((frames >> (octave - 5)) & 31);
};

const put = (bin: number, given: number): void => {
  const W = M.words;
  const head = (bin & (BINS - 1)) << 1;
  const node = given & N;
  const first = W[head + 1];
  W[node] = head;
  W[node + 1] = first;
  W[head + 1] = node;
  W[first & N] = node;
  if (first !== 0) return;
  const word = (bin >> 5) & 63;
  B[word] |= 1 << bin;
  B[MIDDLE + (word >> 5)] |= 1 << word;
  B[TOP] |= 1 << (word >> 5);
};

const unlink = (given: number): void => {
  const W = M.words;
  const node = given & N;
  const previous = W[node] & N;
  const next = W[node + 1] & N;
  W[previous + 1] = next;
  W[next] = previous;
  if (next !== 0 || previous >= EDGE) return;
  const bin = previous >> 1;
  const word = (bin >> 5) & 63;
  const rest = B[word] & ~(1 << bin);
  B[word] = rest;
  if (rest !== 0) return;
  const middle = B[MIDDLE + (word >> 5)] & ~(1 << word);
  B[MIDDLE + (word >> 5)] = middle;
  if (middle === 0) B[TOP] &= ~(1 << (word >> 5));
};

/** The least bin from this one on that has a run; 0 when there is none. */
const binFrom = (bin: number): number => {
  if (bin >= BINS) return 0;
  let word = (bin >> 5) & 63;
  let bits = B[word] & (-1 << bin);
  if (bits === 0) {
    let row = word >> 5;
    let middle = B[MIDDLE + row] & (-2 << word);
    // Shifted by 31 more there is no bit left, as it should be.
    if (middle === 0) {
      if ((B[TOP] & (-2 << row)) === 0) return 0;
      row = 1;
      middle = B[MIDDLE + 1];
    }
    word = ((row << 5) | lowestBit(middle)) & 63;
    bits = B[word];
  }
  return (word << 5) | lowestBit(bits);
};

/** A free record that is filed becomes [start, start + frames). */
const refile = (given: number, start: number, frames: number): void => {
  const W = M.words;
  const at = given & R;
  const from = binOf(W[at + FRAMES]);
  const to = binOf(frames);
  W[at + START] = start;
  W[at + FRAMES] = frames;
  if (from === to) return;
  unlink(at + FIRST_NODE);
  put(to, at + FIRST_NODE);
};

const bestIn = (bin: number, frames: number, align: number): number => {
  const W = M.words;
  let best = 0;
  let bestFrames = 0;
  let bestStart = 0;
  let left = SEARCH;
  let node = W[((bin & (BINS - 1)) << 1) + 1] & N;
  for (; node !== 0; node = W[node + 1] & N) {
    const at = node & R;
    const start = W[at + START];
    const run = W[at + FRAMES];
    const place = (start + align - 1) & -align;
    const isShorter = best === 0 || run < bestFrames || (run === bestFrames && start < bestStart);
    if (isShorter && place + frames <= start + run) {
      best = at;
      bestFrames = run;
      bestStart = start;
      B[PLACE] = place;
    }
    if (--left <= 0 && best !== 0) break;
  }
  return best;
};

/** [place, place + frames) of a free record becomes a held one, which is returned. */
const carve = (given: number, place: number, frames: number): number => {
  const W = M.words;
  const at = given & R;
  const start = W[at + START];
  if (COUNTED) countTaken(start, W[at + FRAMES], place, frames);
  const lower = place - start;
  const upper = W[at + FRAMES] - lower - frames;
  if (lower === 0) {
    if (upper === 0) {
      unlink(at + FIRST_NODE);
      W[at + FREE] = 0;
      return at;
    }
    const held = insertBelow(at, start, frames);
    refile(at, place + frames, upper);
    return held;
  }
  const held = insertAbove(at, place, frames);
  refile(at, start, lower);
  if (upper !== 0) {
    const rest = insertAbove(held, place + frames, upper) & R;
    W[rest + FREE] = 1;
    put(binOf(upper), rest + FIRST_NODE);
  }
  return held;
};

const take = (frames: number, align: number): number => {
  if (frames > B[NODE_FRAMES]) return 0;
  for (let bin = binFrom(binOf(frames)); bin !== 0; bin = binFrom(bin + 1)) {
    const at = bestIn(bin, frames, align);
    if (at !== 0) return carve(at, B[PLACE], frames);
  }
  return 0;
};

const release = (given: number): void => {
  const W = M.words;
  const at = given & R;
  let frames = W[at + FRAMES];
  let above = W[at + ABOVE] & R;
  const below = W[at + BELOW] & R;
  if (W[above + FREE] !== 0) {
    const gone = above;
    frames += W[gone + FRAMES];
    if (COUNTED) countGone(W[gone + START], W[gone + FRAMES]);
    unlink(gone + FIRST_NODE);
    above = W[gone + ABOVE] & R;
    vacate(gone);
    W[at + ABOVE] = above;
    W[above + BELOW] = at;
  }
  if (W[below + FREE] !== 0) {
    if (COUNTED) {
      countGone(W[below + START], W[below + FRAMES]);
      countReleased(at, W[below + START], frames + W[below + FRAMES]);
    }
    W[below + ABOVE] = above;
    W[above + BELOW] = below;
    vacate(at);
    refile(below, W[below + START], frames + W[below + FRAMES]);
    return;
  }
  if (COUNTED) countReleased(at, W[at + START], frames);
  W[at + FREE] = 1;
  W[at + FRAMES] = frames;
  put(binOf(frames), at + FIRST_NODE);
};

class BareBestFit implements Racer {
  readonly bytes = 0;

  constructor(frames: number) {
    B.fill(0);
    B[NODE_FRAMES] = frames;
    put(binOf(frames), openWords(frames) + FIRST_NODE);
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

export const bareBestFit: OpenRacer = (frames) => new BareBestFit(frames);
