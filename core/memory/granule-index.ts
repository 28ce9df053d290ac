/**
 * The granule-aware policy: keep whole 1 GiB granules whole.
 *
 * A free run is cut, in thought, at the granule boundaries: a ragged head, some whole granules, a
 * ragged tail. A run without a whole granule is all head. Two families of bins know them:
 *   pieces   one bin per exact size, 1 … 2 granules - 2 frames: heads and tails
 *   wholes   runs by their number of whole granules: exact below 64, then 32 bins per octave
 * Which of them a request takes from is the subject of `granule-search`; what is left of a run stays
 * where it is. A change relinks only what changed: shortening a head leaves tail and granules alone.
 *
 * Invariant: head + granules·granule + tail = the frames of the run; each non-zero part is in one
 * bin. None of them is noted: they follow from where the run lies. Trade-off: up to three lists per run, which pays in the quality of what stays free.
 */
import * as binLists from './bin-lists.js';
import * as levels from './bit-levels.js';
import { UNKNOWN as NOT_KNOWN } from './extent-carver.js';
import * as layout from './extent-layout.js';
import * as frameMath from './frame-math.js';
import type { FreeRun } from './free-index.js';
import { granuleProblems } from './granule-check.js';
import * as granuleLayout from './granule-layout.js';
import { GranuleSearch } from './granule-search.js';
import { longestMeasured } from './measures.js';
import type { Remembered } from './remembered-check.js';
import { FoundUnits } from './whole-bins.js';

const { firstNode, keepPut, keepTake, nextNode, putNode, takeNode } = binLists;
const { greatestTo } = levels;
const { alignUp } = frameMath;
const { BINS, RECORD, recordOf, wholeGranules } = layout;
const UNKNOWN = NOT_KNOWN;
const { mostGranulesIn, wholeBin } = granuleLayout;
const { FRAMES, FREE_GRANULES, START } = layout;
const { EXACT_COUNTS, HEAD_NODE, TAIL_NODE, WHOLE_NODE } = granuleLayout;

export class GranuleIndex extends GranuleSearch {
  /** How many runs are as long as the longest, while its length is known. Not part of the state. */
  protected longestRuns = 0;
  /** Some run's whole granules have changed since what is found of units was last asked for. */
  private wholesChanged = false;
  private found: FoundUnits | undefined = undefined;

  refile(given: number, was: number, wasFrames: number, start: number, frames: number): void {
    const { words, shift } = this;
    const pieces = this.pieces & BINS;
    const wholes = this.wholes & BINS;
    const at = given & RECORD;
    const ragged = this.granule - 1;
    // A mask: all ones where there is a whole granule. To branch on it costs more, it is chance.
    const firstBefore = (was + ragged) >> shift;
    const endBefore = was + wasFrames;
    const countBefore = (endBefore >> shift) - firstBefore;
    const had = (0 - countBefore) >> 31;
    const before = countBefore & had;
    const headBefore = (((firstBefore << shift) - was) & had) | (wasFrames & ~had);
    const tailBefore = endBefore & ragged & had;
    const first = (start + ragged) >> shift;
    const end = start + frames;
    const count = (end >> shift) - first;
    const has = (0 - count) >> 31;
    const granules = count & has;
    const head = (((first << shift) - start) & has) | (frames & ~has);
    const tail = end & ragged & has;
    if (head !== headBefore) {
      if (headBefore !== 0) takeNode(words, pieces, at + HEAD_NODE);
      if (head !== 0) putNode(words, pieces, head, at + HEAD_NODE);
    }
    if (tail !== tailBefore) {
      if (tailBefore !== 0) takeNode(words, pieces, at + TAIL_NODE);
      if (tail !== 0) putNode(words, pieces, tail, at + TAIL_NODE);
    }
    const { longest } = this;
    if (granules > 0 && frames > longest) {
      this.longest = frames;
      this.longestRuns = 1;
    } else {
      if (granules > 0 && frames === longest) this.longestRuns++;
      if (before > 0 && wasFrames === longest) this.leaveLongest();
    }
    // One end of a run that was filed stays, so equal numbers are the same granules.
    if (granules === before) return;
    this.wholesChanged = true;
    if (granules > this.most) this.most = granules;
    else if (before === this.most) this.most = UNKNOWN;
    words[FREE_GRANULES] += granules - before;
    const from = wholeBin(before);
    const to = wholeBin(granules);
    if (from === to) return;
    if (from !== 0) takeNode(words, wholes, at + WHOLE_NODE);
    if (to !== 0) putNode(words, wholes, to, at + WHOLE_NODE);
  }

  remove(given: number, start: number, frames: number): void {
    const { words } = this;
    const pieces = this.pieces & BINS;
    const at = given & RECORD;
    const granules = wholeGranules(start, frames, this.shift);
    if (granules === 0) {
      takeNode(words, pieces, at + HEAD_NODE);
      return;
    }
    const ragged = this.granule - 1;
    if ((start & ragged) !== 0) takeNode(words, pieces, at + HEAD_NODE);
    if (((start + frames) & ragged) !== 0) takeNode(words, pieces, at + TAIL_NODE);
    this.wholesChanged = true;
    words[FREE_GRANULES] -= granules;
    takeNode(words, this.wholes, at + WHOLE_NODE);
    if (frames === this.longest) this.leaveLongest();
    if (granules === this.most) this.most = UNKNOWN;
  }

  keepRefile(at: number, was: number, wasFrames: number, start: number, frames: number): void {
    const { pieces, wholes, shift } = this;
    const before = wholeGranules(was, wasFrames, shift);
    const granules = wholeGranules(start, frames, shift);
    const headBefore = before > 0 ? this.headOf(was) : wasFrames;
    const head = granules > 0 ? this.headOf(start) : frames;
    this.keepPart(pieces, at + HEAD_NODE, headBefore, head);
    const tailBefore = wasFrames - headBefore - (before << shift);
    this.keepPart(pieces, at + TAIL_NODE, tailBefore, frames - head - (granules << shift));
    this.keepPart(wholes, at + WHOLE_NODE, before, wholeBin(granules));
  }

  /** Frames from `start` up to the next granule boundary. */
  private headOf(start: number): number {
    return alignUp(start, this.granule) - start;
  }

  /** Keeps what is written when a node's part changes from one length to another, 0 = none. */
  private keepPart(bins: number, node: number, before: number, bin: number): void {
    if (before !== 0) keepTake(this, bins, node);
    if (bin !== 0) keepPut(this, bins, bin, node);
  }

  /** A pieces' bin tells its length; the longest run with a whole granule is remembered. */
  largestRun(): number {
    const longest = this.measures === 0 ? this.longestRemembered() : longestMeasured(this);
    if (longest > this.maxPiece) return longest;
    return Math.max(longest, greatestTo(this.words, this.pieces, this.maxPiece));
  }

  /** The longest is one of those with a whole granule, and counted. */
  override remembered(): Remembered {
    const kept = super.remembered();
    const longestRuns = kept.longest === undefined ? undefined : this.longestRuns;
    return { ...kept, ofGranules: 1, longestRuns, units: this.unitsFound().known() };
  }

  override forget(): void {
    super.forget();
    this.wholesChanged = true;
  }

  private longestRemembered(): number {
    if (this.longest === UNKNOWN) this.findLongest();
    return this.longest;
  }

  /** One of the longest runs is shorter now, or gone: the last of them leaves the length unknown. */
  private leaveLongest(): void {
    if (--this.longestRuns === 0) this.longest = UNKNOWN;
  }

  /** The length of the longest runs with a whole granule (0 when there is none), and how many there are. */
  private findLongest(): void {
    const { words, wholes } = this;
    let longest = 0;
    let runs = 0;
    let bin = greatestTo(words, wholes, this.wholeBins - 1);
    while (bin !== -1 && longest < (mostGranulesIn(bin) + 2) * this.granule) {
      for (let node = firstNode(words, wholes, bin); node !== 0; node = nextNode(words, node)) {
        const frames = words[recordOf(node) + FRAMES];
        if (frames === longest) runs++;
        else if (frames > longest) {
          longest = frames;
          runs = 1;
        }
      }
      bin = greatestTo(words, wholes, bin - 1);
    }
    this.longest = longest;
    this.longestRuns = runs;
  }

  mostGranules(): number {
    if (this.most !== UNKNOWN) return this.most;
    const { words } = this;
    const bin = greatestTo(words, this.wholes, this.wholeBins - 1);
    let most = 0;
    if (bin < EXACT_COUNTS) most = Math.max(0, bin);
    else {
      for (
        let node = firstNode(words, this.wholes, bin);
        node !== 0;
        node = nextNode(words, node)
      ) {
        const at = recordOf(node);
        most = Math.max(most, wholeGranules(words[at + START], words[at + FRAMES], this.shift));
      }
    }
    this.most = most;
    return most;
  }

  override unitsFiled(order: number): number {
    return this.unitsFound().units(this, order);
  }

  override mostUnitsFiled(order: number): number {
    return this.unitsFound().mostUnits(this, order);
  }

  private unitsFound(): FoundUnits {
    this.found ??= new FoundUnits();
    if (this.wholesChanged) this.found.forget();
    this.wholesChanged = false;
    return this.found;
  }

  problems(free: ReadonlyMap<number, FreeRun>): string[] {
    return granuleProblems(this.words, free, this);
  }
}
