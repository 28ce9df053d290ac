/**
 * The two operations that everything else comes down to: carving a held extent out of a free one,
 * and releasing a held extent into the free runs beside it.
 *
 * These are the innermost loop, so each is one flat function: the arena's words are read into a
 * local once, the record is cut or joined in place, and only the policy's index is called, which is
 * the subclass. V8 inlines no more than some 900 bytes of bytecode into a function; what does not fit
 * is a call, and after each call the words must be found anew. The rarer surgery (fixed ranges,
 * records out of generations) goes through the primitives of `extent-records`.
 *
 * Invariant: after each operation the records partition the node, no two free extents touch, and the
 * index, the address table and FREE_FRAMES agree with the records.
 * Trade-off: the cuts stand here a second time, next to those of `extent-records`; `verifyIndex` and
 * the journal's byte-for-byte tests hold both to the same layout.
 */
import type { AddressIndex } from './address-index.js';
import * as addressing from './address-index.js';
import { Arena } from './arena.js';
import * as layout from './extent-layout.js';
import * as records from './extent-records.js';
import * as store from './extent-store.js';
import type { FreeIndex, FreeRun } from './free-index.js';

const { enterAddress, keepAddress, leaveAddress, moveAddress } = addressing;
const { keepCut, LAST_GENERATION, makeRoom, replaceRecord, takeRecord } = records;
const { FREE } = store;
const {
  ABOVE,
  BELOW,
  COUNTER_WORDS,
  COUNTERS,
  FRAMES,
  FREE_FRAMES,
  GENERATION,
  OWNER,
  START,
  VACANT,
  VACATED,
} = layout;

export abstract class ExtentCarver extends Arena implements FreeIndex {
  readonly addresses: AddressIndex;
  /** All frames below are held. A bound found while searching; not part of the state. */
  lowestFree = 0;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex) {
    super(words);
    this.addresses = addresses;
  }

  abstract update(at: number, start: number, frames: number): void;
  abstract remove(at: number): void;
  abstract search(frames: number, align: number): number;
  abstract largestRun(): number;
  abstract mostGranules(): number;
  abstract problems(free: ReadonlyMap<number, FreeRun>): string[];

  /** The record of a new held extent at a place the policy chooses, or 0. */
  take(frames: number, align: number, owner: number): number {
    const at = this.search(frames, align);
    return at === 0 ? 0 : this.carve(at, this.place, frames, owner);
  }

  /** Makes [place, place+frames) of a free record a held one; what is left stays in place. */
  carve(at: number, place: number, frames: number, owner: number): number {
    makeRoom(this);
    const { words } = this;
    if (this.logging) this.keepRun(COUNTERS, COUNTER_WORDS);
    words[FREE_FRAMES] -= frames;
    const start = words[at + START];
    const lower = place - start;
    const upper = words[at + FRAMES] - lower - frames;
    let held = at;
    if (lower === 0) {
      if (upper > 0) {
        held = takeRecord(this);
        const below = words[at + BELOW];
        if (this.logging) keepCut(this, at, held, below === 0 ? 0 : below + ABOVE);
        words[at + START] = place + frames;
        words[at + FRAMES] = upper;
        words[held + START] = start;
        words[held + FRAMES] = frames;
        words[held + BELOW] = below;
        words[held + ABOVE] = at;
        words[at + BELOW] = held;
        if (below !== 0) words[below + ABOVE] = held;
        if (this.logging) {
          keepAddress(this, this.addresses, start);
          keepAddress(this, this.addresses, place + frames);
        }
        moveAddress(words, this.addresses, at, held);
        this.update(at, place + frames, upper);
      } else {
        if (this.logging) this.keep(at + OWNER);
        this.remove(at);
      }
    } else {
      held = takeRecord(this);
      const above = words[at + ABOVE];
      if (this.logging) keepCut(this, at, held, above === 0 ? 0 : above + BELOW);
      words[at + FRAMES] = lower;
      words[held + START] = place;
      words[held + FRAMES] = frames;
      words[held + BELOW] = at;
      words[held + ABOVE] = above;
      words[at + ABOVE] = held;
      if (above !== 0) words[above + BELOW] = held;
      if (this.logging) keepAddress(this, this.addresses, place);
      enterAddress(words, this.addresses, held);
      this.update(at, start, lower);
      if (upper > 0) this.leaveRest(held, place + frames, upper);
    }
    words[held + OWNER] = owner;
    if (this.logging) this.trim();
    return held;
  }

  /** The free rest above a carved record becomes a record of its own. */
  private leaveRest(held: number, start: number, frames: number): void {
    const rest = takeRecord(this);
    const { words } = this;
    const above = words[held + ABOVE];
    if (this.logging) keepCut(this, held, rest, above === 0 ? 0 : above + BELOW);
    words[rest + START] = start;
    words[rest + FRAMES] = frames;
    words[rest + OWNER] = FREE;
    words[rest + BELOW] = held;
    words[rest + ABOVE] = above;
    words[held + ABOVE] = rest;
    if (above !== 0) words[above + BELOW] = rest;
    if (this.logging) keepAddress(this, this.addresses, start);
    enterAddress(words, this.addresses, rest);
    this.update(rest, start, frames);
  }

  /** Frees a held record, makes its handle stale, and joins it with its free neighbours. */
  release(given: number): void {
    if (this.logging) this.keepRun(COUNTERS, COUNTER_WORDS);
    let at = given;
    if (this.words[at + GENERATION] >= LAST_GENERATION) {
      at = replaceRecord(this, this.addresses, at);
    }
    const { words } = this;
    const above = words[at + ABOVE];
    const below = words[at + BELOW];
    if (this.logging) keepCut(this, at, at, 0);
    if (at === given) words[at + GENERATION]++;
    const start = words[at + START];
    let frames = words[at + FRAMES];
    words[FREE_FRAMES] += frames;
    words[at + OWNER] = FREE;
    if (start < this.lowestFree) this.lowestFree = start;
    if (above !== 0 && words[above + OWNER] === FREE) {
      frames += words[above + FRAMES];
      this.remove(above);
      this.absorb(at, above, frames);
    }
    if (below !== 0 && words[below + OWNER] === FREE) {
      const first = words[below + START];
      frames += words[below + FRAMES];
      this.absorb(below, at, frames);
      this.update(below, first, frames);
    } else {
      this.update(at, start, frames);
    }
    if (this.logging) this.trim();
  }

  /** A record takes in its upper neighbour, `frames` together; the neighbour's becomes vacant. */
  private absorb(at: number, gone: number, frames: number): void {
    const { words } = this;
    const above = words[gone + ABOVE];
    if (this.logging) keepAddress(this, this.addresses, words[gone + START]);
    leaveAddress(words, this.addresses, gone);
    if (this.logging) keepCut(this, at, gone, above === 0 ? 0 : above + BELOW);
    words[at + FRAMES] = frames;
    words[at + ABOVE] = above;
    if (above !== 0) words[above + BELOW] = at;
    words[gone + OWNER] = VACATED;
    words[gone + ABOVE] = words[VACANT];
    words[VACANT] = gone;
  }
}
