/**
 * Checking what a pool remembers of its free runs beside its words: answers found once that still hold.
 *
 * They are no state (a snapshot has none of them), but a question is answered from them without a look at
 * the words, so one that no longer holds is a wrong answer. Invariant: reads only; nothing is said of an
 * answer that has to be looked for again. Trade-off: O(free runs), for tests and audits.
 */
import { wholeGranules } from './extent-layout.js';
import type { FreeRun } from './free-index.js';

/** What is remembered; undefined: it has to be looked for again. */
export interface Remembered {
  /** All frames below are held. */
  readonly lowestFree: number;
  /** Frames of the longest run of at least so many whole granules. */
  readonly longest?: number | undefined;
  readonly ofGranules: 0 | 1;
  /** How many runs are as long as the longest; undefined: not counted. */
  readonly longestRuns?: number | undefined;
  /** Granules of the longest run of whole free ones. */
  readonly most?: number | undefined;
}

/** What is remembered and does not hold of these free runs, in words. */
export function rememberedProblems(
  kept: Remembered,
  free: Iterable<FreeRun>,
  granuleShift: number,
): string[] {
  const found = { longest: 0, longestRuns: 0, most: 0 };
  const problems: string[] = [];
  for (const { start, frames } of free) {
    const granules = wholeGranules(start, frames, granuleShift);
    found.most = Math.max(found.most, granules);
    if (start < kept.lowestFree) {
      problems.push(`frame ${start} is free, remembered is that none is below ${kept.lowestFree}`);
    }
    if (granules < kept.ofGranules || frames < found.longest) continue;
    found.longestRuns = frames === found.longest ? found.longestRuns + 1 : 1;
    found.longest = frames;
  }
  for (const [name, told] of NAMES) {
    const value = kept[name];
    if (value !== undefined && value !== found[name]) {
      problems.push(`${told}: ${value} remembered, ${found[name]} found`);
    }
  }
  return problems;
}

/** What is compared, and how it is told. */
const NAMES = [
  ['longest', 'frames of the longest free run'],
  ['longestRuns', 'free runs as long as the longest'],
  ['most', 'granules of the longest run of whole free ones'],
] as const;
