/**
 * Address-ordered first fit: the lowest place there is.
 *
 * The node is cut into blocks as in `address-index`. Each block has a bin of the free runs that
 * start in it, and a tree of maxima over the blocks (`max-tree`) holds the longest run below each
 * node. A search goes down to the first block with a run long enough and
 * takes the lowest one there that holds the aligned place; alignment may send it on to later blocks.
 *
 * Invariant: leaf = longest run that starts in the block, inner node = the larger of its children.
 * Trade-off: a change climbs log2(blocks) steps, as far as something changes. Blocks full of short
 * runs are scanned.
 */

import type { AddressIndex } from './address-index.js';
import * as binLists from './bin-lists.js';
import { ExtentCarver, UNKNOWN as NOT_KNOWN } from './extent-carver.js';
import * as layout from './extent-layout.js';
import * as frameMath from './frame-math.js';
import type { FreeRun } from './free-index.js';
import * as maxTree from './max-tree.js';

const { binProblems, binsAt, binWords, firstNode, keepPut, keepTake, nextNode, putNode, takeNode } =
  binLists;
const { blockShiftOf, blocksOf, RECORD, recordOf, wholeGranules } = layout;
const { alignUp } = frameMath;
const { greatestLeaf, keepLeaf, leavesOver, setLeaf, treeProblems, treeWords } = maxTree;
const { FRAMES, FREE_GRANULES, GRANULE_SHIFT, NODE_FRAMES, POLICY_WORDS, START } = layout;

const UNKNOWN = NOT_KNOWN;

const NODE = POLICY_WORDS;

/** Words that the bins and the tree of a node take. */
export function firstFitWords(frames: number, shift: number): number {
  const blocks = blocksOf(frames, blockShiftOf(frames, shift));
  return binWords(blocks) + treeWords(leavesOver(blocks));
}

export class FirstFitCarver extends ExtentCarver {
  declare private readonly granuleShift: number;
  declare private readonly blocks: number;
  declare private readonly bins: number;
  /** Leaves of the tree: the power of two at or above the blocks. */
  declare private readonly leaves: number;
  declare private readonly tree: number;

  constructor(words: Int32Array<ArrayBuffer>, addresses: AddressIndex) {
    super(words, addresses);
    const frames = words[NODE_FRAMES];
    const granuleShift = words[GRANULE_SHIFT];
    const base = addresses.base + addresses.words;
    this.granuleShift = granuleShift;
    this.blocks = blocksOf(frames, this.blockShift);
    this.bins = binsAt(base, this.blocks);
    this.leaves = leavesOver(this.blocks);
    this.tree = base + binWords(this.blocks);
  }

  refile(given: number, was: number, wasFrames: number, start: number, frames: number): void {
    const { words } = this;
    const at = given & RECORD;
    const before = wholeGranules(was, wasFrames, this.granuleShift);
    const granules = wholeGranules(start, frames, this.granuleShift);
    if (granules !== before) {
      words[FREE_GRANULES] += granules - before;
      this.most = UNKNOWN;
    }
    const from = was >> this.blockShift;
    const to = start >> this.blockShift;
    if (wasFrames !== 0 && (frames === 0 || from !== to)) {
      takeNode(words, this.bins, at + NODE);
      this.refreshLeaf(from);
    }
    if (frames === 0) return;
    if (wasFrames === 0 || from !== to) putNode(words, this.bins, to, at + NODE);
    this.refreshLeaf(to);
  }

  keepRefile(at: number, was: number, wasFrames: number, start: number, frames: number): void {
    const { bins, tree, leaves } = this;
    if (wasFrames !== 0) {
      keepTake(this, bins, at + NODE);
      keepLeaf(this, tree, leaves, was >> this.blockShift);
    }
    if (frames === 0) return;
    keepPut(this, bins, start >> this.blockShift, at + NODE);
    keepLeaf(this, tree, leaves, start >> this.blockShift);
  }

  remove(at: number, start: number, frames: number): void {
    this.refile(at, start, frames, 0, 0);
  }

  private refreshLeaf(block: number): void {
    const { words } = this;
    let longest = 0;
    for (let node = firstNode(words, this.bins, block); node !== 0; node = nextNode(words, node)) {
      const frames = words[recordOf(node) + FRAMES];
      if (frames > longest) longest = frames;
    }
    setLeaf(words, this.tree, this.leaves, block, longest);
  }

  search(frames: number, align: number): number {
    let block = this.nextBlock(this.words, 0, frames);
    while (block >= 0) {
      const at = this.lowestIn(block, frames, align);
      if (at !== 0) return at;
      block = this.nextBlock(this.words, block + 1, frames);
    }
    return 0;
  }

  /** The first block from `block` on with a run of at least `frames` frames; -1 if none. */
  private nextBlock(words: Int32Array, block: number, frames: number): number {
    const { tree, leaves } = this;
    if (block >= this.blocks) return -1;
    let n = leaves + block;
    while (words[tree + n] < frames) {
      // Up while n is a right child, then over to the right sibling.
      while ((n & 1) === 1) n >>= 1;
      if (n === 0) return -1;
      n++;
    }
    while (n < leaves) {
      n *= 2;
      if (words[tree + n] < frames) n++;
    }
    return n - leaves;
  }

  private lowestIn(block: number, frames: number, align: number): number {
    const { words } = this;
    let lowest = 0;
    let lowestStart = 0;
    for (let node = firstNode(words, this.bins, block); node !== 0; node = nextNode(words, node)) {
      const at = recordOf(node);
      const start = words[at + START];
      if (lowest !== 0 && start > lowestStart) continue;
      const place = align === 1 ? start : alignUp(start, align);
      if (place + frames > start + words[at + FRAMES]) continue;
      lowest = at;
      lowestStart = start;
      this.place = place;
    }
    return lowest;
  }

  largestRun(): number {
    return greatestLeaf(this.words, this.tree);
  }

  mostGranules(): number {
    if (this.most === UNKNOWN) this.most = this.findMostGranules();
    return this.most;
  }

  /** Tries the blocks whose longest run could have more granules than the best so far. */
  private findMostGranules(): number {
    const { words } = this;
    let most = 0;
    let block = this.nextBlock(words, 0, 1);
    while (block >= 0) {
      for (
        let node = firstNode(words, this.bins, block);
        node !== 0;
        node = nextNode(words, node)
      ) {
        const at = recordOf(node);
        const granules = wholeGranules(words[at + START], words[at + FRAMES], this.granuleShift);
        most = Math.max(most, granules);
      }
      block = this.nextBlock(words, block + 1, (most + 1) << this.granuleShift);
    }
    return most;
  }

  problems(free: ReadonlyMap<number, FreeRun>): string[] {
    const { words } = this;
    const problems: string[] = [];
    const longest = new Int32Array(this.leaves);
    const seen = new Set<number>();
    const visit = (block: number, node: number) => {
      const at = recordOf(node);
      const run = free.get(at);
      const isRight = run !== undefined && run.start >> this.blockShift === block;
      if (!isRight || seen.has(at)) problems.push(`record ${at} is in block ${block}`);
      seen.add(at);
    };
    problems.push(...binProblems(words, this.bins, this.blocks, visit));
    if (seen.size !== free.size) problems.push(`${free.size} free runs, ${seen.size} filed`);
    let granules = 0;
    for (const { start, frames } of free.values()) {
      const block = start >> this.blockShift;
      longest[block] = Math.max(longest[block], frames);
      granules += wholeGranules(start, frames, this.granuleShift);
    }
    problems.push(...treeProblems(words, this.tree, longest, 'tree'));
    if (words[FREE_GRANULES] !== granules) {
      problems.push(`${words[FREE_GRANULES]} free granules counted, ${granules} found`);
    }
    return problems;
  }
}
