/**
 * Reading and cutting a sorted list of extents: the arithmetic beneath the sorted-extents store.
 *
 * Invariant kept by every function that returns a list: the extents partition the node in address
 * order, none is empty, and no two free neighbours touch.
 * Trade-off: a plain array; searching for a place walks it all, a covering lookup is a bisection.
 */
import type { Extent } from './extent-store.js';
import { FREE } from './extent-store.js';

export type ExtentList = readonly Extent[];

/** `value` rounded up to a multiple of `step`. Exact beyond 32 bits. */
export function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Position of the extent that covers `frame`, which must lie inside the node. */
export function positionOf(list: ExtentList, frame: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (list[middle].start <= frame) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Best fit: smallest free extent that holds the place, then lowest address; -1 if none does. */
export function bestFit(list: ExtentList, frames: number, align: number): number {
  let best = -1;
  let bestFrames = Infinity;
  for (const extent of list) {
    if (extent.owner !== FREE || extent.frames >= bestFrames) continue;
    const place = placeIn(extent, frames, align, 0);
    if (place < 0) continue;
    best = place;
    bestFrames = extent.frames;
  }
  return best;
}

/** Lowest place at or above `from`; -1 if there is none. */
export function lowestFit(list: ExtentList, frames: number, align: number, from: number): number {
  for (let i = positionOf(list, from); i < list.length; i++) {
    if (list[i].owner !== FREE) continue;
    const place = placeIn(list[i], frames, align, from);
    if (place >= 0) return place;
  }
  return -1;
}

function placeIn(extent: Extent, frames: number, align: number, from: number): number {
  const place = alignUp(Math.max(extent.start, from), align);
  return place + frames <= extent.start + extent.frames ? place : -1;
}

/** Wholly free, aligned units of `unit` frames inside one run. */
export function unitsIn(start: number, frames: number, unit: number): number {
  return Math.max(0, Math.floor((start + frames) / unit) - Math.ceil(start / unit));
}

/** The list with `count` extents at `at` replaced; free neighbours of the new ones are merged. */
export function spliced(
  list: ExtentList,
  at: number,
  count: number,
  replacement: ExtentList,
): ExtentList {
  const joined: Extent[] = [];
  const before = at > 0 ? [list[at - 1]] : [];
  const after = at + count < list.length ? [list[at + count]] : [];
  for (const extent of [...before, ...replacement, ...after]) {
    if (extent.frames === 0) continue;
    const last = joined.at(-1);
    if (last?.owner === FREE && extent.owner === FREE) {
      joined[joined.length - 1] = freeExtent(last.start, last.frames + extent.frames);
    } else {
      joined.push(extent);
    }
  }
  const head = list.slice(0, at - before.length);
  return [...head, ...joined, ...list.slice(at + count + after.length)];
}

/** A free run. */
export function freeExtent(start: number, frames: number): Extent {
  return Object.freeze({ start, frames, owner: FREE, handle: 0 });
}

/** A run somebody holds. */
export function heldExtent(start: number, frames: number, owner: number, handle: number): Extent {
  return Object.freeze({ start, frames, owner, handle });
}

/** What breaks the partition of `frames` frames, in words; empty when sound. */
export function partitionProblems(list: ExtentList, frames: number): string[] {
  const problems: string[] = [];
  let expected = 0;
  let freeBefore = false;
  for (const extent of list) {
    const name = `extent [${extent.start}, +${extent.frames})`;
    if (extent.start !== expected) problems.push(`${name}: expected start ${expected}`);
    if (extent.frames <= 0) problems.push(`${name}: empty`);
    const isFree = extent.owner === FREE;
    if (isFree && freeBefore) problems.push(`${name}: free beside free`);
    if (isFree !== (extent.handle === 0)) problems.push(`${name}: handle ${extent.handle}`);
    freeBefore = isFree;
    expected = extent.start + extent.frames;
  }
  if (expected !== frames) problems.push(`extents end at ${expected}, not at ${frames}`);
  return problems;
}
