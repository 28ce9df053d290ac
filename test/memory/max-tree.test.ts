/** A tree of maxima against the list of its leaves, to the word; what it writes and keeps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../core/memory/arena.js';
import { END } from '../../core/memory/extent-layout.js';
import * as maxTree from '../../core/memory/max-tree.js';

const { greatestLeaf, keepLeaf, leavesOver, setLeaf, treeProblems, treeWords } = maxTree;

/** Where the tree lies in the words; what is before it is not its own. */
const TREE = 20;

describe('a tree of maxima', () => {
  it('has the least power of two of leaves, and two words for each', () => {
    expect([1, 2, 3, 4, 5, 24_576].map(leavesOver)).toEqual([1, 2, 4, 4, 8, 32_768]);
    expect([1, 8].map(treeWords)).toEqual([2, 16]);
  });

  it('knows the greatest after each change, and undoes changes to the word', () => {
    const changes = fc.array(fc.tuple(fc.nat({ max: 63 }), fc.nat({ max: 9 })), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), changes, (count, drawn) => {
        const leaves = leavesOver(count);
        const arena = new Arena(new Int32Array(TREE + treeWords(leaves)));
        const { words } = arena;
        words[END] = words.length;
        const values = new Int32Array(leaves);
        const mark = arena.beginSegment();
        for (const [at, value] of drawn) {
          const leaf = at % count;
          keepLeaf(arena, TREE, leaves, leaf);
          setLeaf(words, TREE, leaves, leaf, value);
          values[leaf] = value;
          expect(greatestLeaf(words, TREE)).toBe(Math.max(...values));
          expect(treeProblems(words, TREE, values, 'a')).toEqual([]);
        }
        arena.undoTo(mark);
        const rest = words.filter((_, at) => at !== END);
        expect(rest.every((word) => word === 0)).toBe(true);
      }),
    );
  });

  it('goes no further up than something changes', () => {
    const words = new Int32Array(treeWords(8));
    setLeaf(words, 0, 8, 0, 9);
    setLeaf(words, 0, 8, 1, 4);
    // Were it to climb on, it would mend this.
    words[2] = 1;
    setLeaf(words, 0, 8, 1, 5);
    expect([words[9], words[4], words[2], words[1]]).toEqual([5, 9, 1, 9]);
    expect(treeProblems(words, 0, Int32Array.of(9, 5, 0, 0, 0, 0, 0, 0), 'length')).toEqual([
      'length node 2 is not 9',
    ]);
  });
});
