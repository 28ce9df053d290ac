/**
 * The search itself: a table that never mixes up two keys, and counts that others have published.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT, MOVED, type Model } from '../../core/explore/model.js';
import { search } from '../../core/explore/search.js';
import { createVisited } from '../../core/explore/visited.js';
import { twoPhaseCommit } from './two-phase-commit.js';

describe('visited table', () => {
  it('numbers keys as a map of their text does, and reads each back', () => {
    const keys = fc.array(
      fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: 0, max: 3 }), fc.integer()),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(keys, (list) => {
        const table = createVisited(3);
        const naive = new Map<string, number>();
        const out = new Int32Array(3);
        for (const words of list) {
          const key = Int32Array.from(words);
          const known = naive.get(key.join());
          const number = table.insert(key);
          expect(number).toBe(known === undefined ? naive.size : -1 - known);
          if (known === undefined) naive.set(key.join(), number);
          table.read(naive.get(key.join()) ?? -1, out);
          expect([...out]).toEqual([...key]);
        }
        expect(table.size).toBe(naive.size);
      }),
    );
  });

  it('keeps numbers over many growths and finds no key that was never put in', () => {
    const table = createVisited(2);
    for (let i = 0; i < 100_000; i++) table.insert(Int32Array.of(i % 317, i));
    expect(table.size).toBe(100_000);
    expect(table.find(Int32Array.of(99_999 % 317, 99_999))).toBe(99_999);
    expect(table.find(Int32Array.of(1, 0))).toBe(-1);
  });
});

describe('search: two-phase commit has its published number of states', () => {
  it.each([
    [3, 288],
    [5, 8832],
  ])('%i resource managers: %i states', (managers, states) => {
    const result = search(twoPhaseCommit(managers));
    expect(result.counts.unique).toBe(states);
    expect(result).toMatchObject({ complete: true, unreached: [] });
    expect(result.found).toBeUndefined();
  });
});

/** Counts up to `end`; breaks at `bad`. */
function counter(end: number, bad: number): Model {
  let at = 0;
  return {
    words: 1,
    moves: 2,
    sometimes: ['end', 'beyond'],
    begin: (key) => key.fill(0),
    load(key) {
      at = key[0];
    },
    take(move) {
      if (at + move + 1 > end) return ABSENT;
      at += move + 1;
      return MOVED;
    },
    encode(key) {
      key[0] = at;
    },
    judge(_isNew, reached) {
      if (at === end) reached.add('end');
      return at === bad ? { properties: ['not-bad'], message: `at ${at}` } : undefined;
    },
    takeBack() {},
    orbit: () => 1,
  };
}

describe('search: what it tells', () => {
  // Each `take` moves on, so the model above must be loaded again; the search does so per state.
  const oneMove = (end: number, bad: number): Model => ({ ...counter(end, bad), moves: 1 });

  it('tells a shortest path to a breach', () => {
    const { found, complete } = search(oneMove(9, 5));
    expect(found).toEqual({
      breach: { properties: ['not-bad'], message: 'at 5' },
      path: [0, 0, 0, 0, 0],
    });
    expect(complete).toBe(false);
  });

  it('tells depth, and a `sometimes` property that was never reached', () => {
    const { counts, unreached, complete } = search(oneMove(9, -1));
    expect(counts).toEqual({ unique: 10, transitions: 9, depth: 9 });
    expect(unreached).toEqual(['beyond']);
    expect(complete).toBe(true);
  });

  it('stops at a limit and says that it is not complete', () => {
    expect(search(oneMove(9, -1), { maxStates: 4 }).complete).toBe(false);
  });
});
