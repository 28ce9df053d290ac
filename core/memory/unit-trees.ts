/**
 * The most aligned units in a row, for units of one granule, of two, of four … up to the node: a tree of
 * maxima each, in the words of an arena.
 *
 *   [ granules, 2·leaves words | pairs, leaves words | … | the node, 2 words ]
 *
 * A leaf of an order's tree is the unit that a free run begins in: no two runs with a whole unit begin
 * in the same one. `leaves` is that of the first tree; each further order has half as many.
 * Invariant: the leaf of a run is how many units of the order lie inside it; leaves of no run are 0.
 * Trade-off: a run of 2^n granules is told to n + 1 trees, so that a question is one word read; twice
 * the words of the first tree pay for all the others.
 */
import type { Arena } from './arena.js';
import { unitsIn } from './frame-math.js';
import type { FreeRun } from './free-index.js';
import { greatestLeaf, keepLeaf, setLeaf, treeProblems, treeWords } from './max-tree.js';

/** Words that the trees of all orders take: those of the first, and as many for the rest together. */
export function unitTreeWords(leaves: number): number {
  return 2 * treeWords(leaves);
}

/** Where the tree of an order begins: behind those of all lower ones. */
function treeOf(trees: number, leaves: number, order: number): number {
  return trees + unitTreeWords(leaves) - (unitTreeWords(leaves) >> order);
}

/**
 * The free run that begins at `start` ends at `now`, where it ended at `before`; it may be empty.
 * `shift`: log2 of the frames of a granule.
 */
export function changeUnits(
  arena: Arena,
  trees: number,
  leaves: number,
  shift: number,
  start: number,
  before: number,
  now: number,
): void {
  const longest = Math.max(before, now);
  let tree = trees;
  let width = leaves;
  for (let unitShift = shift; width > 0; unitShift++) {
    const first = ((start - 1) >> unitShift) + 1;
    // A run without a unit of one order has none of the next.
    if (longest >> unitShift <= first) return;
    const leaf = start >> unitShift;
    if (arena.logging) keepLeaf(arena, tree, width, leaf);
    setLeaf(arena.words, tree, width, leaf, Math.max(0, (now >> unitShift) - first));
    tree += treeWords(width);
    width >>= 1;
  }
}

/** The most units of 2^order granules in a row; 0 too where one is larger than the node. */
export function mostUnits(words: Int32Array, trees: number, leaves: number, order: number): number {
  // A shift goes by the order modulo 32.
  if (order >= 31 || leaves >> order === 0) return 0;
  return greatestLeaf(words, treeOf(trees, leaves, order));
}

/** Nodes that are not what these free runs make of them. */
export function unitTreeProblems(
  words: Int32Array,
  trees: number,
  leaves: number,
  shift: number,
  free: readonly FreeRun[],
): string[] {
  const problems: string[] = [];
  for (let order = 0; leaves >> order > 0; order++) {
    const unit = 2 ** (shift + order);
    const values = new Int32Array(leaves >> order);
    for (const { start, frames } of free) {
      const leaf = Math.floor(start / unit);
      values[leaf] = Math.max(values[leaf], unitsIn(start, frames, unit));
    }
    const name = `${2 ** order}-granule`;
    problems.push(...treeProblems(words, treeOf(trees, leaves, order), values, name));
  }
  return problems;
}
