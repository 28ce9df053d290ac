/**
 * The extent store as one sorted, immutable list, replaced on each change.
 *
 * What is held: the list of extents in address order, the handle table, and the count of free
 * frames. A change builds a new content and swaps one reference; so `mark`, `rollback` and `fork`
 * are reference copies, and a rollback restores slots and generations too, to the byte.
 *
 * Policy of `find`: best fit. Of the free extents that hold an aligned place, the shortest; of
 * equal ones the lowest; inside it the lowest aligned place. It never answers -1 while a place
 * exists. `freeRange` leaves the old handle with the lowest part that stays; a second part gets a
 * new one.
 *
 * Invariant: see `extent-store`; besides, every live slot is the handle of exactly one extent.
 * Trade-off: a change or a search costs O(extents); a lookup by frame or handle O(log extents).
 * Frame numbers are plain integers: 24 TiB in 64 KiB frames is 402,653,184 of them.
 */

import type { ExtentList } from './extent-list.js';
import {
  bestFit,
  freeExtent,
  heldExtent,
  lowestFit,
  partitionProblems,
  positionOf,
  spliced,
  unitsIn,
} from './extent-list.js';
import type { Extent, ExtentStore, Handle, StoreMark } from './extent-store.js';
import { FREE } from './extent-store.js';
import type { HandleTable } from './handle-table.js';
import { emptyTable, issue, liveCount, move, placeOf, retire } from './handle-table.js';

interface Content {
  readonly frames: number;
  readonly freeFrames: number;
  readonly extents: ExtentList;
  readonly handles: HandleTable;
}

/**
 * A store of `frames` free frames. Stores whose handles must not be mistaken for each other (the
 * pools of one node, the nodes of one host) get different `tag`s (0…255).
 */
export function createSortedExtents(frames: number, tag = 0): ExtentStore {
  if (!Number.isSafeInteger(frames) || frames < 1) throw new Error(`a node of ${frames} frames`);
  const extents = [freeExtent(0, frames)];
  return openStore({ frames, freeFrames: frames, extents, handles: emptyTable(tag) });
}

function openStore(initial: Content): ExtentStore {
  let content = initial;
  return {
    frames: initial.frames,
    get freeFrames() {
      return content.freeFrames;
    },
    find(frames, align) {
      requireRequest(frames, align);
      return bestFit(content.extents, frames, align);
    },
    findLowest(frames, align, from = 0) {
      requireRequest(frames, align);
      if (from >= content.frames) return -1;
      return lowestFit(content.extents, frames, align, from);
    },
    largestFreeRun: () => largestFree(content.extents),
    freeUnits(unit) {
      requireRequest(unit, unit);
      return countUnits(content.extents, unit);
    },
    allocAt(start, frames, owner) {
      const [next, handle] = taken(content, start, frames, owner);
      content = next;
      return handle;
    },
    free(handle) {
      const { start, frames } = byHandle(content, handle);
      content = returned(content, start, frames);
    },
    freeRange(start, frames) {
      content = returned(content, start, frames);
    },
    setOwner(handle, owner) {
      content = reowned(content, handle, owner);
    },
    at: (handle) => byHandle(content, handle),
    covering: (frame) => content.extents[positionOf(content.extents, inside(content, frame, 1))],
    extents: () => content.extents,
    // A mark is the content itself; only this file makes or reads one.
    mark: () => content as unknown as StoreMark,
    rollback(mark) {
      const marked = mark as unknown as Content;
      if (marked.frames !== content.frames || marked.handles.tag !== content.handles.tag) {
        throw new Error('rollback to a mark of another store');
      }
      content = marked;
    },
    fork: () => openStore(content),
    snapshot: () => bytesOf(content),
    verifyIndex: () => problemsOf(content),
  };
}

function taken(
  content: Content,
  start: number,
  frames: number,
  owner: number,
): [next: Content, handle: Handle] {
  const { extents } = content;
  const position = positionOf(extents, inside(content, start, frames));
  const extent = extents[position];
  requireOwner(owner);
  if (extent.owner !== FREE || start + frames > extent.start + extent.frames) {
    throw new Error(`frames [${start}, +${frames}) are not all free`);
  }
  const { table, handle } = issue(content.handles, start);
  const end = start + frames;
  const list = spliced(extents, position, 1, [
    freeExtent(extent.start, start - extent.start),
    heldExtent(start, frames, owner, handle),
    freeExtent(end, extent.start + extent.frames - end),
  ]);
  const freeFrames = content.freeFrames - frames;
  return [{ frames: content.frames, freeFrames, extents: list, handles: table }, handle];
}

function returned(content: Content, start: number, frames: number): Content {
  const { extents } = content;
  const position = positionOf(extents, inside(content, start, frames));
  const old = extents[position];
  const end = start + frames;
  const oldEnd = old.start + old.frames;
  if (old.owner === FREE || end > oldEnd) {
    throw new Error(`frames [${start}, +${frames}) are not inside one held extent`);
  }
  let handles = content.handles;
  let upperHandle = old.handle;
  if (start > old.start && end < oldEnd) {
    ({ table: handles, handle: upperHandle } = issue(handles, end));
  } else if (end < oldEnd) {
    handles = move(handles, old.handle, end);
  } else if (start === old.start) {
    handles = retire(handles, old.handle);
  }
  const list = spliced(extents, position, 1, [
    heldExtent(old.start, start - old.start, old.owner, old.handle),
    freeExtent(start, frames),
    heldExtent(end, oldEnd - end, old.owner, upperHandle),
  ]);
  const freeFrames = content.freeFrames + frames;
  return { frames: content.frames, freeFrames, extents: list, handles };
}

function reowned(content: Content, handle: Handle, owner: number): Content {
  requireOwner(owner);
  const { start, frames } = byHandle(content, handle);
  const list = content.extents.slice();
  list[positionOf(list, start)] = heldExtent(start, frames, owner, handle);
  return { ...content, extents: list };
}

function byHandle(content: Content, handle: Handle): Extent {
  return content.extents[positionOf(content.extents, placeOf(content.handles, handle))];
}

function largestFree(list: ExtentList): number {
  let largest = 0;
  for (const extent of list) {
    if (extent.owner === FREE && extent.frames > largest) largest = extent.frames;
  }
  return largest;
}

function countUnits(list: ExtentList, unit: number): number {
  let units = 0;
  for (const { start, frames, owner } of list) {
    if (owner === FREE) units += unitsIn(start, frames, unit);
  }
  return units;
}

function problemsOf(content: Content): string[] {
  const { extents, handles } = content;
  const problems = partitionProblems(extents, content.frames);
  let free = 0;
  let held = 0;
  for (const { start, frames, owner, handle } of extents) {
    if (owner === FREE) {
      free += frames;
      continue;
    }
    held++;
    if (placeOf(handles, handle) !== start) problems.push(`handle ${handle} is not at ${start}`);
  }
  if (free !== content.freeFrames) {
    problems.push(`${content.freeFrames} free frames counted, ${free} found`);
  }
  const live = liveCount(handles);
  if (live !== held) problems.push(`${live} live handles, ${held} held extents`);
  return problems;
}

/** Little-endian doubles: exact for every integer a store holds, the same on every machine. */
function bytesOf({ frames, extents, handles }: Content): Uint8Array {
  const { tag, places, generations, vacant } = handles;
  const numbers = [frames, tag, extents.length, places.length, vacant.length];
  for (const e of extents) numbers.push(e.start, e.frames, e.owner, e.handle);
  for (const list of [places, generations, vacant]) for (const value of list) numbers.push(value);
  const view = new DataView(new ArrayBuffer(numbers.length * 8));
  for (const [i, value] of numbers.entries()) view.setFloat64(i * 8, value, true);
  return new Uint8Array(view.buffer);
}

function requireRequest(frames: number, align: number): void {
  if (!(Number.isSafeInteger(frames) && frames > 0 && Number.isSafeInteger(align) && align > 0)) {
    throw new Error(`request of ${frames} frames aligned to ${align}`);
  }
}

/** `start`, when [start, start+frames) is a run inside the node; throws otherwise. */
function inside(content: Content, start: number, frames: number): number {
  const isRun = Number.isSafeInteger(start) && Number.isSafeInteger(frames);
  if (!isRun || start < 0 || frames < 1 || start + frames > content.frames) {
    throw new Error(`frames [${start}, +${frames}) of a node of ${content.frames}`);
  }
  return start;
}

function requireOwner(owner: number): void {
  if (!Number.isSafeInteger(owner) || owner <= FREE) throw new Error(`owner ${owner} cannot hold`);
}
