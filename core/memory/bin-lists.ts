/**
 * Numbered bins, each a doubly linked list of nodes, with the set of bins that are not empty.
 *
 * A node is two words inside a record: previous, next. A bin is one word, its first node; seen from
 * that node, the bin is a node too, whose "next" is the bin's word. So taking a node out needs no
 * bin number and no case for the first node: only the last one left empties its bin.
 *
 * Invariant: a bin's word is not 0 iff the bin is in the set; node.previous.next = node. The newest
 * node comes first (its record is likely still in the cache).
 * Trade-off: order inside a bin is the order of events, so it is state and travels in snapshots.
 */
import type { Arena } from './arena.js';
import type { Levels } from './bit-levels.js';
import { addMember, hasMember, levelsAt, removeMember } from './bit-levels.js';

const PREVIOUS = 0;
const NEXT = 1;

export interface Bins {
  /** Word of bin 0. */
  readonly base: number;
  readonly count: number;
  readonly filled: Levels;
  /** Words taken, the set included. */
  readonly words: number;
}

/** `count` empty bins in the zero words from `base` on. */
export function binsAt(base: number, count: number): Bins {
  const filled = levelsAt(base + count, count);
  return { base, count, filled, words: count + filled.words };
}

/** First node of a bin; 0 when empty. */
export function firstNode(words: Int32Array, bins: Bins, bin: number): number {
  return words[bins.base + bin];
}

/** The node after a node; 0 at the end. */
export function nextNode(words: Int32Array, node: number): number {
  return words[node + NEXT];
}

export function putNode(arena: Arena, bins: Bins, bin: number, node: number): void {
  const { words } = arena;
  const head = bins.base + bin;
  const next = words[head];
  if (arena.logging) keepAround(arena, node, head - NEXT, next);
  words[node + PREVIOUS] = head - NEXT;
  words[node + NEXT] = next;
  words[head] = node;
  if (next === 0) addMember(arena, bins.filled, bin);
  else words[next + PREVIOUS] = node;
}

export function takeNode(arena: Arena, bins: Bins, node: number): void {
  const { words } = arena;
  const previous = words[node + PREVIOUS];
  const next = words[node + NEXT];
  if (arena.logging) keepAround(arena, node, previous, next);
  words[previous + NEXT] = next;
  if (next !== 0) words[next + PREVIOUS] = previous;
  else if (previous < bins.base + bins.count) {
    removeMember(arena, bins.filled, previous + NEXT - bins.base);
  }
}

function keepAround(arena: Arena, node: number, previous: number, next: number): void {
  arena.keep(node + PREVIOUS);
  arena.keep(node + NEXT);
  arena.keep(previous + NEXT);
  if (next !== 0) arena.keep(next + PREVIOUS);
}

/** Walks every bin; reports broken links and each node with its bin. */
export function binProblems(
  words: Int32Array,
  bins: Bins,
  visit: (bin: number, node: number) => void,
): string[] {
  const problems: string[] = [];
  for (let bin = 0; bin < bins.count; bin++) {
    let previous = bins.base + bin - NEXT;
    const first = firstNode(words, bins, bin);
    if (hasMember(words, bins.filled, bin) !== (first !== 0)) {
      problems.push(`bin ${bin}: its bit does not say whether it is empty`);
    }
    for (let node = first; node !== 0; node = nextNode(words, node)) {
      if (words[node + PREVIOUS] !== previous) problems.push(`bin ${bin}: bad link to ${node}`);
      visit(bin, node);
      previous = node;
    }
  }
  return problems;
}
