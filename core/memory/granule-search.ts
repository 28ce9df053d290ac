/**
 * How the granule-aware policy finds a place; what it knows is filed by `granule-index`.
 *
 * Handing out a piece (a ragged end) breaks no granule; so a request that some piece can hold takes
 * the smallest such piece, of equal ones the one filed last. An aligned request looks at SEARCH pieces
 * before it goes on. What no piece can hold takes from a run with whole granules. They are looked at by
 * their bin, fewest granules first, in a bin the one filed last first; of SEARCH of them the best place
 *   1. destroys the fewest granules (whole and free before, not after)   2. touches the fewest at all
 *   3. is in the shortest run, and of equal ones was seen first
 * The looking ends early at a place that touches no more granules than the length of the request
 * (rounded up) and destroys no more than that (rounded down, one at least).
 *
 * Why the search may be bounded: a run of W whole granules surely holds every request of at most W
 * granules minus what rounding up to `align` can cost. Runs with fewer are luck. Only when the
 * bounded search has no luck and no sure run exists are all runs with enough frames tried, and then
 * all pieces, so that what fits is never refused.
 * Invariant: reads only, but for the best place seen. Trade-off: it stops scaling where thousands of
 * equal runs share a bin and all of them nearly fit.
 */
import type { AddressIndex } from './address-index.js';
import * as binLists from './bin-lists.js';
import * as levels from './bit-levels.js';
import { ExtentCarver } from './extent-carver.js';
import * as layout from './extent-layout.js';
import * as frameMath from './frame-math.js';
import * as granuleLayout from './granule-layout.js';

const { binsAt, binWords, firstNode, nextNode } = binLists;
const { leastFrom } = levels;
const { recordOf } = layout;
const { alignDown, alignUp } = frameMath;
const { HEAD_NODE, wholeBin } = granuleLayout;
const { FRAMES, GRANULE_SHIFT, NODE_FRAMES, START } = layout;

/** Runs looked at before the best one so far is taken. */
const SEARCH = 12;
/** A search without bound. */
const EVERY = 2 ** 30;

/** Words that the bins of a node take. */
export function granuleWords(frames: number, shift: number): number {
  return binWords(maxPieceOf(frames, shift) + 1) + binWords(wholeBin(frames >> shift) + 1);
}

function maxPieceOf(frames: number, shift: number): number {
  return Math.min(frames, Math.max(1, 2 * 2 ** shift - 2));
}

export abstract class GranuleSearch extends ExtentCarver {
  declare readonly shift: number;
  declare readonly granule: number;
  /** Largest piece there can be. */
  declare readonly maxPiece: number;
  declare readonly pieces: number;
  declare readonly wholes: number;
  declare readonly wholeBins: number;
  /** Best place seen by the present search: its record (0: none), place and marks. */
  private bestAt = 0;
  private bestPlace = 0;
  private bestDestroyed = 0;
  private bestTouched = 0;
  private bestFrames = 0;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex) {
    super(words, addresses);
    const frames = words[NODE_FRAMES];
    const shift = words[GRANULE_SHIFT];
    const base = addresses.base + addresses.words;
    this.shift = shift;
    this.granule = 1 << shift;
    this.maxPiece = maxPieceOf(frames, shift);
    this.wholeBins = wholeBin(frames >> shift) + 1;
    this.pieces = binsAt(base, this.maxPiece + 1);
    this.wholes = binsAt(base + binWords(this.maxPiece + 1), this.wholeBins);
  }

  search(frames: number, align: number): number {
    if (frames <= this.maxPiece) {
      const at = align === 1 ? this.anyPiece(frames) : this.piece(frames, align, SEARCH);
      if (at !== 0) return at;
    }
    return this.searchRuns(frames, align);
  }

  /** The record of a run with whole granules; pieces again only when there is none. */
  protected searchRuns(frames: number, align: number): number {
    const { shift } = this;
    const ragged = this.granule - 1;
    const onGranules = (align & ragged) === 0;
    const lost = align === 1 || this.granule % align === 0 ? 0 : align - 1;
    // Runs of fewer granules than `least` cannot hold it; those of `sure` do, whatever their ends. From
    // 2^31 frames on both are any number: no run holds such a request, whichever are looked at.
    const least = Math.max(1, (onGranules ? frames : frames - ragged) >> shift);
    const sure = (frames + lost + ragged) >>> shift;
    this.bestAt = 0;
    this.searchWholes(frames, align, least, SEARCH);
    if (this.bestAt === 0) this.searchWholes(frames, align, sure, SEARCH);
    if (this.bestAt === 0) this.searchWholes(frames, align, least, EVERY);
    if (this.bestAt === 0) return this.piece(frames, align, EVERY);
    this.place = this.bestPlace;
    return this.bestAt;
  }

  /** The newest of the smallest pieces that hold `frames`. */
  private anyPiece(frames: number): number {
    const { words } = this;
    const size = leastFrom(words, this.pieces, frames);
    if (size === -1) return 0;
    const node = firstNode(words, this.pieces, size);
    const at = recordOf(node);
    const start = words[at + START];
    if (words[at + FRAMES] === size) {
      this.place = this.isLowInPiece(start, size, frames) ? start : start + size - frames;
    } else if (node === at + HEAD_NODE) this.place = start;
    else this.place = start + words[at + FRAMES] - frames;
    return at;
  }

  /** The least length of a piece from this one on; -1 when there is none. */
  private sizeFrom(frames: number): number {
    return frames <= this.maxPiece ? leastFrom(this.words, this.pieces, frames) : -1;
  }

  /**
   * In a run without a whole granule: where no boundary is crossed, in the shorter part that holds the
   * request; otherwise at the low end. True: at the low end, false: at the high end.
   */
  private isLowInPiece(start: number, size: number, frames: number): boolean {
    const below = this.granule - (start & (this.granule - 1));
    const above = size - below;
    return above < frames || (below >= frames && below <= above);
  }

  /** A piece that holds an aligned place, smallest first; at most `limit` pieces are looked at. */
  private piece(frames: number, align: number, limit: number): number {
    const { words, pieces } = this;
    let left = limit;
    let size = this.sizeFrom(frames);
    while (size !== -1) {
      for (let node = firstNode(words, pieces, size); node !== 0; node = nextNode(words, node)) {
        const at = recordOf(node);
        const start = words[at + START];
        const isHead = node === at + HEAD_NODE;
        const first = isHead ? start : start + words[at + FRAMES] - size;
        const place = alignUp(first, align);
        if (place + frames <= first + size) {
          this.place = place;
          return at;
        }
        if (--left <= 0) return 0;
      }
      size = this.sizeFrom(size + 1);
    }
    return 0;
  }

  /** Looks at runs of at least `least` whole granules, fewest first; the best is in `best…`. */
  private searchWholes(frames: number, align: number, least: number, limit: number): void {
    const { words, wholes } = this;
    let left = limit;
    let bin = this.binFrom(wholeBin(least));
    const goodDestroyed = frames >> this.shift || 1;
    const goodTouched = (frames + this.granule - 1) >> this.shift;
    while (bin !== -1) {
      for (let node = firstNode(words, wholes, bin); node !== 0; node = nextNode(words, node)) {
        this.weigh(words, recordOf(node), frames, align);
        if (this.bestAt !== 0) {
          if (this.bestDestroyed <= goodDestroyed && this.bestTouched <= goodTouched) return;
          if (limit === EVERY) return;
        }
        if (--left <= 0) return;
      }
      bin = this.binFrom(bin + 1);
    }
  }

  /** The least bin from this one on that has a run; -1 when there is none. */
  private binFrom(bin: number): number {
    return bin < this.wholeBins ? leastFrom(this.words, this.wholes, bin) : -1;
  }

  /** Weighs the places of one run worth a look: its two ends, and those of its whole granules. */
  private weigh(words: Int32Array, at: number, frames: number, align: number): void {
    const start = words[at + START];
    const end = start + words[at + FRAMES];
    const ragged = this.granule - 1;
    const wholeStart = (start + ragged) & ~ragged;
    const wholeEnd = end & ~ragged;
    const low = align === 1 ? start : alignUp(start, align);
    if (low + frames > end) return;
    this.weighPlace(at, low, frames, wholeStart, wholeEnd, end - start);
    const high = align === 1 ? end - frames : alignDown(end - frames, align);
    if (high !== low) this.weighPlace(at, high, frames, wholeStart, wholeEnd, end - start);
    if (wholeStart !== start) {
      const up = align === 1 ? wholeStart : alignUp(wholeStart, align);
      if (up < high) this.weighPlace(at, up, frames, wholeStart, wholeEnd, end - start);
    }
    if (wholeEnd !== end) {
      const below = align === 1 ? wholeEnd - frames : alignDown(wholeEnd - frames, align);
      if (below > low) this.weighPlace(at, below, frames, wholeStart, wholeEnd, end - start);
    }
  }

  private weighPlace(
    at: number,
    place: number,
    frames: number,
    wholeStart: number,
    wholeEnd: number,
    runFrames: number,
  ): void {
    const { shift } = this;
    const end = place + frames;
    const touched = ((end + this.granule - 1) >> shift) - (place >> shift);
    const outer = end > wholeEnd ? ((end + this.granule - 1) >> shift) - (wholeEnd >> shift) : 0;
    const under = place < wholeStart ? (wholeStart >> shift) - (place >> shift) : 0;
    const destroyed = touched - outer - under;
    if (this.bestAt !== 0) {
      if (destroyed > this.bestDestroyed) return;
      if (destroyed === this.bestDestroyed) {
        if (touched > this.bestTouched) return;
        if (touched === this.bestTouched && runFrames >= this.bestFrames) return;
      }
    }
    this.bestAt = at;
    this.bestPlace = place;
    this.bestDestroyed = destroyed;
    this.bestTouched = touched;
    this.bestFrames = runFrames;
  }
}
