/**
 * Which extent covers a frame: a table over blocks of the node.
 *
 * The node is cut into blocks of 2^shift frames. The table has, per block, the last extent that
 * starts in it, or 0; a three-level set tells which blocks have one. A lookup takes the block's
 * extent and steps down its neighbours to the one that covers the frame; a block in which nothing
 * starts is covered by the last extent of the block before it that has one.
 *
 * Invariant: table[b] = the extent with the greatest start in block b. It costs the hot path two
 * loads and a compare per extent that appears or goes.
 * Trade-off: a block full of tiny extents is walked (at most one block's frames); one entry per
 * extent instead would need a tree.
 */
import type { Arena } from './arena.js';
import * as levels from './bit-levels.js';
import * as layout from './extent-layout.js';
import { blockShiftOf, blocksOf } from './extent-layout.js';

const { ABOVE, BELOW, LINK, START } = layout;
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

/** A record that starts at `start` appears in address order. */
export function enterAddress(
  words: Int32Array,
  index: AddressIndex,
  at: number,
  start: number,
): void {
  const block = start >> index.shift;
  const entry = index.base + block;
  const last = words[entry] & LINK;
  if (last === 0) {
    words[entry] = at;
    addMember(words, index.filled, block);
  } else if (words[last + START] < start) words[entry] = at;
}

/** Record `fresh` takes the place of record `at`, whose START it has. */
export function replaceAddress(
  words: Int32Array,
  index: AddressIndex,
  at: number,
  fresh: number,
): void {
  const entry = index.base + (words[at + START] >> index.shift);
  if (words[entry] === at) words[entry] = fresh;
}

/** The only record of a block goes. */
export function emptyBlock(words: Int32Array, index: AddressIndex, block: number): void {
  words[index.base + block] = 0;
  removeMember(words, index.filled, block);
}

/**
 * The START of record `at`, the last of its block, has moved up from `start`, where record `fresh` now
 * begins.
 */
export function moveAddress(
  words: Int32Array,
  index: AddressIndex,
  at: number,
  start: number,
  fresh: number,
): void {
  const block = start >> index.shift;
  if (words[at + START] >> index.shift === block) return;
  words[index.base + block] = fresh;
  enterAddress(words, index, at, words[at + START]);
}

/** The record that covers a frame of the node. */
export function recordCovering(words: Int32Array, index: AddressIndex, frame: number): number {
  let at = words[index.base + (frame >> index.shift)];
  while (at !== 0 && words[at + START] > frame) at = words[at + BELOW];
  if (at !== 0) return at;
  const block = greatestTo(words, index.filled, (frame >> index.shift) - 1);
  return words[index.base + block];
}

/** Differences from a table built afresh; the records are walked from `first` by ABOVE. */
export function addressProblems(words: Int32Array, index: AddressIndex, first: number): string[] {
  const problems = setProblems(words, index.filled, index.blocks);
  const expected = new Map<number, number>();
  for (let at = first; at !== 0; at = words[at + ABOVE]) {
    expected.set(words[at + START] >> index.shift, at);
  }
  for (let block = 0; block < index.blocks; block++) {
    const last = expected.get(block) ?? 0;
    const found = words[index.base + block];
    if (found !== last) problems.push(`block ${block}: record ${found}, should be ${last}`);
    if (hasMember(words, index.filled, block) !== (last !== 0)) {
      problems.push(`block ${block}: its bit is wrong`);
    }
  }
  return problems;
}
