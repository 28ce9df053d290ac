/**
 * Remembered answers are those that the rules give when they are asked again, on every move.
 *
 * The model is first made to remember by a search; then states from all over that search are taken
 * once more, each move by the remembering model and by the one beneath it, which asks every time.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOVED } from '../../core/explore/model.js';
import { withLaunches } from '../../core/explore/qingtian-scopes.js';
import { Recall } from '../../core/explore/recall.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { UNKNOWN } from '../../core/explore/tuple-memo.js';
import { scaledRuns } from '../seed.js';

const STATES = scaledRuns(2000);
const SAMPLED = 40;

describe('remembering model', () => {
  const launching = { ...withLaunches(SCOPES[0]), name: `${SCOPES[0].name} with whole launches` };
  it.each([...SCOPES, launching])(
    '$name: says of each move what the model beneath it says',
    (scope) => {
      const model = createRememberingModel(scope);
      const { visited } = search(model, { maxStates: STATES });
      const { source, words } = model;
      const here = new Int32Array(words);
      let remembered = 0;
      for (let i = 0; i < SAMPLED; i++) {
        visited.read(Math.floor((i * visited.size) / SAMPLED), here);
        const asked = model.asked;
        model.load(here);
        const told = taken(model, model.moves, words, () => model.judge(true, new Set()));
        if (model.asked === asked) remembered++;
        source.load(here);
        const direct = taken(source, model.moves, words, () => source.judge(true, new Set()));
        expect(told).toEqual(direct);
      }
      expect(remembered).toBeGreaterThan(0);
    },
  );
});

type Taker = Pick<ReturnType<typeof createRememberingModel>, 'take' | 'encode' | 'takeBack'>;

function taken(model: Taker, moves: number, words: number, judge: () => unknown): unknown[] {
  const there = new Int32Array(words);
  return Array.from({ length: moves }, (_, move) => {
    const tried = model.take(move);
    if (tried !== MOVED) return tried;
    model.encode(there);
    const breach = judge();
    model.takeBack();
    return [[...there], breach];
  });
}

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
          expect(answer).toBe(known.has(key) ? truth(facets) : UNKNOWN);
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
});
