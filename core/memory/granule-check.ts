/**
 * Checking the granule-aware index: heads, tails and whole granules recomputed and compared.
 *
 * Invariant: reads only. Trade-off: O(words), for tests and audits.
 */
import { binProblems } from './bin-lists.js';
import { FREE_GRANULES, wholeGranules } from './extent-layout.js';
import { alignUp } from './frame-math.js';
import type { FreeRun } from './free-index.js';
import { HEAD_NODE, TAIL_NODE, WHOLE_NODE, wholeBin } from './granule-layout.js';

/** Where the index's bins lie, and its measures. */
interface GranuleBins {
  readonly shift: number;
  readonly granule: number;
  readonly maxPiece: number;
  readonly pieces: number;
  readonly wholes: number;
  readonly wholeBins: number;
}

/** Differences from an index built afresh over `free` (record → present run), in words. */
export function granuleProblems(
  words: Int32Array,
  free: ReadonlyMap<number, FreeRun>,
  index: GranuleBins,
): string[] {
  const expected = new Map<number, number>();
  let granulesFree = 0;
  for (const [at, run] of free) {
    const [granules, head, tail] = partsOf(run, index);
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
  problems.push(...binProblems(words, index.pieces, index.maxPiece + 1, visit));
  problems.push(...binProblems(words, index.wholes, index.wholeBins, visit));
  for (const [node, bin] of expected) problems.push(`node ${node} is not in bin ${bin}`);
  if (words[FREE_GRANULES] !== granulesFree) {
    problems.push(`${words[FREE_GRANULES]} free granules counted, ${granulesFree} found`);
  }
  return problems;
}

/** Whole granules, frames of the head, frames of the tail. */
function partsOf({ start, frames }: FreeRun, { shift, granule }: GranuleBins) {
  const granules = wholeGranules(start, frames, shift);
  const head = granules === 0 ? frames : alignUp(start, granule) - start;
  return [granules, head, frames - head - granules * granule] as const;
}
