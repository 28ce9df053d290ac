/**
 * Answers remembered by what was read, against a naive map of what was read.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Recall } from '../../core/explore/recall.js';
import { UNKNOWN } from '../../core/explore/tuple-memo.js';
import { expectSame } from '../expect-same.js';

describe('recall', () => {
  // The answer is a function of the facets that are read, and which are read depends on them.
  const reads = (facets: Int32Array): number[] =>
    facets[0] === 0 ? [0] : facets[1] < 2 ? [0, 1] : [0, 1, 3];
  const truth = (facets: Int32Array): number =>
    reads(facets).reduce((sum, facet) => 7 * sum + facets[facet], 1);

  it('answers only where all that was read is equal, and then what was learnt', () => {
    const states = fc.array(
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 4, maxLength: 4 }),
      {
        maxLength: 3000,
        size: 'max',
      },
    );
    fc.assert(
      fc.property(states, (list) => {
        const recall = new Recall(2);
        const known = new Set<string>();
        for (const values of list) {
          const facets = Int32Array.from(values);
          const key = reads(facets)
            .map((facet) => facets[facet])
            .join();
          const answer = recall.answer(1, facets);
          expectSame(answer, known.has(key) ? truth(facets) : UNKNOWN);
          if (answer === UNKNOWN) recall.learn(1, reads(facets), facets, truth(facets));
          known.add(key);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('rejects an answer that was found by another order of reading', () => {
    const recall = new Recall(1);
    recall.learn(0, [0, 1], Int32Array.of(3, 4), 5);
    expect(() => recall.learn(0, [1, 0], Int32Array.of(3, 5), 5)).toThrow('read in place of');
    expect(() => recall.learn(0, [0], Int32Array.of(3, 4), 5)).toThrow('more was read');
  });

  it('tells the facets that an answer was found by, the first of which is always the same', () => {
    const recall = new Recall(2);
    expect(recall.firstOf(1)).toBe(-1);
    recall.learn(1, [2, 0, 3], Int32Array.of(5, 6, 7, 8), 4);
    recall.learn(1, [2, 1], Int32Array.of(5, 6, 9, 8), 0);
    expect([0, 1].map((question) => recall.firstOf(question))).toEqual([-1, 2]);
    expect(recall.readFor(1, Int32Array.of(5, 0, 7, 8))).toEqual([2, 0, 3]);
    expect(recall.readFor(1, Int32Array.of(0, 6, 9, 0))).toEqual([2, 1]);
  });
});
