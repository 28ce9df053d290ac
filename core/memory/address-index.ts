/**
 * Which extent covers a frame: a table over blocks of the node.
 *
 * The node is cut into blocks of 2^shift frames. The table has, per block, one of the extents that
 * start in it, the newest or the one that took in the last to go, or 0; a three-level set tells which
 * blocks have one. A lookup takes the block's extent and steps over its neighbours to the one that covers
 * the frame; a block in which nothing starts is covered by the last extent of the block before it that has
 * one.
 *
 * Invariant: table[b] starts in block b, and is 0 only when nothing does. So an extent that is cut in
 * two inside one block costs the hot path a store, and so does one that goes (asking first whether the
 * entry named it would cost a load and a jump that nobody can predict); and who takes frames one after the
 * other, up or down, finds each beside the last.
 * Trade-off: a block full of tiny extents is walked (at most one block's frames); one entry per
 * extent instead would need a tree. Which extent of its block an entry names depends on the past, so it
 * is state and travels in snapshots.
 */
import type { Arena } from './arena.js';
import * as levels from './bit-levels.js';
import * as layout from './extent-layout.js';
import { blockShiftOf, blocksOf } from './extent-layout.js';

const { ABOVE, BELOW, FRAMES, START } = layout;
const { addMember, greatestTo, hasMember, keepMember, removeMember } = levels;
const { SUMMARY_WORDS, setProblems, setWords } = levels;

export interface AddressIndex {
  readonly base: number;
  readonly shift: number;
  readonly blocks: number;
  /** The set of blocks that have an entry. */
  readonly filled: number;
  readonly words: number;
}

export function addressIndexAt(base: number, frames: number, granuleShift: number): AddressIndex {
  const shift = blockShiftOf(frames, granuleShift);
  const blocks = blocksOf(frames, shift);
  const filled = base + blocks + SUMMARY_WORDS;
  return { base, shift, blocks, filled, words: blocks + setWords(blocks) };
}

/** Keeps what entering or leaving a record that starts at `start` may write. */
export function keepAddress(arena: Arena, index: AddressIndex, start: number): void {
  const block = start >> index.shift;
  arena.keep(index.base + block);
  keepMember(arena, index.filled, block);
}

/** A record that starts at `start` appears in a block that may have none. */
export function enterAddress(
  words: Int32Array,
  index: AddressIndex,
  at: number,
  start: number,
): void {
  const block = start >> index.shift;
  const isFirst = words[index.base + block] === 0;
  words[index.base + block] = at;
  if (isFirst) addMember(words, index.filled, block);
}

/** Record `fresh` has taken the place, and the START, of one that its block's entry may name. */
export function replaceAddress(words: Int32Array, index: AddressIndex, fresh: number): void {
  words[index.base + (words[fresh + START] >> index.shift)] = fresh;
}

/**
 * Record `run`, which starts at `low`, has taken in what started at `start` (its own, where that is `low`)
 * and at `last` (`start`, where that is all). `above` is the record now above, or 0. Flat, for the innermost
 * loop: a call that is seldom made stands at the end.
 */
export function joinAddresses(
  words: Int32Array,
  index: AddressIndex,
  run: number,
  low: number,
  start: number,
  last: number,
  above: number,
): void {
  const { base, shift, filled } = index;
  const lowest = low >> shift;
  const block = start >> shift;
  const highest = last >> shift;
  let entry = run;
  if (lowest !== highest) {
    const isAbove = above !== 0 && words[above + START] >> shift === highest;
    entry = isAbove ? above : 0;
  }
  words[base + highest] = entry;
  if (low !== start && block !== highest) {
    // Between them is nothing else.
    words[base + block] = lowest === block ? run : 0;
    if (lowest !== block) removeMember(words, filled, block);
  }
  if (entry !== 0) return;
  const row = (filled + (highest >> 5)) | 0;
  const others = words[row] & ~(1 << highest);
  words[row] = others;
  if (others === 0) removeMember(words, filled, highest);
}

/**
 * The START of record `at` has moved from one block up to `to`, another; record `fresh` begins where it
 * began.
 */
export function moveAddress(
  words: Int32Array,
  index: AddressIndex,
  at: number,
  block: number,
  fresh: number,
): void {
  words[index.base + block] = fresh;
  enterAddress(words, index, at, words[at + START]);
}

/** The record that covers a frame of the node. */
export function recordCovering(words: Int32Array, index: AddressIndex, frame: number): number {
  let at = words[index.base + (frame >> index.shift)];
  if (at === 0) {
    const block = greatestTo(words, index.filled, (frame >> index.shift) - 1);
    at = words[index.base + block];
  }
  let start = words[at + START];
  while (start > frame) {
    at = words[at + BELOW];
    start = words[at + START];
  }
  while (start + words[at + FRAMES] <= frame) {
    start += words[at + FRAMES];
    at = words[at + ABOVE];
  }
  return at;
}

/** Entries that do not start in their block, and blocks without one; the records are walked from `first`. */
export function addressProblems(words: Int32Array, index: AddressIndex, first: number): string[] {
  const problems = setProblems(words, index.filled, index.blocks);
  const starting = new Map<number, Set<number>>();
  for (let at = first; at !== 0; at = words[at + ABOVE]) {
    const block = words[at + START] >> index.shift;
    const records = starting.get(block);
    if (records === undefined) starting.set(block, new Set([at]));
    else records.add(at);
  }
  for (let block = 0; block < index.blocks; block++) {
    const records = starting.get(block);
    const found = words[index.base + block];
    const isRight = records === undefined ? found === 0 : records.has(found);
    if (!isRight) problems.push(`block ${block}: record ${found} does not start in it`);
    if (hasMember(words, index.filled, block) !== (records !== undefined)) {
      problems.push(`block ${block}: its bit is wrong`);
    }
  }
  return problems;
}
