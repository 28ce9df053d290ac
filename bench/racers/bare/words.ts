/**
 * The words of a bare search: what our policies and their C twins do, without anything else.
 *
 * It is the least that we know how to write in JavaScript for the same choices, so that what ours costs
 * beyond it is what generations, errors, the journal, lookups by address and room to grow cost, and what
 * it costs beyond the C build is the language. One array for everybody, of a length that is a power of two:
 * V8 folds both into the code, and knows of an index that is masked that it is inside, so nothing is checked.
 * A node that has no neighbour has EDGE for one, which is never free; a list node without another has
 * node 0, which nobody reads: so neither is asked for before a link is written.
 * Invariant: one pool a process; opening one ends the one before. Trade-off: no more extents than fit,
 * nothing that is wrong is noticed, and the addresses of frames cannot be looked up.
 */
import * as layout from './layout.js';

const { ABOVE, BELOW, EDGE, FRAMES, FREE, RECORD, START, MEMORY } = layout;

const FIRST = EDGE + 16;

/** The two places where records come from. */
const POOL = new Int32Array(2);
const VACANT = 0;
const END = 1;

const M = MEMORY;
const R = RECORD;

/** The one record of `frames` free frames; what was there before is gone. */
export function openWords(frames: number): number {
  const W = M.words;
  W.fill(0, 0, POOL[END]);
  POOL[VACANT] = 0;
  POOL[END] = FIRST + 16;
  W[FIRST + FRAMES] = frames;
  W[FIRST + FREE] = 1;
  W[FIRST + BELOW] = EDGE;
  W[FIRST + ABOVE] = EDGE;
  return FIRST;
}

/** All its words are 0, but for links, or were left by `vacate`. */
const newRecord = (): number => {
  const W = M.words;
  const vacant = POOL[VACANT] & R;
  if (vacant !== 0) {
    POOL[VACANT] = W[vacant + ABOVE];
    return vacant;
  }
  const at = POOL[END] & R;
  if (at === R) throw new Error('more extents than a bare search has room for');
  POOL[END] = at + 16;
  return at;
};

export function vacate(given: number): void {
  const W = M.words;
  W[(given & R) + ABOVE] = POOL[VACANT];
  POOL[VACANT] = given;
}

/** A new held record right below `at`, whose own words but BELOW are left alone. */
export function insertBelow(given: number, start: number, frames: number): number {
  const W = M.words;
  const at = given & R;
  const held = newRecord() & R;
  const below = W[at + BELOW] & R;
  W[held + START] = start;
  W[held + FRAMES] = frames;
  W[held + FREE] = 0;
  W[held + BELOW] = below;
  W[held + ABOVE] = at;
  W[below + ABOVE] = held;
  W[at + BELOW] = held;
  return held;
}

/** The same above `at`. */
export function insertAbove(given: number, start: number, frames: number): number {
  const W = M.words;
  const at = given & R;
  const held = newRecord() & R;
  const above = W[at + ABOVE] & R;
  W[held + START] = start;
  W[held + FRAMES] = frames;
  W[held + FREE] = 0;
  W[held + BELOW] = at;
  W[held + ABOVE] = above;
  W[above + BELOW] = held;
  W[at + ABOVE] = held;
  return held;
}

export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
