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
 * name their frames first; `alloc` does both in one go and never looks an address up.
 *
 * Where it stops: 2^31 - 2^15 frames a node (24 TiB in 64 KiB frames is 4 × 10^8), 2^24 extents a
 * store, 2^21 generations a record (a record that reaches the last one is never used again). One
 * extent costs 64 bytes; the hot state of 1,000 extents is some 70 KB and lives in the L2 cache.
 *
 * Invariant: see `extent-store`; all state is in the words, so equal snapshots choose equally.
 * Trade-off: offsets instead of objects. Names for every word, small primitives and `verifyIndex`,
 * which recomputes everything, are what makes up for it.
 */
import type { AddressIndex } from './address-index.js';
import {
  addressIndexAt,
  enterAddress,
  leaveAddress,
  moveAddress,
  recordCovering,
} from './address-index.js';
import { Arena } from './arena.js';
import { poolProblems } from './extent-check.js';
import {
  ABOVE,
  BELOW,
  COUNTER_WORDS,
  COUNTERS,
  END,
  FIRST_RECORD,
  FRAMES,
  FREE_FRAMES,
  FREE_GRANULES,
  GENERATION,
  GRANULE_SHIFT,
  HEADER_WORDS,
  MAGIC,
  MAX_FRAMES,
  MAX_GRANULE,
  NODE_FRAMES,
  OWNER,
  POLICY,
  RECORD_SHIFT,
  RECORD_WORDS,
  recordAligned,
  SPENT,
  START,
  TAG,
  VACANT,
  VACATED,
} from './extent-layout.js';
import type { Extent, ExtentStore, Handle, StoreMark } from './extent-store.js';
import { FREE } from './extent-store.js';
import { unitsIn } from './frame-math.js';
import type { FreeIndex, PolicyName } from './free-index.js';
import { openIndex, policyNumber } from './policies.js';
import type { Segment } from './write-log.js';

/** 'AEXT' read as a little-endian word. */
const MAGIC_WORD = 0x54584541;
const SLOT_BITS = 24;
const SLOTS = 2 ** SLOT_BITS;
const TAGS = 2 ** 8;
const LAST_GENERATION = 2 ** 21 - 1;
const GENERATION_UNIT = 2 ** 32;
const MAX_OWNER = 2 ** 31 - 1;
/** Records an operation may need at most. */
const RECORDS_PER_OPERATION = 3;

export interface PoolShape {
  readonly frames: number;
  /** Frames of one granule (what a 1 GiB page takes): a power of two, at most 16,384. */
  readonly granuleFrames: number;
  /** Stores whose handles must not be mistaken for each other get different tags, 0…255. */
  readonly tag?: number;
  readonly policy?: PolicyName;
}

/** A store of `frames` free frames. */
export function createExtentPool(shape: PoolShape): ExtentPool {
  const { frames, granuleFrames, tag = 0, policy = 'granule-aware' } = shape;
  if (!Number.isInteger(frames) || frames < 1 || frames > MAX_FRAMES) {
    throw new Error(`a node of ${frames} frames`);
  }
  if (!Number.isInteger(tag) || tag < 0 || tag >= TAGS) throw new Error(`tag ${tag}: not 0…255`);
  const shift = Math.log2(granuleFrames);
  if (!Number.isInteger(shift) || shift < 0 || granuleFrames > MAX_GRANULE) {
    throw new Error(
      `a granule of ${granuleFrames} frames: not a power of two up to ${MAX_GRANULE}`,
    );
  }
  const addresses = addressIndexAt(HEADER_WORDS, frames, shift);
  const index = openIndex(policy, HEADER_WORDS + addresses.words, frames, shift);
  // Offset 0 is "no record", so the first record may not lie there; it never does.
  const firstRecord = recordAligned(HEADER_WORDS + addresses.words + index.words);
  const words = new Int32Array(firstRecord + 8 * RECORD_WORDS);
  words[MAGIC] = MAGIC_WORD;
  words[NODE_FRAMES] = frames;
  words[GRANULE_SHIFT] = shift;
  words[TAG] = tag;
  words[POLICY] = policyNumber(policy);
  words[FIRST_RECORD] = firstRecord;
  words[END] = firstRecord;
  const pool = new ExtentPool(new Arena(words), addresses, index);
  pool.open();
  return pool;
}

export class ExtentPool implements ExtentStore {
  readonly frames: number;
  private readonly arena: Arena;
  private readonly addresses: AddressIndex;
  private readonly index: FreeIndex;
  private readonly firstRecord: number;
  private readonly tagBits: number;
  /** All frames below are held. A bound found while searching; not part of the state. */
  private lowestFree = 0;

  constructor(arena: Arena, addresses: AddressIndex, index: FreeIndex) {
    const { words } = arena;
    this.arena = arena;
    this.addresses = addresses;
    this.index = index;
    this.frames = words[NODE_FRAMES];
    this.firstRecord = words[FIRST_RECORD];
    this.tagBits = words[TAG] * SLOTS;
  }

  /** Makes the one extent of a new node. */
  open(): void {
    const at = this.takeRecord();
    const { words } = this.arena;
    words[at + FRAMES] = this.frames;
    words[at + OWNER] = FREE;
    words[FREE_FRAMES] = this.frames;
    enterAddress(this.arena, this.addresses, at);
    this.index.update(this.arena, at, 0, this.frames);
  }

  get freeFrames(): number {
    return this.arena.words[FREE_FRAMES];
  }

  get granuleFrames(): number {
    return 1 << this.arena.words[GRANULE_SHIFT];
  }

  /** Wholly free granules: the 1 GiB pages still possible. O(1). */
  get freeGranules(): number {
    return this.arena.words[FREE_GRANULES];
  }

  /** Bytes of the live state. */
  get bytes(): number {
    return this.arena.words[END] * Int32Array.BYTES_PER_ELEMENT;
  }

  /**
   * Takes a place for `frames` frames aligned to `align`, chosen by the policy; 0 when there is no
   * such place.
   */
  alloc(frames: number, align: number, owner: number): Handle {
    requireRequest(frames, align);
    requireOwner(owner);
    const at = this.index.find(this.arena, frames, align);
    if (at === 0) return 0;
    return this.carve(at, this.arena.place, frames, owner);
  }

  find(frames: number, align: number): number {
    requireRequest(frames, align);
    return this.index.find(this.arena, frames, align) === 0 ? -1 : this.arena.place;
  }

  findLowest(frames: number, align: number, from = 0): number {
    requireRequest(frames, align);
    if (!Number.isSafeInteger(from) || from < 0) throw new Error(`search from frame ${from}`);
    const { words } = this.arena;
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
    return this.index.largestRun(this.arena);
  }

  freeUnits(unit: number): number {
    requireRequest(unit, unit);
    if (unit === 1) return this.freeFrames;
    if (unit === this.granuleFrames) return this.freeGranules;
    const { words } = this.arena;
    let units = 0;
    for (let at = this.recordAt(0); at !== 0; at = words[at + ABOVE]) {
      if (words[at + OWNER] === FREE) units += unitsIn(words[at + START], words[at + FRAMES], unit);
    }
    return units;
  }

  allocAt(start: number, frames: number, owner: number): Handle {
    this.requireInside(start, frames);
    requireOwner(owner);
    const at = this.recordAt(start);
    const { words } = this.arena;
    const isFree = words[at + OWNER] === FREE;
    if (!isFree || start + frames > words[at + START] + words[at + FRAMES]) {
      throw new Error(`frames [${start}, +${frames}) are not all free`);
    }
    return this.carve(at, start, frames, owner);
  }

  free(handle: Handle): void {
    this.release(this.recordOfHandle(handle));
  }

  freeRange(start: number, frames: number): void {
    this.requireInside(start, frames);
    const at = this.recordAt(start);
    const { words } = this.arena;
    const lower = start - words[at + START];
    const upper = words[at + FRAMES] - lower - frames;
    if (words[at + OWNER] === FREE || upper < 0) {
      throw new Error(`frames [${start}, +${frames}) are not inside one held extent`);
    }
    this.makeRoom();
    if (upper > 0 && lower > 0) this.cutAbove(at, upper);
    if (lower > 0) this.release(this.cutAbove(at, frames));
    else if (upper > 0) this.release(this.cutBelow(at, frames));
    else this.release(at);
  }

  setOwner(handle: Handle, owner: number): void {
    requireOwner(owner);
    const at = this.recordOfHandle(handle);
    if (this.arena.logging) this.arena.keep(at + OWNER);
    this.arena.words[at + OWNER] = owner;
  }

  at(handle: Handle): Extent {
    return this.extentOf(this.recordOfHandle(handle));
  }

  covering(frame: number): Extent {
    this.requireInside(frame, 1);
    return this.extentOf(this.recordAt(frame));
  }

  /** The extents as they are while the iteration goes on; change nothing meanwhile. */
  *extents(): Generator<Extent> {
    const { words } = this.arena;
    for (let at = this.recordAt(0); at !== 0; at = words[at + ABOVE]) yield this.extentOf(at);
  }

  mark(): StoreMark {
    // A mark is a journal segment; only this class makes or reads one.
    return this.arena.mark() as unknown as StoreMark;
  }

  rollback(mark: StoreMark): void {
    this.arena.rollback(mark as unknown as Segment);
    this.lowestFree = 0;
  }

  fork(): ExtentPool {
    const spare = RECORDS_PER_OPERATION * RECORD_WORDS;
    return new ExtentPool(new Arena(this.arena.copy(spare)), this.addresses, this.index);
  }

  snapshot(): Uint8Array {
    return new Uint8Array(this.arena.copy(0).buffer);
  }

  restore(bytes: Uint8Array): void {
    const words = new Int32Array(bytes.slice().buffer);
    for (let i = 0; i < COUNTERS; i++) {
      if (words[i] !== this.arena.words[i]) throw new Error('a snapshot of another store');
    }
    if (words[END] !== words.length) throw new Error('a snapshot that is cut off');
    this.arena.replace(words);
    this.lowestFree = 0;
  }

  verifyIndex(): string[] {
    return poolProblems(this.arena, this.addresses, this.index);
  }

  /** Makes [place, place+frames) of a free record a held extent; what is left stays in place. */
  private carve(at: number, place: number, frames: number, owner: number): Handle {
    this.makeRoom();
    const { arena } = this;
    const { words } = arena;
    if (arena.logging) arena.keepRun(COUNTERS, COUNTER_WORDS);
    words[FREE_FRAMES] -= frames;
    const start = words[at + START];
    const lower = place - start;
    const upper = words[at + FRAMES] - lower - frames;
    let held = at;
    if (lower === 0) {
      if (upper > 0) held = this.cutBelow(at, frames);
      this.index.update(arena, at, place + frames, upper);
    } else {
      held = this.cutAbove(at, frames + upper);
      this.index.update(arena, at, start, lower);
      if (upper > 0) {
        const rest = this.cutAbove(held, upper);
        words[rest + OWNER] = FREE;
        this.index.update(arena, rest, place + frames, upper);
      }
    }
    if (arena.logging) arena.keep(held + OWNER);
    words[held + OWNER] = owner;
    if (arena.logging) arena.trim();
    return this.handleOf(held);
  }

  /** Frees a held record and joins it with its free neighbours. */
  private release(given: number): void {
    const { arena } = this;
    const at = this.retireHandle(given);
    const { words } = arena;
    if (arena.logging) {
      arena.keepRun(COUNTERS, COUNTER_WORDS);
      arena.keepRun(at, RECORD_WORDS);
    }
    const start = words[at + START];
    let frames = words[at + FRAMES];
    words[FREE_FRAMES] += frames;
    words[at + OWNER] = FREE;
    if (start < this.lowestFree) this.lowestFree = start;
    const above = words[at + ABOVE];
    const below = words[at + BELOW];
    if (above !== 0 && words[above + OWNER] === FREE) {
      frames += words[above + FRAMES];
      this.index.update(arena, above, start, 0);
      this.absorbAbove(at, above);
    }
    if (below !== 0 && words[below + OWNER] === FREE) {
      const first = words[below + START];
      frames += words[below + FRAMES];
      this.absorbAbove(below, at);
      this.index.update(arena, below, first, frames);
    } else {
      this.index.update(arena, at, start, frames);
    }
    if (arena.logging) arena.trim();
  }

  /** Cuts the upper `frames` frames off a record; they become a record of the same owner. */
  private cutAbove(at: number, frames: number): number {
    const fresh = this.takeRecord();
    const { arena } = this;
    const { words } = arena;
    const above = words[at + ABOVE];
    if (arena.logging) this.keepCut(at, fresh, above === 0 ? 0 : above + BELOW);
    words[at + FRAMES] -= frames;
    words[fresh + START] = words[at + START] + words[at + FRAMES];
    words[fresh + FRAMES] = frames;
    words[fresh + OWNER] = words[at + OWNER];
    words[fresh + BELOW] = at;
    words[fresh + ABOVE] = above;
    words[at + ABOVE] = fresh;
    if (above !== 0) words[above + BELOW] = fresh;
    enterAddress(arena, this.addresses, fresh);
    return fresh;
  }

  /** Cuts the lower `frames` frames off a record; they become a record of the same owner. */
  private cutBelow(at: number, frames: number): number {
    const fresh = this.takeRecord();
    const { arena } = this;
    const { words } = arena;
    const below = words[at + BELOW];
    if (arena.logging) this.keepCut(at, fresh, below === 0 ? 0 : below + ABOVE);
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
    moveAddress(arena, this.addresses, at, fresh);
    return fresh;
  }

  /** A record takes in its upper neighbour, whose record becomes vacant. */
  private absorbAbove(at: number, gone: number): void {
    const { arena } = this;
    const { words } = arena;
    const above = words[gone + ABOVE];
    leaveAddress(arena, this.addresses, gone);
    if (arena.logging) {
      this.keepCut(at, gone, above === 0 ? 0 : above + BELOW);
    }
    words[at + FRAMES] += words[gone + FRAMES];
    words[at + ABOVE] = above;
    if (above !== 0) words[above + BELOW] = at;
    words[gone + OWNER] = VACATED;
    words[gone + ABOVE] = words[VACANT];
    words[VACANT] = gone;
  }

  /** Notes what a cut or a join of two records writes; `link` is the third record's word, or 0. */
  private keepCut(at: number, other: number, link: number): void {
    const { arena } = this;
    arena.keepRun(at, POLICY_END);
    arena.keepRun(other, POLICY_END);
    arena.keepRun(COUNTERS, COUNTER_WORDS);
    if (link !== 0) arena.keep(link);
  }

  /**
   * Makes a held record's handle stale. A record out of generations is replaced by another: the
   * record to go on with is returned.
   */
  private retireHandle(at: number): number {
    const { arena } = this;
    if (arena.words[at + GENERATION] < LAST_GENERATION) {
      if (arena.logging) arena.keep(at + GENERATION);
      arena.words[at + GENERATION]++;
      return at;
    }
    this.makeRoom();
    const frames = arena.words[at + FRAMES];
    const fresh = this.takeRecord();
    const { words } = arena;
    const below = words[at + BELOW];
    const above = words[at + ABOVE];
    leaveAddress(arena, this.addresses, at);
    if (arena.logging) {
      this.keepCut(at, fresh, below === 0 ? 0 : below + ABOVE);
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
    enterAddress(arena, this.addresses, fresh);
    return fresh;
  }

  /** Room for what one operation takes; must come before `words` is read into a local. */
  private makeRoom(): void {
    const { words } = this.arena;
    if (words[END] + RECORDS_PER_OPERATION * RECORD_WORDS <= words.length) return;
    this.arena.grow();
  }

  /** A vacant record, or the next one never used. */
  private takeRecord(): number {
    const { arena } = this;
    const { words } = arena;
    if (arena.logging) arena.keepRun(COUNTERS, COUNTER_WORDS);
    const vacant = words[VACANT];
    if (vacant !== 0) {
      words[VACANT] = words[vacant + ABOVE];
      return vacant;
    }
    const at = words[END];
    if (at - this.firstRecord >= SLOTS * RECORD_WORDS) {
      throw new Error(`more than ${SLOTS} extents in one store`);
    }
    // What a rolled-back record left here must not be read.
    words.fill(0, at, at + RECORD_WORDS);
    words[at + GENERATION] = 1;
    words[END] = at + RECORD_WORDS;
    return at;
  }

  private recordAt(frame: number): number {
    return recordCovering(this.arena.words, this.addresses, frame);
  }

  private handleOf(at: number): Handle {
    const slot = (at - this.firstRecord) >> RECORD_SHIFT;
    return this.arena.words[at + GENERATION] * GENERATION_UNIT + (this.tagBits + slot);
  }

  private recordOfHandle(handle: Handle): number {
    const { words } = this.arena;
    // The low 32 bits of a number below 2^53 survive the conversion that & makes.
    const at = this.firstRecord + ((handle & (SLOTS - 1)) << RECORD_SHIFT);
    if (at >= words[END] || words[at + OWNER] <= FREE || this.handleOf(at) !== handle) {
      throw new Error(`handle ${handle} is stale, or of another store`);
    }
    return at;
  }

  private extentOf(at: number): Extent {
    const { words } = this.arena;
    const owner = words[at + OWNER];
    const handle = owner === FREE ? 0 : this.handleOf(at);
    return { start: words[at + START], frames: words[at + FRAMES], owner, handle };
  }

  /** [start, start+frames) must be a run inside the node. */
  private requireInside(start: number, frames: number): void {
    const isRun = Number.isSafeInteger(start) && Number.isSafeInteger(frames);
    if (!isRun || start < 0 || frames < 1 || start + frames > this.frames) {
      throw new Error(`frames [${start}, +${frames}) of a node of ${this.frames}`);
    }
  }
}

/** Words of a record that cutting and joining write: all but the policy's. */
const POLICY_END = ABOVE + 1;

function requireRequest(frames: number, align: number): void {
  if (!(Number.isSafeInteger(frames) && frames > 0 && Number.isSafeInteger(align) && align > 0)) {
    throw new Error(`request of ${frames} frames aligned to ${align}`);
  }
}

function requireOwner(owner: number): void {
  if (!Number.isSafeInteger(owner) || owner <= FREE || owner > MAX_OWNER) {
    throw new Error(`owner ${owner} cannot hold`);
  }
}
