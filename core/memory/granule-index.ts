/**
 * The granule-aware policy: keep whole 1 GiB granules whole.
 *
 * A free run is cut, in thought, at the granule boundaries: a ragged head, some whole granules, a
 * ragged tail. A run without a whole granule is all head. Two families of bins know them:
 *   pieces   one bin per exact size, 1 … 2 granules - 2 frames: heads and tails
 *   wholes   runs by their number of whole granules: exact below 32, then 32 bins per octave
 * Handing out a piece breaks no granule; so a request that some piece can hold takes the smallest
 * such piece. What no piece can hold takes from a run with whole granules, chosen by
 *   1. granules destroyed (whole and free before, not after)   2. granules touched at all
 *   3. best fit: the shortest run, then the newest
 * in a search of at most SEARCH runs. What is left of a run stays where it is.
 *
 * Why the search may be bounded: a run of W whole granules surely holds every request of at most W
 * granules minus what rounding up to `align` can cost. Runs with fewer are luck. Only when the
 * bounded search has no luck and no sure run exists are all runs with enough frames tried, so that
 * what fits is never refused.
 *
 * A change relinks only what changed: shortening a head leaves tail and granule bins alone.
 * Invariant: HEAD + GRANULES·granule + TAIL = the frames of the run; each non-zero part is in one
 * bin. Trade-off: up to three lists per run, which pays in the quality of what stays free. It stops
 * scaling where thousands of equal runs share a bin and all of them nearly fit.
 */
import type { Arena } from './arena.js';
import type { Bins } from './bin-lists.js';
import { binProblems, binsAt, firstNode, nextNode, putNode, takeNode } from './bin-lists.js';
import { greatestTo, leastFrom } from './bit-levels.js';
import * as layout from './extent-layout.js';
import { recordOf, wholeGranules } from './extent-layout.js';
import { alignDown, alignUp } from './frame-math.js';
import type { FreeIndex, FreeRun } from './free-index.js';

const { FRAMES, FREE_GRANULES, POLICY_WORDS, START } = layout;

const GRANULES = POLICY_WORDS;
const HEAD = POLICY_WORDS + 1;
const TAIL = POLICY_WORDS + 2;
const HEAD_NODE = POLICY_WORDS + 3;
const TAIL_NODE = POLICY_WORDS + 5;
const WHOLE_NODE = POLICY_WORDS + 7;

/** Runs looked at before the best one so far is taken. */
const SEARCH = 12;
/** A search without bound. */
const EVERY = 2 ** 30;
/** log2 of the bins per octave, and of the counts that have a bin each. */
const FINE_SHIFT = 5;
const FINE = 1 << FINE_SHIFT;

/** The bin of runs with `granules` whole granules. Monotone: more granules, no lower bin. */
export function wholeBin(granules: number): number {
  if (granules < FINE) return granules;
  const octave = 31 - Math.clz32(granules) - FINE_SHIFT;
  return ((octave + 1) << FINE_SHIFT) | ((granules >>> octave) & (FINE - 1));
}

/** Most whole granules a run in `bin` can have. */
function mostGranulesIn(bin: number): number {
  if (bin < FINE) return bin;
  const octave = (bin >>> FINE_SHIFT) - 1;
  return (((bin & (FINE - 1)) | FINE) + 1) * 2 ** octave - 1;
}

export function openGranuleIndex(base: number, frames: number, shift: number): FreeIndex {
  return new GranuleIndex(base, frames, shift);
}

class GranuleIndex implements FreeIndex {
  readonly words: number;
  private readonly shift: number;
  private readonly granule: number;
  /** Largest piece there can be. */
  private readonly maxPiece: number;
  private readonly pieces: Bins;
  private readonly wholes: Bins;
  /** Best place seen by the present search: its record (0: none), place and marks. */
  private bestAt = 0;
  private bestPlace = 0;
  private bestDestroyed = 0;
  private bestTouched = 0;
  private bestFrames = 0;

  constructor(base: number, frames: number, shift: number) {
    this.shift = shift;
    this.granule = 1 << shift;
    this.maxPiece = Math.min(frames, Math.max(1, 2 * this.granule - 2));
    this.pieces = binsAt(base, this.maxPiece + 1);
    this.wholes = binsAt(base + this.pieces.words, wholeBin(frames >>> shift) + 1);
    this.words = this.pieces.words + this.wholes.words;
  }

  update(arena: Arena, at: number, start: number, frames: number): void {
    const { shift } = this;
    const { words } = arena;
    const granules = wholeGranules(start, frames, shift);
    let head = frames;
    let tail = 0;
    if (granules > 0) {
      head = -start & (this.granule - 1);
      tail = (start + frames) & (this.granule - 1);
    }
    if (arena.logging) arena.keepRun(at + GRANULES, 3);
    if (head !== words[at + HEAD]) this.refilePiece(arena, at + HEAD, at + HEAD_NODE, head);
    if (tail !== words[at + TAIL]) this.refilePiece(arena, at + TAIL, at + TAIL_NODE, tail);
    const before = words[at + GRANULES];
    if (granules !== before) this.refileWhole(arena, at, before, granules);
  }

  private refilePiece(arena: Arena, sizeWord: number, node: number, size: number): void {
    const { words } = arena;
    if (words[sizeWord] !== 0) takeNode(arena, this.pieces, node);
    if (size !== 0) putNode(arena, this.pieces, size, node);
    words[sizeWord] = size;
  }

  private refileWhole(arena: Arena, at: number, before: number, granules: number): void {
    const { words } = arena;
    words[at + GRANULES] = granules;
    words[FREE_GRANULES] += granules - before;
    const from = wholeBin(before);
    const to = wholeBin(granules);
    if (from === to) return;
    if (from !== 0) takeNode(arena, this.wholes, at + WHOLE_NODE);
    if (to !== 0) putNode(arena, this.wholes, to, at + WHOLE_NODE);
  }

  find(arena: Arena, frames: number, align: number): number {
    if (frames <= this.maxPiece) {
      const at =
        align === 1 ? this.anyPiece(arena, frames) : this.piece(arena, frames, align, SEARCH);
      if (at !== 0) return at;
    }
    const { shift } = this;
    const ragged = this.granule - 1;
    const onGranules = (align & ragged) === 0;
    const lost = align === 1 || this.granule % align === 0 ? 0 : align - 1;
    // Runs of fewer granules than `least` cannot hold it; those of `sure` do, whatever their ends.
    const least = Math.max(1, (onGranules ? frames : frames - ragged) >> shift);
    const sure = (frames + lost + ragged) >>> shift;
    this.bestAt = 0;
    this.searchWholes(arena, frames, align, least, SEARCH);
    if (this.bestAt === 0) this.searchWholes(arena, frames, align, sure, SEARCH);
    if (this.bestAt === 0) this.searchWholes(arena, frames, align, least, EVERY);
    if (this.bestAt === 0) {
      if (align === 1 || frames > this.maxPiece) return 0;
      return this.piece(arena, frames, align, EVERY);
    }
    arena.place = this.bestPlace;
    return this.bestAt;
  }

  /** The newest of the smallest pieces that hold `frames`. */
  private anyPiece(arena: Arena, frames: number): number {
    const { words } = arena;
    const size = leastFrom(words, this.pieces.filled, frames);
    if (size < 0) return 0;
    const node = firstNode(words, this.pieces, size);
    const at = recordOf(node);
    const start = words[at + START];
    if (words[at + GRANULES] === 0) arena.place = this.placeInPiece(start, size, frames);
    else if (node === at + HEAD_NODE) arena.place = start;
    else arena.place = start + words[at + FRAMES] - frames;
    return at;
  }

  /**
   * Where in a run without a whole granule: where no boundary is crossed, in the shorter part that
   * holds the request; otherwise at the low end.
   */
  private placeInPiece(start: number, size: number, frames: number): number {
    const below = this.granule - (start & (this.granule - 1));
    const above = size - below;
    if (above < frames || (below >= frames && below <= above)) return start;
    return start + size - frames;
  }

  /** A piece that holds an aligned place, smallest first; at most `limit` pieces are looked at. */
  private piece(arena: Arena, frames: number, align: number, limit: number): number {
    const { words } = arena;
    const { pieces } = this;
    let left = limit;
    let size = leastFrom(words, pieces.filled, frames);
    while (size >= 0) {
      for (let node = firstNode(words, pieces, size); node !== 0; node = nextNode(words, node)) {
        const at = recordOf(node);
        const start = words[at + START];
        const isHead = node === at + HEAD_NODE;
        const first = isHead ? start : start + words[at + FRAMES] - size;
        const place = alignUp(first, align);
        if (place + frames <= first + size) {
          arena.place = place;
          return at;
        }
        if (--left <= 0) return 0;
      }
      size = size < this.maxPiece ? leastFrom(words, pieces.filled, size + 1) : -1;
    }
    return 0;
  }

  /** Looks at runs of at least `least` whole granules, fewest first; the best is in `best…`. */
  private searchWholes(
    arena: Arena,
    frames: number,
    align: number,
    least: number,
    limit: number,
  ): void {
    const { words } = arena;
    const { wholes } = this;
    const lowest = wholeBin(least);
    let left = limit;
    let bin = lowest < wholes.count ? leastFrom(words, wholes.filled, lowest) : -1;
    const goodDestroyed = frames >>> this.shift || 1;
    const goodTouched = (frames + this.granule - 1) >>> this.shift;
    while (bin >= 0) {
      for (let node = firstNode(words, wholes, bin); node !== 0; node = nextNode(words, node)) {
        this.weigh(words, recordOf(node), frames, align);
        if (this.bestAt !== 0) {
          if (this.bestDestroyed <= goodDestroyed && this.bestTouched <= goodTouched) return;
          if (limit === EVERY) return;
        }
        if (--left <= 0) return;
      }
      bin = bin + 1 < wholes.count ? leastFrom(words, wholes.filled, bin + 1) : -1;
    }
  }

  /** Weighs the places of one run worth a look: its two ends, and those of its whole granules. */
  private weigh(words: Int32Array, at: number, frames: number, align: number): void {
    const start = words[at + START];
    const end = start + words[at + FRAMES];
    if (end - start < frames) return;
    const wholeStart = start + words[at + HEAD];
    const wholeEnd = end - words[at + TAIL];
    const low = align === 1 ? start : alignUp(start, align);
    if (low + frames > end) return;
    this.weighPlace(at, low, frames, wholeStart, wholeEnd, end - start);
    const high = align === 1 ? end - frames : alignDown(end - frames, align);
    if (high !== low) this.weighPlace(at, high, frames, wholeStart, wholeEnd, end - start);
    if (wholeStart !== start) {
      const place = align <= this.granule ? wholeStart : alignUp(wholeStart, align);
      if (place % align === 0 && place + frames <= end) {
        this.weighPlace(at, place, frames, wholeStart, wholeEnd, end - start);
      }
    }
    if (wholeEnd !== end && wholeEnd - frames >= start) {
      const place = align === 1 ? wholeEnd - frames : alignDown(wholeEnd - frames, align);
      if (place >= start) this.weighPlace(at, place, frames, wholeStart, wholeEnd, end - start);
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
    const touched = ((end + this.granule - 1) >>> shift) - (place >>> shift);
    const outer = end > wholeEnd ? ((end + this.granule - 1) >>> shift) - (wholeEnd >>> shift) : 0;
    const under = place < wholeStart ? (wholeStart >>> shift) - (place >>> shift) : 0;
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

  largestRun(arena: Arena): number {
    const { words } = arena;
    const { wholes, pieces } = this;
    let bin = greatestTo(words, wholes.filled, wholes.count - 1);
    if (bin < 0) return Math.max(0, greatestTo(words, pieces.filled, this.maxPiece));
    let largest = 0;
    while (bin >= 0 && largest < (mostGranulesIn(bin) + 2) * this.granule - 2) {
      for (let node = firstNode(words, wholes, bin); node !== 0; node = nextNode(words, node)) {
        const frames = words[recordOf(node) + FRAMES];
        if (frames > largest) largest = frames;
      }
      bin = bin > 0 ? greatestTo(words, wholes.filled, bin - 1) : -1;
    }
    return Math.max(largest, greatestTo(words, pieces.filled, this.maxPiece));
  }

  mostGranules(arena: Arena): number {
    const { words } = arena;
    const bin = greatestTo(words, this.wholes.filled, this.wholes.count - 1);
    if (bin < FINE) return Math.max(0, bin);
    let most = 0;
    for (let node = firstNode(words, this.wholes, bin); node !== 0; node = nextNode(words, node)) {
      most = Math.max(most, words[recordOf(node) + GRANULES]);
    }
    return most;
  }

  problems(arena: Arena, free: ReadonlyMap<number, FreeRun>): string[] {
    const { words } = arena;
    const { shift } = this;
    const expected = new Map<number, number>();
    let granulesFree = 0;
    for (const [at, { start, frames }] of free) {
      const granules = wholeGranules(start, frames, shift);
      const head = granules === 0 ? frames : alignUp(start, this.granule) - start;
      const tail = frames - head - granules * this.granule;
      granulesFree += granules;
      if (head > 0) expected.set(at + HEAD_NODE, head);
      if (tail > 0) expected.set(at + TAIL_NODE, tail);
      if (granules > 0) expected.set(at + WHOLE_NODE, wholeBin(granules));
    }
    const problems: string[] = [];
    const visit = (bin: number, node: number) => {
      if (expected.get(node) !== bin) problems.push(`node ${node} is in bin ${bin}`);
      expected.delete(node);
    };
    problems.push(...binProblems(words, this.pieces, visit));
    problems.push(...binProblems(words, this.wholes, visit));
    for (const [node, bin] of expected) problems.push(`node ${node} is not in bin ${bin}`);
    if (words[FREE_GRANULES] !== granulesFree) {
      problems.push(`${words[FREE_GRANULES]} free granules counted, ${granulesFree} found`);
    }
    return problems;
  }
}
