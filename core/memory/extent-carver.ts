/**
 * The two operations that everything else comes down to: carving a held extent out of a free one,
 * and releasing a held extent into the free runs beside it.
 *
 * These are the innermost loop, written for the compiler as much as for the reader. V8 inlines no
 * more than some 750 bytes of bytecode into a function, hottest calls first; what does not fit is a
 * call (5 to 7 ns of the 60 that an operation takes), after which the words must be found anew. So
 * the usual way through an operation stands in one function, and what happens less often is apart.
 * A function of more than 460 bytes is never inlined, which `carveApart` needs: what the pool hands out is
 * a double, and on the heap, 16 bytes each, wherever the function that makes it of a record's number is
 * too full of inlined ones to be inlined itself. `carve` is for callers that hand out none.
 * Nothing on that way asks whether a mark is set: while one is, `operation-log` notes beforehand
 * every word the operation is going to write.
 *
 * Invariant: after each operation the records partition the node, no two free extents touch, and the
 * index, the address table and FREE_FRAMES agree with the records.
 * Trade-off: noting beforehand needs one function that knows what an operation writes; the tests that
 * undo to the byte hold it to that. The cut stands here a second time; churn beside a naive twin, `allocAt`
 * beside `equal-extents` to the byte, and `verifyIndex` hold the two together.
 */
import type { AddressIndex } from './address-index.js';
import * as addressing from './address-index.js';
import { Arena } from './arena.js';
import * as layout from './extent-layout.js';
import * as records from './extent-records.js';
import * as store from './extent-store.js';
import type { FreeIndex, FreeRun } from './free-index.js';
import { measureCarve, measureLeavesOf, measureRelease } from './measures.js';
import * as operationLog from './operation-log.js';
import type { Remembered } from './remembered-check.js';

const { joinAddresses, moveAddress, recordCovering } = addressing;
const { cutAbove, cutBelow, LAST_GENERATION, makeRoom, replaceRecord, takeRecord } = records;
const { keepCarve, keepRelease, keepReplace } = operationLog;
const { FREE } = store;
const {
  ABOVE,
  BELOW,
  FRAMES,
  FREE_FRAMES,
  GENERATION,
  LINK,
  OWNER,
  RECORD,
  START,
  VACANT,
  VACATED,
} = layout;

/** A maximum that has to be looked for again. Nothing is longer, so nothing replaces it. */
export const UNKNOWN = 2 ** 31 - 1;

const known = (maximum: number): number | undefined => (maximum === UNKNOWN ? undefined : maximum);

export abstract class ExtentCarver extends Arena implements FreeIndex {
  declare readonly addresses: AddressIndex;
  /** log2 of the frames of a block of the address table, and where its entries begin. */
  declare readonly blockShift: number;
  declare readonly entries: number;
  /** Where what `measures` keeps at hand lies; 0 = not kept. */
  declare readonly measures: number;
  /** Leaves of its trees. */
  declare readonly measureLeaves: number;
  // What was found out and still holds. Not part of the state.
  /** All frames below are held. A bound found while searching. */
  lowestFree = 0;
  /** Frames of the longest run among those whose length no bin tells exactly, or UNKNOWN. */
  protected longest = UNKNOWN;
  /** Granules of the longest run of whole free ones, or UNKNOWN. */
  protected most = UNKNOWN;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex) {
    super(words);
    this.addresses = addresses;
    this.blockShift = addresses.shift;
    this.entries = addresses.base;
    this.measures = words[layout.MEASURES];
    this.measureLeaves = measureLeavesOf(words[layout.NODE_FRAMES], words[layout.GRANULE_SHIFT]);
  }

  abstract refile(at: number, was: number, wasFrames: number, start: number, frames: number): void;
  abstract remove(at: number, start: number, frames: number): void;
  abstract keepRefile(
    at: number,
    was: number,
    wasFrames: number,
    start: number,
    frames: number,
  ): void;
  abstract search(frames: number, align: number): number;
  abstract largestRun(): number;
  abstract mostGranules(): number;
  abstract problems(free: ReadonlyMap<number, FreeRun>): string[];

  /**
   * Aligned, free units of 2^order granules, all of them and the most in a row, where the policy knows
   * without a look at every extent.
   */
  unitsFiled(_order: number): number | undefined {
    return undefined;
  }

  mostUnitsFiled(_order: number): number | undefined {
    return undefined;
  }

  /** What was found out, for a check. */
  remembered(): Remembered {
    const { lowestFree, longest, most } = this;
    return { lowestFree, longest: known(longest), ofGranules: 0, most: known(most) };
  }

  /** Other words have taken the place of these: nothing found out holds any more. */
  forget(): void {
    this.lowestFree = 0;
    this.longest = UNKNOWN;
    this.most = UNKNOWN;
  }

  /** The record of a new held extent at a place the policy chooses, or 0. */
  take(frames: number, align: number, owner: number): number {
    return this.carveApart(0, frames, align, owner);
  }

  /** The record of a new held extent [start, start+frames); throws where they are not all free. */
  takeAt(start: number, frames: number, owner: number): number {
    return this.carveApart(start, frames, 0, owner);
  }

  /** The free record that these frames are in. */
  private freeAround(start: number, frames: number): number {
    const { words } = this;
    const at = recordCovering(words, this.addresses, start);
    if (words[at + OWNER] !== FREE || start + frames > words[at + START] + words[at + FRAMES]) {
      throw new Error(`frames [${start}, +${frames}) are not all free`);
    }
    return at;
  }

  /**
   * Search and `carve` in one function that is too large to be inlined, whose usual cut, `cutBelow`, is
   * written out. `align` 0: at `given`, whose frames must be free; else at a place the policy chooses.
   */
  private carveApart(given: number, frames: number, align: number, owner: number): number {
    let found: number;
    let start = given;
    if (align === 0) found = this.freeAround(start, frames);
    else {
      found = this.search(frames, align);
      if (found === 0) return 0;
      start = this.place;
    }
    makeRoom(this);
    if (this.logging) keepCarve(this, found, start, frames);
    if (this.measures !== 0) measureCarve(this, found, start, frames);
    const { words, addresses } = this;
    const at = found & RECORD;
    const was = words[at + START];
    const wasFrames = words[at + FRAMES];
    const lower = start - was;
    const upper = wasFrames - lower - frames;
    words[FREE_FRAMES] -= frames;
    let held = at;
    if (lower !== 0) {
      held = cutAbove(words, addresses, at, frames + upper, takeRecord(words), owner);
      this.refile(at, was, wasFrames, was, lower);
      if (upper !== 0) {
        const rest = cutAbove(words, addresses, held, upper, takeRecord(words), FREE);
        this.refile(rest, 0, 0, start + frames, upper);
      }
    } else if (upper !== 0) {
      held = takeRecord(words);
      const below = words[at + BELOW] & LINK;
      words[at + START] = start + frames;
      words[at + FRAMES] = upper;
      words[at + BELOW] = held;
      words[held + START] = start;
      words[held + FRAMES] = frames;
      words[held + OWNER] = owner & LINK;
      words[held + BELOW] = below;
      words[held + ABOVE] = at;
      if (below !== 0) words[below + ABOVE] = held;
      const block = start >> addresses.shift;
      if ((start + frames) >> addresses.shift === block) words[addresses.base + block] = held;
      else moveAddress(words, addresses, at, block, held);
      this.refile(at, was, wasFrames, start + frames, upper);
    } else {
      this.remove(at, was, wasFrames);
      words[at + OWNER] = owner & LINK;
    }
    if (this.logging) this.trim();
    return held;
  }

  /** Makes [place, place+frames) of a free record a held one; what is left stays in place. */
  carve(given: number, place: number, frames: number, owner: number): number {
    makeRoom(this);
    if (this.logging) keepCarve(this, given, place, frames);
    if (this.measures !== 0) measureCarve(this, given, place, frames);
    const { words, addresses } = this;
    const at = given & RECORD;
    const was = words[at + START];
    const wasFrames = words[at + FRAMES];
    const lower = place - was;
    const upper = wasFrames - lower - frames;
    words[FREE_FRAMES] -= frames;
    let held = at;
    if (lower === 0) {
      if (upper === 0) {
        this.remove(at, was, wasFrames);
        words[at + OWNER] = owner & LINK;
      } else {
        held = cutBelow(words, addresses, at, frames, takeRecord(words), owner);
        this.refile(at, was, wasFrames, place + frames, upper);
      }
    } else {
      held = cutAbove(words, addresses, at, frames + upper, takeRecord(words), owner);
      this.refile(at, was, wasFrames, was, lower);
      if (upper !== 0) {
        const rest = cutAbove(words, addresses, held, upper, takeRecord(words), FREE);
        this.refile(rest, 0, 0, place + frames, upper);
      }
    }
    if (this.logging) this.trim();
    return held;
  }

  /** Frees a held record, makes its handle stale, and joins it with its free neighbours. */
  release(given: number): void {
    let at = given & RECORD;
    const generation = this.words[at + GENERATION];
    if (generation >= LAST_GENERATION) at = this.replace(at);
    if (this.logging) keepRelease(this, at);
    if (this.measures !== 0) measureRelease(this, at);
    const { words, addresses } = this;
    if (generation < LAST_GENERATION) words[at + GENERATION] = generation + 1;
    const held = words[at + FRAMES];
    const start = words[at + START];
    let last = start;
    let frames = held;
    let wasFrames = 0;
    let run = at;
    let above = words[at + ABOVE] & LINK;
    const below = words[at + BELOW] & LINK;
    words[FREE_FRAMES] += held;
    words[at + OWNER] = FREE;
    if (start < this.lowestFree) this.lowestFree = start;
    if (above !== 0 && words[above + OWNER] === FREE) {
      // The record above is taken in.
      const gone = above;
      above = words[gone + ABOVE] & LINK;
      last = start + held;
      this.remove(gone, last, words[gone + FRAMES]);
      frames += words[gone + FRAMES];
      words[gone + OWNER] = VACATED;
      words[gone + ABOVE] = words[VACANT];
      words[VACANT] = gone;
    }
    if (below !== 0 && words[below + OWNER] === FREE) {
      // The record below takes this one in.
      wasFrames = words[below + FRAMES];
      frames += wasFrames;
      words[at + OWNER] = VACATED;
      words[at + ABOVE] = words[VACANT];
      words[VACANT] = at;
      run = below;
    }
    const low = start - wasFrames;
    if (frames !== held) {
      words[run + FRAMES] = frames;
      words[run + ABOVE] = above;
      if (above !== 0) words[above + BELOW] = run;
      joinAddresses(words, addresses, run, low, start, last, above);
    }
    this.refile(run, low, wasFrames, low, frames);
    if (this.logging) this.trim();
  }

  /** Puts a fresh record in the place of one that is out of generations. */
  private replace(at: number): number {
    makeRoom(this);
    if (this.logging) keepReplace(this, at);
    return replaceRecord(this, this.addresses, at);
  }
}
