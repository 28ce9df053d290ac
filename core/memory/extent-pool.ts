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
import { enterAddress, recordCovering } from './address-index.js';
import { deadHandle } from './dead-handles.js';
import { areEach, carveEach, releaseEach } from './equal-extents.js';
import type { ExtentCarver } from './extent-carver.js';
import { poolProblems } from './extent-check.js';
import * as layout from './extent-layout.js';
import type { ExtentList } from './extent-list.js';
import {
  cutAbove,
  cutBelow,
  makeRoom,
  RECORDS_PER_OPERATION,
  SLOTS,
  takeRecord,
} from './extent-records.js';
import type { Extent, ExtentStore, Handle, StoreMark } from './extent-store.js';
import * as store from './extent-store.js';
import { freeBlocksOf, freeUnitsOf } from './free-counts.js';
import type { PolicyName } from './free-index.js';
import { measureFirst, mostUnitsMeasured } from './measures.js';
import { keepCuts } from './operation-log.js';
import { openCarver } from './policies.js';
import * as requests from './pool-requests.js';
import { layOut, type PoolShape } from './pool-shape.js';
import type { Segment } from './write-log.js';

const { FREE } = store;
const { requireInside, requireOrder, requireOwner, requireRequest } = requests;
const {
  ABOVE,
  COUNTERS,
  END,
  FIRST_RECORD,
  FRAMES,
  FREE_FRAMES,
  FREE_GRANULES,
  GENERATION,
  GRANULE_SHIFT,
  MEASURES,
  NODE_FRAMES,
  OWNER,
  RECORD,
  RECORD_SHIFT,
  RECORD_WORDS,
  START,
  TAG,
} = layout;

/** Header words that say what store this is. */
const UNCHANGING = [...Array(COUNTERS).keys(), MEASURES];
const SLOT_MASK = SLOTS - 1;
const GENERATION_UNIT = 2 ** 32;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** A store of `frames` free frames. */
export function createExtentPool(shape: PoolShape): ExtentPool {
  const { words, addresses, policy } = layOut(shape);
  const pool = new ExtentPool(openCarver(policy, words, addresses), policy);
  pool.open();
  return pool;
}

export class ExtentPool implements ExtentStore {
  declare readonly frames: number;
  declare private readonly carver: ExtentCarver;
  declare private readonly policy: PolicyName;
  declare private readonly firstRecord: number;
  declare private readonly tagBits: number;

  constructor(carver: ExtentCarver, policy: PolicyName) {
    const { words } = carver;
    this.carver = carver;
    this.policy = policy;
    this.frames = words[NODE_FRAMES];
    this.firstRecord = words[FIRST_RECORD];
    this.tagBits = words[TAG] * SLOTS;
  }

  /** Makes the one extent of a new node. */
  open(): void {
    const { words } = this.carver;
    const at = takeRecord(words);
    // OWNER and START are right: a new record is all zeros.
    words[at + FRAMES] = this.frames;
    words[FREE_FRAMES] = this.frames;
    enterAddress(words, this.carver.addresses, at, 0);
    this.carver.refile(at, 0, 0, 0, this.frames);
    if (this.carver.measures !== 0) measureFirst(this.carver);
  }

  get freeFrames(): number {
    return this.carver.words[FREE_FRAMES];
  }

  get granuleFrames(): number {
    return 1 << this.carver.words[GRANULE_SHIFT];
  }

  /** Wholly free granules: the 1 GiB pages still possible. O(1). */
  get freeGranules(): number {
    return this.carver.words[FREE_GRANULES];
  }

  /** Bytes of the live state. */
  get bytes(): number {
    return this.carver.words[END] * WORD_BYTES;
  }

  /**
   * Takes a place for `frames` frames aligned to `align`, chosen by the policy; 0 when there is no
   * such place.
   */
  alloc(frames: number, align: number, owner: number): Handle {
    requireRequest(frames, align, this);
    requireOwner(owner);
    const at = this.carver.take(frames, align, owner);
    return at === 0 ? 0 : this.handleOf(at);
  }

  find(frames: number, align: number): number {
    requireRequest(frames, align, this);
    return this.carver.search(frames, align) === 0 ? -1 : this.carver.place;
  }

  findLowest(frames: number, align: number, from = 0): number {
    requireRequest(frames, align, this);
    if (!Number.isSafeInteger(from) || from < 0) throw new Error(`search from frame ${from}`);
    const { words } = this.carver;
    const first = Math.max(from, this.carver.lowestFree);
    if (first >= this.frames) return -1;
    let isLowest = from <= this.carver.lowestFree;
    for (let at = this.recordAt(first); at !== 0; at = words[at + ABOVE]) {
      if (words[at + OWNER] !== FREE) continue;
      const start = Math.max(words[at + START], from);
      if (isLowest) this.carver.lowestFree = words[at + START];
      isLowest = false;
      const place = align === 1 ? start : Math.ceil(start / align) * align;
      if (place + frames <= words[at + START] + words[at + FRAMES]) return place;
    }
    if (isLowest) this.carver.lowestFree = this.frames;
    return -1;
  }

  largestFreeRun(): number {
    return this.carver.largestRun();
  }

  largestGranuleRun(): number {
    const { carver } = this;
    const most = carver.measures === 0 ? carver.mostGranules() : mostUnitsMeasured(carver, 0);
    return most * this.granuleFrames;
  }

  knownAlignedRun(order: number): number | undefined {
    requireOrder(order);
    const { carver } = this;
    const isMeasured = carver.measures !== 0;
    const most = isMeasured ? mostUnitsMeasured(carver, order) : carver.mostUnitsFiled(order);
    if (most === undefined) return undefined;
    // None of an order that a shift cannot make.
    return (most << order) * this.granuleFrames;
  }

  freeUnits(unit: number): number {
    requireRequest(unit, unit, this);
    if (unit === 1) return this.freeFrames;
    if (unit === this.granuleFrames) return this.freeGranules;
    return freeUnitsOf(this.carver, unit);
  }

  freeBlocks(): number {
    return freeBlocksOf(this.carver);
  }

  allocAt(start: number, frames: number, owner: number): Handle {
    requireInside(start, frames, this.frames);
    requireOwner(owner);
    return this.handleOf(this.carver.takeAt(start, frames, owner));
  }

  free(handle: Handle): void {
    this.carver.release(this.recordOfHandle(handle, true));
  }

  freeRange(start: number, frames: number): void {
    requireInside(start, frames, this.frames);
    const at = this.recordAt(start);
    const { words } = this.carver;
    const lower = start - words[at + START];
    const upper = words[at + FRAMES] - lower - frames;
    if (words[at + OWNER] === FREE || upper < 0) {
      throw new Error(`frames [${start}, +${frames}) are not inside one held extent`);
    }
    this.carver.release(this.cutOut(at, lower, frames, upper));
  }

  /** Makes the middle of a held record one of its own, unless it is all of it. */
  private cutOut(at: number, lower: number, frames: number, upper: number): number {
    const { carver } = this;
    const { addresses } = carver;
    if (lower === 0 && upper === 0) return at;
    makeRoom(carver);
    const { words } = carver;
    const owner = words[at + OWNER];
    if (carver.logging) keepCuts(carver, at, words[at + START] + lower, frames);
    if (lower === 0) return cutBelow(words, addresses, at, frames, takeRecord(words), owner);
    if (upper > 0) cutAbove(words, addresses, at, upper, takeRecord(words), owner);
    return cutAbove(words, addresses, at, frames, takeRecord(words), owner);
  }

  setOwner(handle: Handle, owner: number): void {
    requireOwner(owner);
    const at = this.recordOfHandle(handle, false);
    if (this.carver.logging) this.carver.keep(at + OWNER);
    this.carver.words[at + OWNER] = owner;
  }

  at(handle: Handle): Extent {
    return this.extentOf(this.recordOfHandle(handle, false));
  }

  covering(frame: number): Extent {
    requireInside(frame, 1, this.frames);
    return this.extentOf(this.recordAt(frame));
  }

  /** The extents as they are while the iteration goes on; change nothing meanwhile. */
  *extents(): Generator<Extent> {
    const { words } = this.carver;
    for (let at = this.recordAt(0); at !== 0; at = words[at + ABOVE]) yield this.extentOf(at);
  }

  listInto(list: ExtentList): void {
    const { words } = this.carver;
    for (let at = this.recordAt(0); at !== 0; at = words[at + ABOVE]) {
      list.add(words[at + START], words[at + FRAMES], words[at + OWNER]);
    }
  }

  allocEach(extents: store.EqualExtents, owner: number): void {
    carveEach(this.carver, extents, owner);
  }

  holdsEach(extents: store.EqualExtents, owner: number): boolean {
    return areEach(this.carver, extents, owner);
  }

  freeEach(extents: store.EqualExtents, owner: number): void {
    releaseEach(this.carver, extents, owner);
  }

  mark(): StoreMark {
    // A mark is a journal segment; only this class makes or reads one.
    return this.carver.beginSegment() as unknown as StoreMark;
  }

  rollback(mark: StoreMark): void {
    this.carver.undoTo(mark as unknown as Segment);
    this.carver.forget();
  }

  fork(): ExtentPool {
    const spare = RECORDS_PER_OPERATION * RECORD_WORDS;
    const { carver, policy } = this;
    return new ExtentPool(openCarver(policy, carver.copyWords(spare), carver.addresses), policy);
  }

  /**
   * `into`: memory to write to and answer from, such as a snapshot no longer needed. Fresh memory costs
   * several times what the copy does.
   */
  snapshot(into?: Uint8Array): Uint8Array {
    const live = new Uint8Array(this.carver.words.buffer, 0, this.bytes);
    if (into === undefined || into.length < live.length) return live.slice();
    into.set(live);
    return into.subarray(0, live.length);
  }

  restore(bytes: Uint8Array): void {
    const isAligned = bytes.byteOffset % WORD_BYTES === 0;
    const { buffer, byteOffset, length } = isAligned ? bytes : new Uint8Array(bytes);
    const words = new Int32Array(buffer, byteOffset, Math.floor(length / WORD_BYTES));
    for (const at of UNCHANGING) {
      if (words[at] !== this.carver.words[at]) throw new Error('a snapshot of another store');
    }
    if (words[END] * WORD_BYTES !== length) throw new Error('a snapshot that is cut off');
    this.carver.replaceWords(words);
    this.carver.forget();
  }

  verifyIndex(): string[] {
    return poolProblems(this.carver);
  }

  private recordAt(frame: number): number {
    return recordCovering(this.carver.words, this.carver.addresses, frame);
  }

  private handleOf(at: number): Handle {
    const { words } = this.carver;
    const slot = (at - this.firstRecord) >> RECORD_SHIFT;
    return words[(at & RECORD) + GENERATION] * GENERATION_UNIT + (this.tagBits + slot);
  }

  /** `frees`: only told where the handle is refused. */
  private recordOfHandle(handle: Handle, frees: boolean): number {
    const { words } = this.carver;
    // The low 32 bits of a number below 2^53 survive the conversion that & makes.
    const slot = handle & SLOT_MASK;
    const at = (this.firstRecord + (slot << RECORD_SHIFT)) & RECORD;
    const isHeld = at < words[END] && words[at + OWNER] > FREE;
    if (!isHeld || words[at + GENERATION] * GENERATION_UNIT + (this.tagBits + slot) !== handle) {
      throw deadHandle(words, handle, frees);
    }
    return at;
  }

  private extentOf(at: number): Extent {
    const { words } = this.carver;
    const owner = words[at + OWNER];
    const handle = owner === FREE ? 0 : this.handleOf(at);
    return { start: words[at + START], frames: words[at + FRAMES], owner, handle };
  }
}
