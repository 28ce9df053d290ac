/**
 * Numbered bins, each a doubly linked list of nodes, with the set of bins that are not empty.
 *
 * The bins are named by one number, the offset of that set; the bins' words lie below the set's, bin
 * 0 next to it. A node is two words inside a record: previous, next. A bin is one word, its first node; seen from
 * that node, the bin is a node too, whose "next" is the bin's word. So taking a node out needs no
 * bin number and no case for the first node: only the last one left empties its bin.
 *
 * Invariant: a bin's word is not 0 iff the bin is in the set; node.previous.next = node. The newest
 * node comes first (its record is likely still in the cache).
 * Trade-off: order inside a bin is the order of events, so it is state and travels in snapshots.
 */
import type { Arena } from './arena.js';
import * as levels from './bit-levels.js';
import * as layout from './extent-layout.js';

const { addMember, hasMember, keepMember, removeMember, setProblems, SUMMARY_WORDS } = levels;

const { LINK } = layout;

/** Words of a node; `putNode` and its like, which must stay small to be inlined, say 0 and 1. */
export const PREVIOUS = 0;
export const NEXT = 1;
/** How far bin 0 lies below the set of bins that are not empty; bin n lies n words lower. */
export const BIN_0 = SUMMARY_WORDS + 1;
/** The same for this module's own functions (see `extent-layout` on exported bindings). */
const DOWN = BIN_0;
/** From a set down to where bin 0, seen as a node, begins. */
const DOWN_TO_NODE = DOWN + NEXT;

/** Words of `count` bins, their set included. */
export function binWords(count: number): number {
  return count + levels.setWords(count);
}

/** The number that names `count` empty bins in the zero words from `base` on: their set's offset. */
export function binsAt(base: number, count: number): number {
  return base + count + SUMMARY_WORDS;
}

/** First node of a bin; 0 when empty. */
export function firstNode(words: Int32Array, bins: number, bin: number): number {
  return words[bins - DOWN - bin] & LINK;
}

/** The node after a node; 0 at the end. */
export function nextNode(words: Int32Array, node: number): number {
  return words[node + 1] & LINK;
}

export function putNode(words: Int32Array, bins: number, bin: number, node: number): void {
  const head = bins - DOWN - bin;
  const next = words[head] & LINK;
  words[node] = head - 1;
  words[node + 1] = next;
  words[head] = node;
  if (next === 0) addMember(words, bins, bin);
  else words[next] = node;
}

export function takeNode(words: Int32Array, bins: number, node: number): void {
  const previous = words[node] & LINK;
  const next = words[node + 1] & LINK;
  words[previous + 1] = next;
  if (next !== 0) words[next] = previous;
  else if (previous < bins) removeMember(words, bins, bins - DOWN_TO_NODE - previous);
}

/** Keeps what `putNode` writes. */
export function keepPut(arena: Arena, bins: number, bin: number, node: number): void {
  const head = bins - DOWN - bin;
  keepAround(arena, node, head - NEXT, arena.words[head]);
  keepMember(arena, bins, bin);
}

/** Keeps what `takeNode` writes. */
export function keepTake(arena: Arena, bins: number, node: number): void {
  const previous = arena.words[node + PREVIOUS];
  keepAround(arena, node, previous, arena.words[node + NEXT]);
  if (previous < bins) keepMember(arena, bins, bins - DOWN_TO_NODE - previous);
}

const keepAround = (arena: Arena, node: number, previous: number, next: number): void => {
  arena.keep(node + PREVIOUS);
  arena.keep(node + NEXT);
  arena.keep(previous + NEXT);
  if (next !== 0) arena.keep(next + PREVIOUS);
};

/** Walks every bin; reports broken links and each node with its bin. */
export function binProblems(
  words: Int32Array,
  bins: number,
  count: number,
  visit: (bin: number, node: number) => void,
): string[] {
  const problems = setProblems(words, bins, count);
  for (let bin = 0; bin < count; bin++) {
    let previous = bins - DOWN_TO_NODE - bin;
    const first = firstNode(words, bins, bin);
    if (hasMember(words, bins, bin) !== (first !== 0)) {
      problems.push(`bin ${bin}: its bit does not say whether it is empty`);
    }
    for (let node = first; node !== 0; node = nextNode(words, node)) {
      if (words[node + PREVIOUS] !== previous) {
        // Where links disagree they may form a ring: what comes after is not walked.
        problems.push(`bin ${bin}: bad link to ${node}`);
        break;
      }
      visit(bin, node);
      previous = node;
    }
  }
  return problems;
}
