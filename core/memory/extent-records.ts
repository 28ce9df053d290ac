/**
 * Surgery on the records of an extent pool: taking, cutting, joining and replacing them.
 *
 * Each primitive keeps the boundary tags and the address table right and touches neither the policy
 * index nor FREE_FRAMES: those belong to the pool's operations.
 * Invariant: after a primitive the records partition the node again. Trade-off: `makeRoom` must have
 * been called, because growing moves the words under everybody's feet; and the counters must have
 * been kept, once for the whole operation.
 */
import type { AddressIndex } from './address-index.js';
import * as addressing from './address-index.js';
import type { Arena } from './arena.js';
import * as layout from './extent-layout.js';

const { enterAddress, keepAddress, leaveAddress, moveAddress } = addressing;
const {
  ABOVE,
  BELOW,
  END,
  FIRST_RECORD,
  FRAMES,
  GENERATION,
  OWNER,
  RECORD_WORDS,
  SPENT,
  START,
  VACANT,
} = layout;

export const SLOTS = 2 ** 24;
export const LAST_GENERATION = 2 ** 21 - 1;
/** Records an operation may need at most. */
export const RECORDS_PER_OPERATION = 3;
/** Words of a record that cutting and joining write: all but the policy's. */
const POLICY_END = ABOVE + 1;

/** Cuts the upper `frames` frames off a record; they become a record of the same owner. */
export function cutAbove(
  arena: Arena,
  addresses: AddressIndex,
  at: number,
  frames: number,
): number {
  const fresh = takeRecord(arena);
  const { words } = arena;
  const above = words[at + ABOVE];
  if (arena.logging) keepCut(arena, at, fresh, above === 0 ? 0 : above + BELOW);
  words[at + FRAMES] -= frames;
  words[fresh + START] = words[at + START] + words[at + FRAMES];
  words[fresh + FRAMES] = frames;
  words[fresh + OWNER] = words[at + OWNER];
  words[fresh + BELOW] = at;
  words[fresh + ABOVE] = above;
  words[at + ABOVE] = fresh;
  if (above !== 0) words[above + BELOW] = fresh;
  if (arena.logging) keepAddress(arena, addresses, words[fresh + START]);
  enterAddress(words, addresses, fresh);
  return fresh;
}

/** Cuts the lower `frames` frames off a record; they become a record of the same owner. */
export function cutBelow(
  arena: Arena,
  addresses: AddressIndex,
  at: number,
  frames: number,
): number {
  const fresh = takeRecord(arena);
  const { words } = arena;
  const below = words[at + BELOW];
  if (arena.logging) keepCut(arena, at, fresh, below === 0 ? 0 : below + ABOVE);
  const start = words[at + START];
  words[at + START] = start + frames;
  words[at + FRAMES] -= frames;
  words[fresh + START] = start;
  words[fresh + FRAMES] = frames;
  words[fresh + OWNER] = words[at + OWNER];
  words[fresh + BELOW] = below;
  words[fresh + ABOVE] = at;
  words[at + BELOW] = fresh;
  if (below !== 0) words[below + ABOVE] = fresh;
  if (arena.logging) {
    keepAddress(arena, addresses, start);
    keepAddress(arena, addresses, start + frames);
  }
  moveAddress(words, addresses, at, fresh);
  return fresh;
}

/** Notes what a cut or a join of two records writes; `link` is the third record's word, or 0. */
export function keepCut(arena: Arena, at: number, other: number, link: number): void {
  arena.keepRun(at, POLICY_END);
  arena.keepRun(other, POLICY_END);
  if (link !== 0) arena.keep(link);
}

/**
 * Replaces a held record that is out of generations by a fresh one, which is returned; the old one is
 * never used again. The counters must have been kept.
 */
export function replaceRecord(arena: Arena, addresses: AddressIndex, at: number): number {
  makeRoom(arena);
  const frames = arena.words[at + FRAMES];
  const fresh = takeRecord(arena);
  const { words } = arena;
  const below = words[at + BELOW];
  const above = words[at + ABOVE];
  if (arena.logging) keepAddress(arena, addresses, words[at + START]);
  leaveAddress(words, addresses, at);
  if (arena.logging) {
    keepCut(arena, at, fresh, below === 0 ? 0 : below + ABOVE);
    if (above !== 0) arena.keep(above + BELOW);
  }
  words[fresh + START] = words[at + START];
  words[fresh + FRAMES] = frames;
  words[fresh + OWNER] = words[at + OWNER];
  words[fresh + BELOW] = below;
  words[fresh + ABOVE] = above;
  if (below !== 0) words[below + ABOVE] = fresh;
  if (above !== 0) words[above + BELOW] = fresh;
  words[at + OWNER] = SPENT;
  if (arena.logging) keepAddress(arena, addresses, words[fresh + START]);
  enterAddress(words, addresses, fresh);
  return fresh;
}

/** Room for what one operation takes; must come before `words` is read into a local. */
export function makeRoom(arena: Arena): void {
  const { words } = arena;
  if (words[END] + RECORDS_PER_OPERATION * RECORD_WORDS <= words.length) return;
  arena.grow();
}

/** A vacant record, or the next one never used. */
export function takeRecord(arena: Arena): number {
  const { words } = arena;
  const vacant = words[VACANT];
  if (vacant !== 0) {
    words[VACANT] = words[vacant + ABOVE];
    return vacant;
  }
  return newRecord(arena);
}

const newRecord = (arena: Arena): number => {
  const { words } = arena;
  const at = words[END];
  if (at - words[FIRST_RECORD] >= SLOTS * RECORD_WORDS) {
    throw new Error(`more than ${SLOTS} extents in one store`);
  }
  // What a rolled-back record left here must not be read.
  words.fill(0, at, at + RECORD_WORDS);
  words[at + GENERATION] = 1;
  words[END] = at + RECORD_WORDS;
  return at;
};
