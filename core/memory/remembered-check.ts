/**
 * Checking what a pool remembers of its free runs beside its words: answers found once that still hold.
 *
 * They are no state (a snapshot has none of them), but a question is answered from them without a look at
 * the words, so one that no longer holds is a wrong answer. Invariant: reads only; nothing is said of an
 * answer that has to be looked for again. Trade-off: O(free runs), for tests and audits.
 */
import { wholeGranules } from './extent-layout.js';
import { unitsIn } from './frame-math.js';
import type { FreeRun } from './free-index.js';
import type { Known } from './whole-bins.js';

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
  /** Aligned units of 2^order granules, all and in a row, by order; undefined: to be looked for. */
  readonly units?: { readonly all: Known; readonly inRow: Known };
}

/** What is remembered and does not hold of these free runs, in words. */
export function rememberedProblems(
  kept: Remembered,
  free: Iterable<FreeRun>,
  granuleShift: number,
): string[] {
  const found = { longest: 0, longestRuns: 0, most: 0 };
  const problems: string[] = [];
  const runs = [...free];
  for (const { start, frames } of runs) {
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
  return [...problems, ...unitProblems(kept, runs, granuleShift)];
}

function unitProblems({ units }: Remembered, runs: readonly FreeRun[], shift: number): string[] {
  if (units === undefined) return [];
  const problems: string[] = [];
  units.all.forEach((all, order) => {
    const inRow = units.inRow[order];
    if (all === undefined && inRow === undefined) return;
    const each = runs.map(({ start, frames }) => unitsIn(start, frames, 2 ** (shift + order)));
    const sum = each.reduce((before, of) => before + of, 0);
    const most = each.reduce((before, of) => Math.max(before, of), 0);
    const what = `free units of ${2 ** order} granules`;
    if (all !== undefined && all !== sum) problems.push(`${what}: ${all} remembered, ${sum} found`);
    if (inRow !== undefined && inRow !== most) {
      problems.push(`most ${what} in a row: ${inRow} remembered, ${most} found`);
    }
  });
  return problems;
}

/** What is compared, and how it is told. */
const NAMES = [
  ['longest', 'frames of the longest free run'],
  ['longestRuns', 'free runs as long as the longest'],
  ['most', 'granules of the longest run of whole free ones'],
] as const;
