/**
 * Surgery on the records of an extent pool: taking, cutting, joining and replacing them.
 *
 * Each primitive keeps the boundary tags and the address table right and touches neither the policy
 * index nor FREE_FRAMES: those belong to the pool's operations.
 * Invariant: after a primitive the records partition the node again. Trade-off: `makeRoom` must have
 * been called, because growing moves the words under everybody's feet; and while a mark is set, what
 * is going to be written must have been noted (`operation-log`).
 */
import type { AddressIndex } from './address-index.js';
import * as addressing from './address-index.js';
import type { Arena } from './arena.js';
import * as layout from './extent-layout.js';

const { enterAddress, moveAddress, replaceAddress } = addressing;
const {
  ABOVE,
  BELOW,
  END,
  FIRST_RECORD,
  FRAMES,
  GENERATION,
  LINK,
  OWNER,
  RECORD,
  RECORD_WORDS,
  SPENT,
  START,
  VACANT,
} = layout;

export const SLOTS = 2 ** 24;
export const LAST_GENERATION = 2 ** 21 - 1;
/** Records an operation may need at most. */
export const RECORDS_PER_OPERATION = 3;
const ROOM = RECORDS_PER_OPERATION * RECORD_WORDS;

/**
 * Cuts the upper `frames` frames off record `at`; they become the record `fresh`, just taken, of
 * `owner`.
 */
export function cutAbove(
  words: Int32Array,
  addresses: AddressIndex,
  at: number,
  frames: number,
  fresh: number,
  owner: number,
): number {
  const above = words[at + ABOVE] & LINK;
  const left = words[at + FRAMES] - frames;
  const lowest = words[at + START];
  const start = lowest + left;
  words[at + FRAMES] = left;
  words[at + ABOVE] = fresh;
  words[fresh + START] = start;
  words[fresh + FRAMES] = frames;
  words[fresh + OWNER] = owner & LINK;
  words[fresh + BELOW] = at;
  words[fresh + ABOVE] = above;
  if (above !== 0) words[above + BELOW] = fresh;
  const block = start >> addresses.shift;
  // A block that `at` starts in has an entry.
  if (lowest >> addresses.shift === block) words[addresses.base + block] = fresh;
  else enterAddress(words, addresses, fresh, start);
  return fresh;
}

/**
 * Cuts the lower `frames` frames off record `at`; they become the record `fresh`, just taken, of
 * `owner`.
 */
export function cutBelow(
  words: Int32Array,
  addresses: AddressIndex,
  at: number,
  frames: number,
  fresh: number,
  owner: number,
): number {
  const below = words[at + BELOW] & LINK;
  const start = words[at + START];
  words[at + START] = start + frames;
  words[at + FRAMES] -= frames;
  words[at + BELOW] = fresh;
  words[fresh + START] = start;
  words[fresh + FRAMES] = frames;
  words[fresh + OWNER] = owner & LINK;
  words[fresh + BELOW] = below;
  words[fresh + ABOVE] = at;
  if (below !== 0) words[below + ABOVE] = fresh;
  const block = start >> addresses.shift;
  if ((start + frames) >> addresses.shift === block) words[addresses.base + block] = fresh;
  else moveAddress(words, addresses, at, block, fresh);
  return fresh;
}

/**
 * Replaces a held record that is out of generations by a fresh one, which is returned; the old one is
 * never used again.
 */
export function replaceRecord(arena: Arena, addresses: AddressIndex, at: number): number {
  const { words } = arena;
  const fresh = takeRecord(words);
  const below = words[at + BELOW];
  const above = words[at + ABOVE];
  for (const word of [START, FRAMES, OWNER, BELOW, ABOVE]) words[fresh + word] = words[at + word];
  replaceAddress(words, addresses, fresh);
  if (below !== 0) words[below + ABOVE] = fresh;
  if (above !== 0) words[above + BELOW] = fresh;
  words[at + OWNER] = SPENT;
  return fresh;
}

/** Room for what one operation takes; must come before `words` is read into a local. */
export function makeRoom(arena: Arena): void {
  const { words } = arena;
  if (words[END] + ROOM > words.length) grow(arena);
}

const grow = (arena: Arena): void => {
  // A handle has no room for the slot of a record further up.
  const most = arena.words[FIRST_RECORD] + SLOTS * RECORD_WORDS;
  if (arena.words.length >= most) throw new Error(`more than ${SLOTS} extents in one store`);
  arena.grow(most);
};

/** A vacant record, or the next one never used. There must be room. */
export function takeRecord(words: Int32Array): number {
  const vacant = words[VACANT] & RECORD;
  if (vacant === 0) return newRecord(words);
  words[VACANT] = words[vacant + ABOVE];
  return vacant;
}

const newRecord = (words: Int32Array): number => {
  const at = words[END];
  // What a rolled-back record left here must not be read.
  words.fill(0, at, at + RECORD_WORDS);
  words[at + GENERATION] = 1;
  words[END] = at + RECORD_WORDS;
  return at;
};
