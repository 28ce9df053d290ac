/**
 * What a measured pool keeps at hand of its free memory, so that no question about it is a walk: counts
 * by order, the longest run with a whole granule, and the most granules in a row.
 *
 *   [ counts by order | tree of lengths | tree of granules ]   at the header's MEASURES
 *
 * No two runs with a whole granule begin in the same granule, so a leaf of the trees is the granule that
 * a run begins in. All lies in the pool's words: snapshots, forks and undo have it.
 * Invariant: equal to what a walk over the extents finds. Trade-off: each operation tells the free runs
 * that go and come, which makes it some three times as dear; so a pool keeps measures only when it is
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

const { ABOVE, BELOW, FRAMES, GRANULE_SHIFT, NODE_FRAMES, OWNER, START, wholeGranules } = layout;

/** A pool's words and where its measures lie. */
interface Measured extends Arena {
  readonly measures: number;
}

/** Granules a measured node can have: its trees take 16 bytes for each. */
export const MOST_GRANULES = 2 ** 20;

/** Words that the measures of a node of `frames` take. */
export function measureWords(frames: number, shift: number): number {
  return ORDER_COUNT_WORDS + 2 * treeWords(leavesOf(frames, shift));
}

/** Leaves of each tree; a run may begin in a last granule that is not whole. */
function leavesOf(frames: number, shift: number): number {
  return leavesOver(Math.ceil(frames / 2 ** shift));
}

/** Of a pool that is all free: its one run. */
export function measureFirst(pool: Measured): void {
  tellRun(pool, 0, pool.words[NODE_FRAMES], 1);
}

/** Before [place, place+frames) is carved out of the free record `at`. */
export function measureCarve(pool: Measured, at: number, place: number, frames: number): void {
  const start = pool.words[at + START];
  const end = start + pool.words[at + FRAMES];
  keepCounts(pool);
  tellRun(pool, start, end, -1);
  tellRun(pool, start, place, 1);
  tellRun(pool, place + frames, end, 1);
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
  tellRun(pool, low, start, -1);
  tellRun(pool, end, high, -1);
  tellRun(pool, low, high, 1);
}

/** Every count changes, of few orders or of many; the trees are kept leaf by leaf. */
function keepCounts(pool: Measured): void {
  if (pool.logging) pool.keepRun(pool.measures, ORDER_COUNT_WORDS);
}

/** The free run [start, end), which may be empty, comes (`sign` 1) or goes (-1). */
function tellRun(pool: Measured, start: number, end: number, sign: 1 | -1): void {
  if (start === end) return;
  const { words, measures } = pool;
  countRun(words, measures, start, end, sign);
  const shift = words[GRANULE_SHIFT];
  const granules = wholeGranules(start, end - start, shift);
  if (granules === 0) return;
  const leaves = leavesOf(words[NODE_FRAMES], shift);
  const lengths = measures + ORDER_COUNT_WORDS;
  const counts = lengths + treeWords(leaves);
  const leaf = start >> shift;
  if (pool.logging) {
    keepLeaf(pool, lengths, leaves, leaf);
    keepLeaf(pool, counts, leaves, leaf);
  }
  setLeaf(words, lengths, leaves, leaf, sign > 0 ? end - start : 0);
  setLeaf(words, counts, leaves, leaf, sign > 0 ? granules : 0);
}

/** Frames of the longest free run with a whole granule; 0 when there is none. */
export function longestMeasured({ words, measures }: Measured): number {
  return greatestLeaf(words, measures + ORDER_COUNT_WORDS);
}

/** Granules of the longest run of whole free granules. */
export function mostGranulesMeasured({ words, measures }: Measured): number {
  const leaves = leavesOf(words[NODE_FRAMES], words[GRANULE_SHIFT]);
  return greatestLeaf(words, measures + ORDER_COUNT_WORDS + treeWords(leaves));
}

/** Measures that are not those of the free runs. */
export function measureProblems(pool: Measured, free: Iterable<FreeRun>): string[] {
  const { words, measures } = pool;
  const shift = words[GRANULE_SHIFT];
  const runs = [...free];
  const leaves = leavesOf(words[NODE_FRAMES], shift);
  const lengths = new Int32Array(leaves);
  const counts = new Int32Array(leaves);
  for (const { start, frames } of runs) {
    const granules = wholeGranules(start, frames, shift);
    if (granules === 0) continue;
    lengths[start >> shift] = frames;
    counts[start >> shift] = granules;
  }
  const trees = measures + ORDER_COUNT_WORDS;
  return [
    ...orderCountProblems(words, measures, runs),
    ...treeProblems(words, trees, lengths, 'length'),
    ...treeProblems(words, trees + treeWords(leaves), counts, 'granule'),
  ];
}

function isFree(words: Int32Array, at: number): boolean {
  return at !== 0 && words[at + OWNER] === FREE;
}
