/**
 * A set of up to 32,768 small integers in three levels of 32-bit words.
 *
 * Level 0 has one bit per member; a bit of level 1 or 2 says that the word below it is not zero. So
 * "the least member ≥ n" reads at most five words, whatever the size. 32^3 = LEVEL_BITS is where it
 * stops: level 2 is a single row of words and is never summed up again.
 *
 * The sets lie inside the words of an arena, from `base` on: level 0, then level 1, then level 2.
 * Invariant: a summary bit is set iff its word is not zero. Trade-off: the caller repeats the size
 * (a `Levels` record) instead of the set storing it.
 */
import type { Arena } from './arena.js';

export const LEVEL_BITS = 32 ** 3;

/** Where a set lies: word offsets of its three levels, and how many words they take together. */
export interface Levels {
  readonly low: number;
  readonly mid: number;
  readonly top: number;
  readonly words: number;
}

/** A set of members 0…size-1 whose words begin at `base`. */
export function levelsAt(base: number, size: number): Levels {
  if (size > LEVEL_BITS) throw new Error(`${size} members in a set of at most ${LEVEL_BITS}`);
  const lowWords = Math.max(1, Math.ceil(size / 32));
  const midWords = Math.ceil(lowWords / 32);
  const mid = base + lowWords;
  const top = mid + midWords;
  return { low: base, mid, top, words: lowWords + midWords + 1 };
}

export function addMember(arena: Arena, set: Levels, n: number): void {
  if (arena.logging) keepPath(arena, set, n);
  const { words } = arena;
  const low = set.low + (n >> 5);
  const before = words[low];
  words[low] = before | (1 << n);
  if (before !== 0) return;
  words[set.mid + (n >> 10)] |= 1 << (n >> 5);
  words[set.top] |= 1 << (n >> 10);
}

export function removeMember(arena: Arena, set: Levels, n: number): void {
  if (arena.logging) keepPath(arena, set, n);
  const { words } = arena;
  const low = set.low + (n >> 5);
  words[low] &= ~(1 << n);
  if (words[low] !== 0) return;
  const mid = set.mid + (n >> 10);
  words[mid] &= ~(1 << (n >> 5));
  if (words[mid] === 0) words[set.top] &= ~(1 << (n >> 10));
}

export function hasMember(words: Int32Array, set: Levels, n: number): boolean {
  return (words[set.low + (n >> 5)] & (1 << n)) !== 0;
}

/** The least member ≥ n; -1 when there is none. `n` must be below 32,768. */
export function leastFrom(words: Int32Array, set: Levels, n: number): number {
  const here = words[set.low + (n >> 5)] & fromBit(n);
  if (here !== 0) return (n & -32) | lowestBit(here);
  const middle = words[set.mid + (n >> 10)] & aboveBit(n >> 5);
  if (middle !== 0) return leastIn(words, set, (n >> 10) * 32 + lowestBit(middle));
  const top = words[set.top] & aboveBit(n >> 10);
  if (top === 0) return -1;
  const row = lowestBit(top);
  return leastIn(words, set, row * 32 + lowestBit(words[set.mid + row]));
}

/** The greatest member ≤ n; -1 when there is none. */
export function greatestTo(words: Int32Array, set: Levels, n: number): number {
  const here = words[set.low + (n >> 5)] & toBit(n);
  if (here !== 0) return (n & -32) | highestBit(here);
  const middle = words[set.mid + (n >> 10)] & belowBit(n >> 5);
  if (middle !== 0) return greatestIn(words, set, (n >> 10) * 32 + highestBit(middle));
  const top = words[set.top] & belowBit(n >> 10);
  if (top === 0) return -1;
  const row = highestBit(top);
  return greatestIn(words, set, row * 32 + highestBit(words[set.mid + row]));
}

function leastIn(words: Int32Array, set: Levels, word: number): number {
  return word * 32 + lowestBit(words[set.low + word]);
}

function greatestIn(words: Int32Array, set: Levels, word: number): number {
  return word * 32 + highestBit(words[set.low + word]);
}

function keepPath(arena: Arena, set: Levels, n: number): void {
  arena.keep(set.low + (n >> 5));
  arena.keep(set.mid + (n >> 10));
  arena.keep(set.top);
}

/** Number of the lowest set bit; `word` is not 0. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Number of the highest set bit; `word` is not 0. */
function highestBit(word: number): number {
  return 31 - Math.clz32(word);
}

/** Bits n…31 (JavaScript shifts count modulo 32). */
function fromBit(n: number): number {
  return -1 << n;
}

/** Bits n+1…31. */
function aboveBit(n: number): number {
  return -2 << n;
}

/** Bits 0…n. */
function toBit(n: number): number {
  return ~(-2 << n);
}

/** Bits 0…n-1. */
function belowBit(n: number): number {
  return ~(-1 << n);
}
