/**
 * What a measured pool keeps at hand of its free memory, so that no question about it is a walk: counts
 * by order, the longest run with a whole granule, and the most units in a row of one granule, of two …
 *
 *   [ counts by order | tree of lengths | trees of units ]   at the header's MEASURES
 *
 * No two runs with a whole granule begin in the same granule, so a leaf of the lengths is the granule that
 * a run begins in. All lies in the pool's words: snapshots, forks and undo have it.
 * Invariant: equal to what a walk over the extents finds. Trade-off: each operation tells the free runs
 * that go and come, which makes it two to six times as dear; so a pool keeps measures only when it is
 * asked to (`PoolShape.measured`), and the innermost loop of the others knows nothing of them.
 */
import type { Arena } from './arena.js';
import * as layout from './extent-layout.js';
import { FREE } from './extent-store.js';
import type { FreeRun } from './free-index.js';
import {
  greatestLeaf,
  keepLeaf,
  leavesOver,
  setLeaf,
  treeProblems,
  treeWords,
} from './max-tree.js';
import { countRun, ORDER_COUNT_WORDS, orderCountProblems } from './order-counts.js';
import { changeUnits, mostUnits, unitTreeProblems, unitTreeWords } from './unit-trees.js';

const { ABOVE, BELOW, FRAMES, GRANULE_SHIFT, NODE_FRAMES, OWNER, START, wholeGranules } = layout;

/** A pool's words and where its measures lie. */
interface Measured extends Arena {
  readonly measures: number;
  readonly measureLeaves: number;
}

/** Granules a measured node can have: its trees take 24 bytes for each leaf, and leaves are a power of two. */
export const MOST_GRANULES = 2 ** 20;

/** Words that the measures of a node of `frames` take. */
export function measureWords(frames: number, shift: number): number {
  return ORDER_COUNT_WORDS + wordsOfTrees(measureLeavesOf(frames, shift));
}

function wordsOfTrees(leaves: number): number {
  return treeWords(leaves) + unitTreeWords(leaves);
}

/** Leaves of the largest trees of a measured node; a run may begin in a last granule that is not whole. */
export function measureLeavesOf(frames: number, shift: number): number {
  return leavesOver(Math.ceil(frames / 2 ** shift));
}

/** Of a pool that is all free: its one run. */
export function measureFirst(pool: Measured): void {
  changeRun(pool, 0, 0, pool.words[NODE_FRAMES]);
}

/** Before [place, place+frames) is carved out of the free record `at`. */
export function measureCarve(pool: Measured, at: number, place: number, frames: number): void {
  const start = pool.words[at + START];
  const end = start + pool.words[at + FRAMES];
  keepCounts(pool);
  changeRun(pool, start, end, place);
  changeRun(pool, place + frames, place + frames, end);
}

/** Before the held record `at` is freed, and the free runs beside it become one with it. */
export function measureRelease(pool: Measured, at: number): void {
  const { words } = pool;
  const start = words[at + START];
  const end = start + words[at + FRAMES];
  const below = words[at + BELOW];
  const above = words[at + ABOVE];
  const low = isFree(words, below) ? words[below + START] : start;
  const high = isFree(words, above) ? end + words[above + FRAMES] : end;
  keepCounts(pool);
  // The leaf that the run above leaves may be the one that the whole run takes.
  changeRun(pool, end, high, end);
  changeRun(pool, low, start, high);
}

/** Every count changes, of few orders or of many; the trees are kept leaf by leaf. */
function keepCounts(pool: Measured): void {
  if (pool.logging) pool.keepRun(pool.measures, ORDER_COUNT_WORDS);
}

/** The free run that begins at `start` ends at `now`, where it ended at `before`; it may be empty. */
function changeRun(pool: Measured, start: number, before: number, now: number): void {
  const { words, measures, measureLeaves: leaves } = pool;
  if (before !== start) countRun(words, measures, start, before, -1);
  if (now !== start) countRun(words, measures, start, now, 1);
  const shift = words[GRANULE_SHIFT];
  const granules = wholeGranules(start, now - start, shift);
  if (granules === 0 && wholeGranules(start, before - start, shift) === 0) return;
  const lengths = measures + ORDER_COUNT_WORDS;
  const leaf = start >> shift;
  if (pool.logging) keepLeaf(pool, lengths, leaves, leaf);
  setLeaf(words, lengths, leaves, leaf, granules === 0 ? 0 : now - start);
  changeUnits(pool, lengths + treeWords(leaves), leaves, shift, start, before, now);
}

/** Frames of the longest free run with a whole granule; 0 when there is none. */
export function longestMeasured({ words, measures }: Measured): number {
  return greatestLeaf(words, measures + ORDER_COUNT_WORDS);
}

/** The most aligned units of 2^order granules in a row. */
export function mostUnitsMeasured(pool: Measured, order: number): number {
  const { words, measures, measureLeaves: leaves } = pool;
  return mostUnits(words, measures + ORDER_COUNT_WORDS + treeWords(leaves), leaves, order);
}

/** Measures that are not those of the free runs. */
export function measureProblems(pool: Measured, free: Iterable<FreeRun>): string[] {
  const { words, measures, measureLeaves: leaves } = pool;
  const shift = words[GRANULE_SHIFT];
  const runs = [...free];
  const lengths = new Int32Array(leaves);
  for (const { start, frames } of runs) {
    if (wholeGranules(start, frames, shift) > 0) lengths[start >> shift] = frames;
  }
  const trees = measures + ORDER_COUNT_WORDS;
  return [
    ...orderCountProblems(words, measures, runs),
    ...treeProblems(words, trees, lengths, 'length'),
    ...unitTreeProblems(words, trees + treeWords(leaves), leaves, shift, runs),
  ];
}

function isFree(words: Int32Array, at: number): boolean {
  return at !== 0 && words[at + OWNER] === FREE;
}
