/**
 * Numbers of which the greatest is always at hand: a binary tree of maxima in the words of an arena.
 *
 * A tree is named by its offset and its leaves, a power of two: the root is word 1, the children of n
 * are 2n and 2n + 1, word 0 stays 0. Invariant: an inner node is the larger of its children; leaves
 * never set are 0. Trade-off: two words a leaf; a change climbs as far as something changes, log2 of
 * the leaves at most.
 */
import type { Arena } from './arena.js';

/** The leaves of a tree over `count` numbers. */
export function leavesOver(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/** Words that a tree of so many leaves takes. */
export function treeWords(leaves: number): number {
  return 2 * leaves;
}

/** The greatest of all leaves. */
export function greatestLeaf(words: Int32Array, tree: number): number {
  return words[tree + 1];
}

export function setLeaf(
  words: Int32Array,
  tree: number,
  leaves: number,
  leaf: number,
  value: number,
): void {
  let greatest = value;
  let n = leaves + leaf;
  while (n > 0 && words[tree + n] !== greatest) {
    words[tree + n] = greatest;
    const sibling = words[tree + (n ^ 1)];
    if (sibling > greatest) greatest = sibling;
    n >>= 1;
  }
}

/** Keeps what `setLeaf` may write: a leaf and all above it. */
export function keepLeaf(arena: Arena, tree: number, leaves: number, leaf: number): void {
  for (let n = leaves + leaf; n > 0; n >>= 1) arena.keep(tree + n);
}

/** Nodes that are not what these leaves make of them. `name`: of the tree, in words. */
export function treeProblems(
  words: Int32Array,
  tree: number,
  values: Int32Array,
  name: string,
): string[] {
  const leaves = values.length;
  const nodes = new Int32Array(treeWords(leaves));
  nodes.set(values, leaves);
  for (let n = leaves - 1; n > 0; n--) nodes[n] = Math.max(nodes[2 * n], nodes[2 * n + 1]);
  const problems: string[] = [];
  for (let n = 0; n < nodes.length; n++) {
    if (words[tree + n] !== nodes[n]) problems.push(`${name} node ${n} is not ${nodes[n]}`);
  }
  return problems;
}
