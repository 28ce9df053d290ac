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
import { filedProblems } from './filed-words.js';
import * as frameMath from './frame-math.js';
import type { FreeRun } from './free-index.js';
import { longestMeasured } from './measures.js';

const { binProblems, binsAt, binWords, firstNode, keepPut, keepTake, nextNode, putNode, takeNode } =
  binLists;
const { greatestTo, leastFrom } = levels;
const { RECORD, recordOf, wholeGranules } = layout;
const { alignUp } = frameMath;
const { FRAMES, FREE_GRANULES, GRANULE_SHIFT, NODE_FRAMES, POLICY_WORDS, START } = layout;

const UNKNOWN = NOT_KNOWN;

const GRANULES = POLICY_WORDS;
/** Frames the run is filed under; 0 = not filed. */
const FILED = POLICY_WORDS + 1;
const NODE = POLICY_WORDS + 2;

const SEARCH = 32;
/** log2 of the lengths that have a bin each; above, 2^5 bins per octave. */
const EXACT_SHIFT = 10;
const EXACT = 1 << EXACT_SHIFT;
const FINE_SHIFT = 5;

/** The bin of runs of `frames` frames. Monotone. */
export function lengthBin(frames: number): number {
  if (frames < EXACT) return frames;
  const octave = 31 - Math.clz32(frames);
  const fine = (frames >> (octave - FINE_SHIFT)) & ((1 << FINE_SHIFT) - 1);
  return EXACT + ((octave - EXACT_SHIFT) << FINE_SHIFT) + fine;
}

/** Words that the bins of a node take. */
export function bestFitWords(frames: number): number {
  return binWords(lengthBin(frames) + 1);
}

export class BestFitCarver extends ExtentCarver {
  declare private readonly shift: number;
  declare private readonly frames: number;
  declare private readonly bins: number;
  declare private readonly binCount: number;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex) {
    super(words, addresses);
    const frames = words[NODE_FRAMES];
    const shift = words[GRANULE_SHIFT];
    const base = addresses.base + addresses.words;
    this.shift = shift;
    this.frames = frames;
    this.binCount = lengthBin(frames) + 1;
    this.bins = binsAt(base, this.binCount);
  }

  update(given: number, start: number, frames: number): void {
    const { words, bins } = this;
    const at = given & RECORD;
    const granules = wholeGranules(start, frames, this.shift);
    const before = words[at + FILED];
    this.changeGranules(at, granules);
    words[at + FILED] = frames;
    if (frames > this.longest) this.longest = frames;
    else if (before === this.longest) this.longest = UNKNOWN;
    const from = lengthBin(before);
    const to = lengthBin(frames);
    if (from === to) return;
    if (from !== 0) takeNode(words, bins, at + NODE);
    putNode(words, bins, to, at + NODE);
  }

  remove(given: number): void {
    const { words } = this;
    const at = given & RECORD;
    this.changeGranules(at, 0);
    if (words[at + FILED] === this.longest) this.longest = UNKNOWN;
    words[at + FILED] = 0;
    takeNode(words, this.bins, at + NODE);
  }

  private changeGranules(at: number, granules: number): void {
    const { words } = this;
    const before = words[at + GRANULES];
    if (granules === before) return;
    words[at + GRANULES] = granules;
    words[FREE_GRANULES] += granules - before;
    this.most = UNKNOWN;
  }

  keepUpdate(at: number, _start: number, frames: number): void {
    const { bins } = this;
    this.keepRun(at + GRANULES, 2);
    if (this.words[at + FILED] !== 0) keepTake(this, bins, at + NODE);
    if (frames !== 0) keepPut(this, bins, lengthBin(frames), at + NODE);
  }

  search(frames: number, align: number): number {
    if (frames > this.frames) return 0;
    const { words } = this;
    const { bins } = this;
    let bin = leastFrom(words, bins, lengthBin(frames));
    while (bin >= 0) {
      const at = this.bestIn(bin, frames, align);
      if (at !== 0) return at;
      bin = bin + 1 < this.binCount ? leastFrom(words, bins, bin + 1) : -1;
    }
    return 0;
  }

  private bestIn(bin: number, frames: number, align: number): number {
    const { words } = this;
    let best = 0;
    let bestFrames = 0;
    let bestStart = 0;
    let left = SEARCH;
    for (let node = firstNode(words, this.bins, bin); node !== 0; node = nextNode(words, node)) {
      const at = recordOf(node);
      const start = words[at + START];
      const runFrames = words[at + FRAMES];
      const place = align === 1 ? start : alignUp(start, align);
      const isShorter =
        best === 0 || runFrames < bestFrames || (runFrames === bestFrames && start < bestStart);
      if (isShorter && place + frames <= start + runFrames) {
        best = at;
        bestFrames = runFrames;
        bestStart = start;
        this.place = place;
      }
      if (--left <= 0 && best !== 0) break;
    }
    return best;
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
        most = Math.max(most, words[recordOf(node) + GRANULES]);
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
    const { shift } = this;
    const noted = ({ start, frames }: FreeRun) => [wholeGranules(start, frames, shift), frames];
    return [...problems, ...filedProblems(words, free, noted)];
  }
}
