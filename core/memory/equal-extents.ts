/**
 * Equal extents side by side, such as the pages of one enclave: taken, looked at and freed in one go.
 *
 * In an extent pool neighbours are found by the boundary tags, so that only one of them is looked up
 * by its address and none needs a handle. Invariant: the words are, to the byte, those that one
 * operation an extent leaves, upwards where they are taken, downwards where they are freed
 * (test/memory/equal-extents). Trade-off: the index is told once of many taken, but of each one freed,
 * since the links of every record that was a free run for a moment are state too.
 */
import { recordCovering } from './address-index.js';
import type { ExtentCarver } from './extent-carver.js';
import * as layout from './extent-layout.js';
import * as records from './extent-records.js';
import type { EqualExtents, ExtentStore } from './extent-store.js';
import * as stores from './extent-store.js';
import { requireInside, requireOwner } from './pool-requests.js';

const { cutBelow, makeRoom, SLOTS, takeRecord } = records;
const { ABOVE, BELOW, END, FIRST_RECORD, FRAMES, FREE_FRAMES, GRANULE_SHIFT } = layout;
const { LINK, NODE_FRAMES, OWNER, RECORD_WORDS, START } = layout;
const { FREE } = stores;
const GRANULES_LEFT = 3;

/** `allocAt` for each, upwards. Throws, with nothing taken, where they are not in one free run. */
export function allocEach(store: ExtentStore, extents: EqualExtents, owner: number): void {
  if (store.allocEach !== undefined) store.allocEach(extents, owner);
  else for (const start of startsOf(extents)) store.allocAt(start, extents.frames, owner);
}

/** Whether each is an allocated extent of its own, with this owner. */
export function holdsEach(store: ExtentStore, extents: EqualExtents, owner: number): boolean {
  if (store.holdsEach !== undefined) return store.holdsEach(extents, owner);
  return startsOf(extents).every((start) => {
    const found = store.covering(start);
    return found.owner === owner && found.start === start && found.frames === extents.frames;
  });
}

/** Frees each, downwards, up to the first that is no extent of its own with this owner: throws there. */
export function freeEach(store: ExtentStore, extents: EqualExtents, owner: number): void {
  if (store.freeEach !== undefined) store.freeEach(extents, owner);
  else {
    const { frames } = extents;
    for (const start of startsOf(extents).reverse()) {
      if (!holdsEach(store, { start, frames, count: 1 }, owner)) throw unlike(extents, owner);
      store.freeRange(start, frames);
    }
  }
}

/** `allocEach` on the words of a pool. */
export function carveEach(carver: ExtentCarver, extents: EqualExtents, owner: number): void {
  requireOwner(owner);
  const { start, frames, count } = extents;
  let free = recordAt(carver, extents, start);
  const { words } = carver;
  const end = words[free + START] + words[free + FRAMES];
  if (words[free + OWNER] !== FREE || start + frames * count > end) throw unlike(extents, FREE);
  const together = words[free + START] === start ? carvedTogether(carver, extents, end) : 0;
  if (together > 0) cutTogether(carver, free, { start, frames, count: together }, owner);
  for (let i = together; i < count; i++) {
    const held = carver.carve(free, start + i * frames, frames, owner);
    // What is left of the run; behind the last it may be anything.
    free = carver.words[held + ABOVE] & LINK;
  }
}

/**
 * How many may be cut off before the index is told. The bins that a record leaves keep no trace, but its
 * links do: they are as left by its last place in each list. So the last two go one by one, and whole
 * granules stay behind. None where the records might not suffice: one by one, each is taken whole or not.
 */
function carvedTogether(carver: ExtentCarver, { start, frames, count }: EqualExtents, end: number) {
  const { words } = carver;
  const records = (words[END] - words[FIRST_RECORD]) / RECORD_WORDS;
  if (carver.logging || carver.measures !== 0 || records + count > SLOTS) return 0;
  const most = Math.floor((end - start - GRANULES_LEFT * (1 << words[GRANULE_SHIFT])) / frames);
  return Math.max(0, Math.min(count - 2, most));
}

/** Cuts them off the lower end of a free record, and tells the index once. */
function cutTogether(
  carver: ExtentCarver,
  free: number,
  { start, frames, count }: EqualExtents,
  owner: number,
): void {
  const wasFrames = carver.words[free + FRAMES];
  for (let i = 0; i < count; i++) {
    makeRoom(carver);
    const { words } = carver;
    cutBelow(words, carver.addresses, free, frames, takeRecord(words), owner);
  }
  const { words } = carver;
  words[FREE_FRAMES] -= count * frames;
  carver.refile(free, start, wasFrames, start + count * frames, words[free + FRAMES]);
}

/** `holdsEach` on the words of a pool. */
export function areEach(carver: ExtentCarver, extents: EqualExtents, owner: number): boolean {
  const { start, frames, count } = extents;
  let at = recordAt(carver, extents, start);
  const { words } = carver;
  for (let i = 0; i < count; i++) {
    const isEqual = words[at + START] === start + i * frames && words[at + FRAMES] === frames;
    if (!isEqual || words[at + OWNER] !== owner) return false;
    at = words[at + ABOVE] & LINK;
  }
  return true;
}

/** `freeEach` on the words of a pool. */
export function releaseEach(carver: ExtentCarver, extents: EqualExtents, owner: number): void {
  requireOwner(owner);
  const { start, frames, count } = extents;
  let held = recordAt(carver, extents, start + (count - 1) * frames);
  for (let i = count - 1; i >= 0; i--) {
    const { words } = carver;
    const isEqual = words[held + START] === start + i * frames && words[held + FRAMES] === frames;
    if (!isEqual || words[held + OWNER] !== owner) throw unlike(extents, owner);
    const below = words[held + BELOW] & LINK;
    carver.release(held);
    held = below;
  }
}

/** The record that covers a frame of theirs; throws where they are not inside the node. */
function recordAt(carver: ExtentCarver, { start, frames, count }: EqualExtents, frame: number) {
  const { words, addresses } = carver;
  requireInside(start, frames * count, words[NODE_FRAMES]);
  return recordCovering(words, addresses, frame);
}

function startsOf({ start, frames, count }: EqualExtents): number[] {
  return Array.from({ length: count }, (_, i) => start + i * frames);
}

function unlike({ start, frames, count }: EqualExtents, owner: number): Error {
  return new Error(`${count} times ${frames} frames from ${start} are not all of owner ${owner}`);
}
