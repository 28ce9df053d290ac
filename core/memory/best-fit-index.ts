/**
 * Best fit: the shortest free run that holds the place; of equal ones the lowest address.
 *
 * Runs are filed by length: exactly below EXACT frames, then in 32 bins per octave. A search climbs
 * from the bin of the request; inside a bin it looks at no more than SEARCH runs once it has a fit.
 * Invariant: every free run is in the bin of its length. A bin is left only when none of its runs
 * fits, so nothing that fits is refused.
 * Trade-off: with more than SEARCH runs in one bin "lowest of equals" and, above EXACT, "shortest"
 * hold among those looked at. Alignment is met by luck: runs too short for it are tried in vain.
 */

import type { AddressIndex } from './address-index.js';
import * as binLists from './bin-lists.js';
import * as levels from './bit-levels.js';
import { ExtentCarver, UNKNOWN as NOT_KNOWN } from './extent-carver.js';
import * as layout from './extent-layout.js';
import * as frameMath from './frame-math.js';
import type { FreeRun } from './free-index.js';
import * as lengthBins from './length-bins.js';
import { longestMeasured } from './measures.js';

const { binProblems, binsAt, binWords, firstNode, keepPut, keepTake, nextNode, putNode, takeNode } =
  binLists;
const { greatestTo, leastFrom } = levels;
const { RECORD, recordOf, wholeGranules } = layout;
const { alignUp } = frameMath;
const { EXACT, lengthBin } = lengthBins;
const { FRAMES, FREE_GRANULES, GRANULE_SHIFT, NODE_FRAMES, POLICY_WORDS, START } = layout;

const UNKNOWN = NOT_KNOWN;

/** Of the bins, in a record. */
export const NODE = POLICY_WORDS;
/** The same for this module's own use (see `extent-layout`). */
const NODE_AT = NODE;

/** Runs of a bin looked at once one of them fits. */
const SEARCH = 32;
/** Longer than any run. */
const NO_RUN = 2 ** 31 - 1;
/** The bins of a node, and one that stays empty: a search may step beyond the last without asking. */
const binsFor = (frames: number): number => lengthBin(frames) + 2;

/** Words that the bins of a node take. */
export function bestFitWords(frames: number): number {
  return binWords(binsFor(frames));
}

/** The record of the shortest run that holds the place, of those from node `first` on; 0 when none does. */
export function shortestFrom(
  words: Int32Array,
  first: number,
  frames: number,
  align: number,
): number {
  let best = 0;
  let bestFrames = NO_RUN;
  let bestStart = 0;
  let left = SEARCH;
  for (let node = first; node !== 0; node = nextNode(words, node)) {
    const at = recordOf(node);
    const run = words[at + FRAMES];
    if (run >= frames && run <= bestFrames) {
      const start = words[at + START];
      const isBetter = run < bestFrames || start < bestStart;
      if (isBetter && (align === 1 || alignUp(start, align) + frames <= start + run)) {
        best = at;
        bestFrames = run;
        bestStart = start;
      }
    }
    if (--left <= 0 && best !== 0) break;
  }
  return best;
}

/** The same for this module's own use (see `extent-layout`). */
const shortest = shortestFrom;

export class BestFitIndex extends ExtentCarver {
  declare readonly shift: number;
  /** Frames of a granule but one. */
  declare readonly ragged: number;
  declare readonly frames: number;
  declare readonly bins: number;
  declare readonly binCount: number;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex) {
    super(words, addresses);
    const frames = words[NODE_FRAMES];
    const shift = words[GRANULE_SHIFT];
    const base = addresses.base + addresses.words;
    this.shift = shift;
    this.ragged = (1 << shift) - 1;
    this.frames = frames;
    this.binCount = binsFor(frames);
    this.bins = binsAt(base, this.binCount);
  }

  refile(given: number, was: number, wasFrames: number, start: number, frames: number): void {
    const { words, bins } = this;
    const at = given & RECORD;
    this.changeGranules(
      wholeGranules(was, wasFrames, this.shift),
      wholeGranules(start, frames, this.shift),
    );
    if (frames > this.longest) this.longest = frames;
    else if (wasFrames === this.longest) this.longest = UNKNOWN;
    const from = lengthBin(wasFrames);
    const to = lengthBin(frames);
    if (from === to) return;
    if (from !== 0) takeNode(words, bins, at + NODE_AT);
    putNode(words, bins, to, at + NODE_AT);
  }

  remove(given: number, start: number, frames: number): void {
    this.changeGranules(wholeGranules(start, frames, this.shift), 0);
    if (frames === this.longest) this.longest = UNKNOWN;
    takeNode(this.words, this.bins, (given & RECORD) + NODE_AT);
  }

  private changeGranules(before: number, granules: number): void {
    if (granules === before) return;
    this.words[FREE_GRANULES] += granules - before;
    this.most = UNKNOWN;
  }

  keepRefile(at: number, _was: number, wasFrames: number, _start: number, frames: number): void {
    const { bins } = this;
    if (wasFrames !== 0) keepTake(this, bins, at + NODE_AT);
    if (frames !== 0) keepPut(this, bins, lengthBin(frames), at + NODE_AT);
  }

  search(frames: number, align: number): number {
    if (frames > this.frames) return 0;
    const { words, bins } = this;
    let bin = leastFrom(words, bins, lengthBin(frames));
    while (bin >= 0) {
      const at = shortest(words, firstNode(words, bins, bin), frames, align);
      if (at !== 0) {
        this.place = alignUp(words[at + START], align);
        return at;
      }
      bin = leastFrom(words, bins, bin + 1);
    }
    return 0;
  }

  largestRun(): number {
    const measured = this.measures === 0 ? 0 : longestMeasured(this);
    // Shorter ones may be outdone by a run without a whole granule.
    if (measured >= 2 << this.shift) return measured;
    if (this.longest !== UNKNOWN) return this.longest;
    const { words } = this;
    const bin = greatestTo(words, this.bins, this.binCount - 1);
    let longest = 0;
    if (bin < EXACT) longest = Math.max(bin, 0);
    else {
      for (let node = firstNode(words, this.bins, bin); node !== 0; node = nextNode(words, node)) {
        longest = Math.max(longest, words[recordOf(node) + FRAMES]);
      }
    }
    this.longest = longest;
    return longest;
  }

  mostGranules(): number {
    if (this.most === UNKNOWN) this.most = this.findMostGranules();
    return this.most;
  }

  /** Walks down from the longest runs, as long as a shorter one could have more granules. */
  private findMostGranules(): number {
    const { words } = this;
    const { bins } = this;
    let most = 0;
    let bin = greatestTo(words, bins, this.binCount - 1);
    while (bin >= lengthBin(most << this.shift)) {
      for (let node = firstNode(words, bins, bin); node !== 0; node = nextNode(words, node)) {
        const at = recordOf(node);
        most = Math.max(most, wholeGranules(words[at + START], words[at + FRAMES], this.shift));
      }
      bin = greatestTo(words, bins, bin - 1);
    }
    return most;
  }

  problems(free: ReadonlyMap<number, FreeRun>): string[] {
    const { words } = this;
    const problems: string[] = [];
    const seen = new Set<number>();
    const visit = (bin: number, node: number) => {
      const at = recordOf(node);
      const run = free.get(at);
      const isRight = run !== undefined && lengthBin(run.frames) === bin;
      if (!isRight || seen.has(at)) problems.push(`record ${at} is in bin ${bin}`);
      seen.add(at);
    };
    problems.push(...binProblems(words, this.bins, this.binCount, visit));
    if (seen.size !== free.size) problems.push(`${free.size} free runs, ${seen.size} filed`);
    let granules = 0;
    for (const { start, frames } of free.values()) {
      granules += wholeGranules(start, frames, this.shift);
    }
    if (words[FREE_GRANULES] !== granules) {
      problems.push(`${words[FREE_GRANULES]} free granules counted, ${granules} found`);
    }
    return problems;
  }
}
