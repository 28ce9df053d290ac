/**
 * How the granule-aware policy finds a place; what it knows is filed by `granule-index`.
 *
 * Handing out a piece (a ragged end) breaks no granule; so a request that some piece can hold takes
 * the smallest such piece. What no piece can hold takes from a run with whole granules, chosen by
 *   1. granules destroyed (whole and free before, not after)   2. granules touched at all
 *   3. best fit: the shortest run, then the newest
 * in a search of at most SEARCH runs.
 *
 * Why the search may be bounded: a run of W whole granules surely holds every request of at most W
 * granules minus what rounding up to `align` can cost. Runs with fewer are luck. Only when the
 * bounded search has no luck and no sure run exists are all runs with enough frames tried, so that
 * what fits is never refused.
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
const { wholeBin } = granuleLayout;
const { FRAMES, GRANULE_SHIFT, NODE_FRAMES, START } = layout;
const { GRANULES, HEAD, HEAD_NODE, TAIL } = granuleLayout;

/** Runs looked at before the best one so far is taken. */
const SEARCH = 12;
/** A search without bound. */
const EVERY = 2 ** 30;
/** The places of a run that are weighed, in this order. */
const AT_START = 0;
const AT_END = 1;
const AT_WHOLE_START = 2;
const AT_WHOLE_END = 3;

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
  declare protected readonly frames: number;
  /** Largest piece there can be. */
  declare readonly maxPiece: number;
  declare readonly pieces: number;
  declare readonly wholes: number;
  declare readonly wholeBins: number;
  /** Of the best place seen by the present search: granules destroyed and touched, frames of the run. */
  private destroyed = 0;
  private touched = 0;
  private runFrames = 0;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex) {
    super(words, addresses);
    const frames = words[NODE_FRAMES];
    const shift = words[GRANULE_SHIFT];
    const base = addresses.base + addresses.words;
    this.shift = shift;
    this.granule = 1 << shift;
    this.frames = frames;
    this.maxPiece = maxPieceOf(frames, shift);
    this.wholeBins = wholeBin(frames >> shift) + 1;
    this.pieces = binsAt(base, this.maxPiece + 1);
    this.wholes = binsAt(base + binWords(this.maxPiece + 1), this.wholeBins);
  }

  search(frames: number, align: number): number {
    if (frames > this.frames) return 0;
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
    // Runs of fewer granules than `least` cannot hold it; those of `sure` do, whatever their ends.
    const least = Math.max(1, (onGranules ? frames : frames - ragged) >> shift);
    const sure = (frames + lost + ragged) >>> shift;
    let at = this.searchWholes(frames, align, least, SEARCH);
    if (at === 0) at = this.searchWholes(frames, align, sure, SEARCH);
    if (at === 0) at = this.searchWholes(frames, align, least, EVERY);
    if (at !== 0 || align === 1 || frames > this.maxPiece) return at;
    return this.piece(frames, align, EVERY);
  }

  /** The newest of the smallest pieces that hold `frames`. */
  private anyPiece(frames: number): number {
    const { words } = this;
    const size = leastFrom(words, this.pieces, frames);
    if (size < 0) return 0;
    const node = firstNode(words, this.pieces, size);
    const at = recordOf(node);
    const start = words[at + START];
    if (words[at + GRANULES] === 0) {
      this.place = this.isLowInPiece(start, size, frames) ? start : start + size - frames;
    } else if (node === at + HEAD_NODE) this.place = start;
    else this.place = start + words[at + FRAMES] - frames;
    return at;
  }

  /**
   * In a run without a whole granule: where no boundary is crossed, in the shorter part that holds the
   * request; otherwise at the low end. True: at the low end, false: at the high end.
   */
  protected isLowInPiece(start: number, size: number, frames: number): boolean {
    const below = this.granule - (start & (this.granule - 1));
    const above = size - below;
    return above < frames || (below >= frames && below <= above);
  }

  /** A piece that holds an aligned place, smallest first; at most `limit` pieces are looked at. */
  private piece(frames: number, align: number, limit: number): number {
    const { words } = this;
    const { pieces } = this;
    let left = limit;
    let size = leastFrom(words, pieces, frames);
    while (size >= 0) {
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
      size = size < this.maxPiece ? leastFrom(words, pieces, size + 1) : -1;
    }
    return 0;
  }

  /** The best of the runs of at least `least` whole granules, fewest first; its place in `place`. */
  private searchWholes(frames: number, align: number, least: number, limit: number): number {
    const { words, wholes, wholeBins, shift } = this;
    const lowest = wholeBin(least);
    const goodDestroyed = frames >> shift || 1;
    const goodTouched = (frames + this.granule - 1) >> shift;
    let best = 0;
    let left = limit;
    let bin = lowest < wholeBins ? leastFrom(words, wholes, lowest) : -1;
    this.destroyed = EVERY;
    while (bin >= 0) {
      for (let node = firstNode(words, wholes, bin); node !== 0; node = nextNode(words, node)) {
        const at = recordOf(node);
        if (words[at + FRAMES] >= frames && this.weigh(words, at, frames, align)) {
          best = at;
          if (this.destroyed <= goodDestroyed && this.touched <= goodTouched) return best;
          if (limit === EVERY) return best;
        }
        if (--left <= 0) return best;
      }
      bin = bin + 1 < wholeBins ? leastFrom(words, wholes, bin + 1) : -1;
    }
    return best;
  }

  /**
   * Weighs the places of one run worth a look: its two ends, and those of its whole granules. True
   * when one of them is the best so far.
   */
  private weigh(words: Int32Array, at: number, frames: number, align: number): boolean {
    const { shift, granule } = this;
    const start = words[at + START];
    const runFrames = words[at + FRAMES];
    const end = start + runFrames;
    const wholeStart = start + words[at + HEAD];
    const wholeEnd = end - words[at + TAIL];
    let leastDestroyed = this.destroyed;
    let leastTouched = this.touched;
    let isBetter = false;
    for (let choice = AT_START; choice <= AT_WHOLE_END; choice++) {
      let place = start;
      if (choice === AT_START) place = align === 1 ? start : alignUp(start, align);
      else if (choice === AT_END)
        place = align === 1 ? end - frames : alignDown(end - frames, align);
      else if (choice === AT_WHOLE_START) {
        place = align <= granule ? wholeStart : alignUp(wholeStart, align);
        if (align !== 1 && alignUp(place, align) !== place) continue;
      } else {
        if (wholeEnd - frames < start) continue;
        place = align === 1 ? wholeEnd - frames : alignDown(wholeEnd - frames, align);
      }
      const placeEnd = place + frames;
      if (place < start || placeEnd > end) continue;
      const last = (placeEnd + granule - 1) >> shift;
      const touched = last - (place >> shift);
      const outer = placeEnd > wholeEnd ? last - (wholeEnd >> shift) : 0;
      const under = place < wholeStart ? (wholeStart >> shift) - (place >> shift) : 0;
      const destroyed = touched - outer - under;
      if (destroyed > leastDestroyed) continue;
      if (destroyed === leastDestroyed) {
        if (touched > leastTouched) continue;
        if (touched === leastTouched && (isBetter || runFrames >= this.runFrames)) continue;
      }
      leastDestroyed = destroyed;
      leastTouched = touched;
      this.place = place;
      isBetter = true;
    }
    if (!isBetter) return false;
    this.destroyed = leastDestroyed;
    this.touched = leastTouched;
    this.runFrames = runFrames;
    return true;
  }
}
