/**
 * A set of up to 32,768 small integers in three levels of 32-bit words.
 *
 * Level 0 has one bit per member; a bit of level 1 or 2 says that the word below it is not zero. So
 * "the least member ≥ n" reads at most five words, whatever the size. 32^3 = LEVEL_BITS is where it
 * stops: level 2 is a single row of words and is never summed up again.
 *
 * A set is named by one number, the offset of its level 0 in the words of an arena; level 1 (always
 * MIDDLE words) and level 2 lie right below it. So a caller holds one small integer and the code
 * needs no further load to find the other levels.
 * What the hot path asks is a function without calls: inlined, it leaves V8 what it knows of `words`, and
 * after a call, even one that is hardly ever made, it would look all of it up anew.
 * Invariant: a summary bit is set iff its word is not zero. Trade-off: MIDDLE words even for a small
 * set; the caller must stay below the size it asked for.
 */
import type { Arena } from './arena.js';

export const LEVEL_BITS = 32 ** 3;

/** Words of level 1. */
const MIDDLE = 32;
/** Where level 2 lies below level 0. */
const TOP = MIDDLE + 1;
/** Words that lie below level 0. */
export const SUMMARY_WORDS = TOP;

/** Words of a set of members 0…size-1: SUMMARY_WORDS below its offset, the rest from there on. */
export function setWords(size: number): number {
  if (size > LEVEL_BITS) throw new Error(`${size} members in a set of at most ${LEVEL_BITS}`);
  return SUMMARY_WORDS + Math.max(1, Math.ceil(size / 32));
}

export function addMember(words: Int32Array, set: number, n: number): void {
  const low = set + (n >> 5);
  const before = words[low];
  words[low] = before | (1 << n);
  if (before !== 0) return;
  words[set - MIDDLE + (n >> 10)] |= 1 << (n >> 5);
  words[set - TOP] |= 1 << (n >> 10);
}

export function removeMember(words: Int32Array, set: number, n: number): void {
  const low = set + (n >> 5);
  const after = words[low] & ~(1 << n);
  words[low] = after;
  if (after !== 0) return;
  const middle = set - MIDDLE + (n >> 10);
  const others = words[middle] & ~(1 << (n >> 5));
  words[middle] = others;
  if (others === 0) words[set - TOP] &= ~(1 << (n >> 10));
}

export function hasMember(words: Int32Array, set: number, n: number): boolean {
  return (words[set + (n >> 5)] & (1 << n)) !== 0;
}

/**
 * The least member ≥ n; -1 when there is none. `n` must be below the size of the set. Bits n…31 are -1 << n
 * (shifts count modulo 32), the lowest of a word is word & -word. All of it stands here because V8 leaves
 * a call that is seldom made a call, however small, and behind one it looks for the words anew.
 */
export function leastFrom(words: Int32Array, set: number, n: number): number {
  let word = n >> 5;
  let here = words[set + word] & (-1 << n);
  if (here === 0) {
    let row = n >> 10;
    let middle = words[set - MIDDLE + row] & (-2 << word);
    if (middle === 0) {
      const top = words[set - TOP] & (-2 << row);
      if (top === 0) return -1;
      row = 31 - Math.clz32(top & -top);
      middle = words[set - MIDDLE + row];
    }
    word = (row << 5) | (31 - Math.clz32(middle & -middle));
    here = words[(set + word) | 0];
  }
  return (word << 5) | (31 - Math.clz32(here & -here));
}

/** The greatest member ≤ n; -1 when there is none. */
export function greatestTo(words: Int32Array, set: number, n: number): number {
  if (n < 0) return -1;
  const here = words[set + (n >> 5)] & toBit(n);
  if (here !== 0) return (n & -32) | highestBit(here);
  const middle = words[set - MIDDLE + (n >> 10)] & belowBit(n >> 5);
  if (middle !== 0) return greatestIn(words, set, (n >> 10) * 32 + highestBit(middle));
  const top = words[set - TOP] & belowBit(n >> 10);
  if (top === 0) return -1;
  const row = highestBit(top);
  return greatestIn(words, set, row * 32 + highestBit(words[set - MIDDLE + row]));
}

const greatestIn = (words: Int32Array, set: number, word: number): number =>
  word * 32 + highestBit(words[set + word]);

/** Summary bits that do not say what lies below them, and members beyond the set's size. */
export function setProblems(words: Int32Array, set: number, size: number): string[] {
  const problems: string[] = [];
  const low = Math.ceil(size / 32);
  let top = 0;
  for (let row = 0; row < MIDDLE; row++) {
    let middle = 0;
    for (let word = row * 32; word < Math.min(low, row * 32 + 32); word++) {
      if (words[set + word] !== 0) middle |= 1 << word;
    }
    if (words[set - MIDDLE + row] !== middle) problems.push(`summary ${row} is not ${middle}`);
    if (middle !== 0) top |= 1 << row;
  }
  if (words[set - TOP] !== top) problems.push(`the summary of all is not ${top}`);
  for (let n = size; n < low * 32; n++) {
    if (hasMember(words, set, n)) problems.push(`${n} is a member of a set of ${size}`);
  }
  return problems;
}

/** Keeps what adding or removing member `n` may write. */
export function keepMember(arena: Arena, set: number, n: number): void {
  arena.keep(set + (n >> 5));
  arena.keep(set - MIDDLE + (n >> 10));
  arena.keep(set - TOP);
}

/** Number of the highest set bit; `word` is not 0. */
const highestBit = (word: number): number => 31 - Math.clz32(word);

/** Bits 0…n. */
const toBit = (n: number): number => ~(-2 << n);

/** Bits 0…n-1. */
const belowBit = (n: number): number => ~(-1 << n);
