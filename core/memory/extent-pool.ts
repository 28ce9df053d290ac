/**
 * The extent pool: an extent store on one Int32Array, fast enough for the innermost loop.
 *
 * What a word means is in `extent-layout`: the node's extents are records of 16 words (one cache
 * line), tied to their physical neighbours by boundary tags, so that a free run is merged with its
 * neighbours without any search. A handle is generation · 2^32 + tag · 2^24 + slot: the slot says
 * which record, the generation grows at each free, the tag tells stores apart.
 *
 * Search policy: a `FreeIndex` (granule-aware, best fit, address-ordered first fit) files the free
 * extents and finds places; the pool cuts and joins. `find` + `allocAt` is for decisions that must
 * name their frames first; `alloc` does both in one go and never looks an address up. The two
 * operations of the innermost loop, carve and release, are flat functions in `extent-carver`.
 *
 * Where it stops: 2^31 - 2^15 frames a node (24 TiB in 64 KiB frames is 4 × 10^8), 2^24 extents a
 * store, 2^21 generations a record (a record that reaches the last one is never used again). One
 * extent costs 64 bytes; the hot state of 1,000 extents is some 70 KB and lives in the L2 cache.
 *
 * Invariant: see `extent-store`; all state is in the words, so equal snapshots choose equally.
 * Trade-off: offsets instead of objects. Names for every word, small primitives and `verifyIndex`,
 * which recomputes everything, are what makes up for it.
 */
import { type AddressIndex, enterAddress, recordCovering } from './address-index.js';
import { ExtentCarver } from './extent-carver.js';
import { poolProblems } from './extent-check.js';
import * as layout from './extent-layout.js';
import {
  cutAbove,
  cutBelow,
  makeRoom,
  RECORDS_PER_OPERATION,
  SLOTS,
  takeRecord,
} from './extent-records.js';
import type { Extent, ExtentStore, Handle, StoreMark } from './extent-store.js';
import { FREE } from './extent-store.js';
import { unitsIn } from './frame-math.js';
import type { FreeIndex } from './free-index.js';
import { requireInside, requireOwner, requireRequest } from './pool-requests.js';
import { layOut, type PoolShape } from './pool-shape.js';
import type { Segment } from './write-log.js';

const {
  ABOVE,
  COUNTER_WORDS,
  COUNTERS,
  END,
  FIRST_RECORD,
  FRAMES,
  FREE_FRAMES,
  FREE_GRANULES,
  GENERATION,
  GRANULE_SHIFT,
  NODE_FRAMES,
  OWNER,
  RECORD_SHIFT,
  RECORD_WORDS,
  START,
  TAG,
} = layout;

const SLOT_MASK = SLOTS - 1;
const GENERATION_UNIT = 2 ** 32;

/** A store of `frames` free frames. */
export function createExtentPool(shape: PoolShape): ExtentPool {
  const { words, addresses, index } = layOut(shape);
  const pool = new ExtentPool(words, addresses, index);
  pool.open();
  return pool;
}

export class ExtentPool extends ExtentCarver implements ExtentStore {
  readonly frames: number;
  private readonly firstRecord: number;
  private readonly tagBits: number;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex, index: FreeIndex) {
    super(words, addresses, index);
    this.frames = words[NODE_FRAMES];
    this.firstRecord = words[FIRST_RECORD];
    this.tagBits = words[TAG] * SLOTS;
  }

  /** Makes the one extent of a new node. */
  open(): void {
    const at = takeRecord(this);
    const { words } = this;
    words[at + FRAMES] = this.frames;
    words[at + OWNER] = FREE;
    words[FREE_FRAMES] = this.frames;
    enterAddress(words, this.addresses, at);
    this.index.update(this, at, 0, this.frames);
  }

  get freeFrames(): number {
    return this.words[FREE_FRAMES];
  }

  get granuleFrames(): number {
    return 1 << this.words[GRANULE_SHIFT];
  }

  /** Wholly free granules: the 1 GiB pages still possible. O(1). */
  get freeGranules(): number {
    return this.words[FREE_GRANULES];
  }

  /** Bytes of the live state. */
  get bytes(): number {
    return this.words[END] * Int32Array.BYTES_PER_ELEMENT;
  }

  /**
   * Takes a place for `frames` frames aligned to `align`, chosen by the policy; 0 when there is no
   * such place.
   */
  alloc(frames: number, align: number, owner: number): Handle {
    requireRequest(frames, align);
    requireOwner(owner);
    const at = this.take(frames, align, owner);
    return at === 0 ? 0 : this.handleOf(at);
  }

  find(frames: number, align: number): number {
    requireRequest(frames, align);
    return this.index.find(this, frames, align) === 0 ? -1 : this.place;
  }

  findLowest(frames: number, align: number, from = 0): number {
    requireRequest(frames, align);
    if (!Number.isSafeInteger(from) || from < 0) throw new Error(`search from frame ${from}`);
    const { words } = this;
    const first = Math.max(from, this.lowestFree);
    if (first >= this.frames) return -1;
    let isLowest = from <= this.lowestFree;
    for (let at = this.recordAt(first); at !== 0; at = words[at + ABOVE]) {
      if (words[at + OWNER] !== FREE) continue;
      const start = Math.max(words[at + START], from);
      if (isLowest) this.lowestFree = words[at + START];
      isLowest = false;
      const place = align === 1 ? start : Math.ceil(start / align) * align;
      if (place + frames <= words[at + START] + words[at + FRAMES]) return place;
    }
    if (isLowest) this.lowestFree = this.frames;
    return -1;
  }

  largestFreeRun(): number {
    return this.index.largestRun(this);
  }

  largestGranuleRun(): number {
    return this.index.mostGranules(this) * this.granuleFrames;
  }

  freeUnits(unit: number): number {
    requireRequest(unit, unit);
    if (unit === 1) return this.freeFrames;
    if (unit === this.granuleFrames) return this.freeGranules;
    const { words } = this;
    let units = 0;
    for (let at = this.recordAt(0); at !== 0; at = words[at + ABOVE]) {
      if (words[at + OWNER] === FREE) units += unitsIn(words[at + START], words[at + FRAMES], unit);
    }
    return units;
  }

  allocAt(start: number, frames: number, owner: number): Handle {
    requireInside(start, frames, this.frames);
    requireOwner(owner);
    const at = this.recordAt(start);
    const { words } = this;
    const isFree = words[at + OWNER] === FREE;
    if (!isFree || start + frames > words[at + START] + words[at + FRAMES]) {
      throw new Error(`frames [${start}, +${frames}) are not all free`);
    }
    return this.handleOf(this.carve(at, start, frames, owner));
  }

  free(handle: Handle): void {
    this.release(this.recordOfHandle(handle));
  }

  freeRange(start: number, frames: number): void {
    requireInside(start, frames, this.frames);
    const at = this.recordAt(start);
    const { words } = this;
    const lower = start - words[at + START];
    const upper = words[at + FRAMES] - lower - frames;
    if (words[at + OWNER] === FREE || upper < 0) {
      throw new Error(`frames [${start}, +${frames}) are not inside one held extent`);
    }
    makeRoom(this);
    if (this.logging) this.keepRun(COUNTERS, COUNTER_WORDS);
    if (upper > 0 && lower > 0) cutAbove(this, this.addresses, at, upper);
    if (lower > 0) this.release(cutAbove(this, this.addresses, at, frames));
    else if (upper > 0) this.release(cutBelow(this, this.addresses, at, frames));
    else this.release(at);
  }

  setOwner(handle: Handle, owner: number): void {
    requireOwner(owner);
    const at = this.recordOfHandle(handle);
    if (this.logging) this.keep(at + OWNER);
    this.words[at + OWNER] = owner;
  }

  at(handle: Handle): Extent {
    return this.extentOf(this.recordOfHandle(handle));
  }

  covering(frame: number): Extent {
    requireInside(frame, 1, this.frames);
    return this.extentOf(this.recordAt(frame));
  }

  /** The extents as they are while the iteration goes on; change nothing meanwhile. */
  *extents(): Generator<Extent> {
    const { words } = this;
    for (let at = this.recordAt(0); at !== 0; at = words[at + ABOVE]) yield this.extentOf(at);
  }

  mark(): StoreMark {
    // A mark is a journal segment; only this class makes or reads one.
    return this.beginSegment() as unknown as StoreMark;
  }

  rollback(mark: StoreMark): void {
    this.undoTo(mark as unknown as Segment);
    this.lowestFree = 0;
  }

  fork(): ExtentPool {
    const spare = RECORDS_PER_OPERATION * RECORD_WORDS;
    return new ExtentPool(this.copyWords(spare), this.addresses, this.index);
  }

  snapshot(): Uint8Array {
    return new Uint8Array(this.copyWords(0).buffer);
  }

  restore(bytes: Uint8Array): void {
    const words = new Int32Array(bytes.slice().buffer);
    for (let i = 0; i < COUNTERS; i++) {
      if (words[i] !== this.words[i]) throw new Error('a snapshot of another store');
    }
    if (words[END] !== words.length) throw new Error('a snapshot that is cut off');
    this.replaceWords(words);
    this.lowestFree = 0;
  }

  verifyIndex(): string[] {
    return poolProblems(this, this.addresses, this.index);
  }

  /**
   * The record `alloc` hands out, or 0. Apart from it so that only small integers cross a call that
   * is not inlined: a handle is a double, which V8 would put on the heap to return it.
   */
  private take(frames: number, align: number, owner: number): number {
    const at = this.index.find(this, frames, align);
    return at === 0 ? 0 : this.carve(at, this.place, frames, owner);
  }

  private recordAt(frame: number): number {
    return recordCovering(this.words, this.addresses, frame);
  }

  private handleOf(at: number): Handle {
    const slot = (at - this.firstRecord) >> RECORD_SHIFT;
    return this.words[at + GENERATION] * GENERATION_UNIT + (this.tagBits + slot);
  }

  private recordOfHandle(handle: Handle): number {
    const { words } = this;
    // The low 32 bits of a number below 2^53 survive the conversion that & makes.
    const at = this.firstRecord + ((handle & SLOT_MASK) << RECORD_SHIFT);
    if (at >= words[END] || words[at + OWNER] <= FREE || this.handleOf(at) !== handle) {
      throw staleHandle(handle);
    }
    return at;
  }

  private extentOf(at: number): Extent {
    const { words } = this;
    const owner = words[at + OWNER];
    const handle = owner === FREE ? 0 : this.handleOf(at);
    return { start: words[at + START], frames: words[at + FRAMES], owner, handle };
  }
}

/** Apart, since V8 would otherwise write the number of every handle out before it knows it must. */
function staleHandle(handle: Handle): Error {
  return new Error(`handle ${handle} is stale, or of another store`);
}
