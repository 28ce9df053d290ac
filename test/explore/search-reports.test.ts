/** What a search reports on the way and at its end, and what the table beneath it refuses. */
import { describe, expect, it } from 'vitest';
import { ABSENT, MOVED, type Model, REFUSED } from '../../core/explore/model.js';
import { type Progress, search } from '../../core/explore/search.js';
import { createVisited } from '../../core/explore/visited.js';

/**
 * Steps of one and of two up to `end`; the third move is always refused. `bad` breaks a property,
 * and each state stands for `orbit` states.
 */
function stairs(
  end: number,
  { bad = -1, orbit = 1, words = 1 } = {},
): Model & { judged: boolean[] } {
  let [loaded, at] = [0, 0];
  const judged: boolean[] = [];
  return {
    judged,
    words,
    moves: 3,
    sometimes: ['start', 'end', 'beyond'],
    begin: (key) => key.fill(0),
    load(key) {
      loaded = key[0];
      at = loaded;
    },
    take(move) {
      if (move === 2) return REFUSED;
      if (loaded + move + 1 > end) return ABSENT;
      at = loaded + move + 1;
      return MOVED;
    },
    encode(key) {
      key[0] = at;
    },
    judge(isNew, reached) {
      judged.push(isNew);
      if (at === 0) reached.add('start');
      if (at === end) reached.add('end');
      return at === bad ? { properties: ['not-bad'], message: `at ${at}` } : undefined;
    },
    takeBack() {
      at = loaded;
    },
    orbit: () => orbit,
  };
}

describe('a search tells', () => {
  it('moves made and moves refused, and for each move whether it led to a new state', () => {
    const model = stairs(4);
    const { counts, refused, unreached, complete } = search(model);
    expect(counts).toEqual({ unique: 5, transitions: 7, depth: 2 });
    expect(refused).toBe(5);
    expect(unreached).toEqual(['beyond']);
    expect([...search(stairs(5)).firstReached]).toEqual([
      ['start', 0],
      ['end', 3],
    ]);
    expect(complete).toBe(true);
    // the first state, then from 0: 1 and 2, from 1: 2 again and 3, from 2: 3 again and 4, from 3: 4
    expect(model.judged).toEqual([true, true, true, false, true, false, true, false]);
  });

  it('the sums of the orbits of all states, and of the moves made in them', () => {
    const { orbits, orbitTransitions } = search(stairs(4, { orbit: 6 }));
    expect([orbits, orbitTransitions]).toEqual([30, 42]);
    const uneven = stairs(4);
    uneven.orbit = ([at]) => at + 1;
    // Two moves from 0, 1 and 2, one from 3, none from 4.
    const sums = search(uneven);
    expect([sums.orbits, sums.orbitTransitions]).toEqual([15, 2 + 4 + 6 + 4]);
  });

  it('a breach in the first state, with an empty path, and goes no further', () => {
    const { found, counts, complete } = search(stairs(4, { bad: 0 }));
    expect(found).toEqual({ breach: { properties: ['not-bad'], message: 'at 0' }, path: [] });
    expect(counts).toEqual({ unique: 1, transitions: 0, depth: 0 });
    expect(complete).toBe(false);
  });

  it('the first breach of a state, and makes no further move there', () => {
    const model = stairs(4);
    const judge = model.judge.bind(model);
    model.judge = (isNew, reached) => {
      judge(isNew, reached);
      const { length } = model.judged;
      return length > 1 ? { properties: ['not-bad'], message: `move ${length - 1}` } : undefined;
    };
    const { found, counts } = search(model);
    expect(found).toEqual({ breach: { properties: ['not-bad'], message: 'move 1' }, path: [0] });
    expect(counts).toEqual({ unique: 2, transitions: 1, depth: 0 });
  });

  it('a shortest path, though a longer one leads there too', () => {
    const { found, complete } = search(stairs(9, { bad: 7 }));
    expect(found?.path).toHaveLength(4);
    expect(found?.path.reduce((sum, move) => sum + move + 1, 0)).toBe(7);
    expect(complete).toBe(false);
  });

  it('its progress after every so many states', () => {
    const told: Progress[] = [];
    search(stairs(6), { progressEvery: 3, onProgress: (one) => told.push(one) });
    expect(told).toEqual([
      { expanded: 3, unique: 5, transitions: 6, depth: 1 },
      { expanded: 6, unique: 7, transitions: 11, depth: 3 },
    ]);
  });

  it('nothing to a listener that is not there', () => {
    expect(search(stairs(6), { progressEvery: 1 }).complete).toBe(true);
  });

  it('that a limit ended it: as soon as there are that many states', () => {
    const { counts, complete } = search(stairs(100), { maxStates: 10 });
    expect(counts.unique).toBeGreaterThanOrEqual(10);
    expect(counts.unique).toBeLessThanOrEqual(11);
    expect(complete).toBe(false);
    expect(search(stairs(8), { maxStates: 10 }).complete).toBe(true);
  });

  it('many states without losing one, with the bytes held for each', () => {
    const { counts, bytesPerState, visited, found } = search(stairs(20_000, { bad: 19_999 }));
    expect(counts.unique).toBe(20_000);
    expect(found?.path).toHaveLength(10_000);
    expect(bytesPerState * counts.unique).toBe(visited.bytes + (4 + 2) * 32_768);
  });

  it('bytes in proportion to the width of a key', () => {
    const [one, three] = [1, 3].map((words) => search(stairs(10, { words })).visited.bytes);
    expect(three - one).toBe(2 * 4 * 16_384);
  });
});

describe('visited table', () => {
  it.each([0, -1, 1.5, Number.NaN])('has no keys of %s words', (words) => {
    expect(() => createVisited(words)).toThrow(`keys of ${words} words`);
  });

  it('has keys of one word, and holds its slots before any', () => {
    const table = createVisited(1);
    expect([table.size, table.words, table.bytes]).toEqual([0, 1, 4 * 4096]);
    expect(table.find(Int32Array.of(0))).toBe(-1);
    expect(table.insert(Int32Array.of(0))).toBe(0);
    expect([table.find(Int32Array.of(0)), table.insert(Int32Array.of(0))]).toEqual([0, -1]);
  });

  it('reads only states that it has', () => {
    const table = createVisited(2);
    table.insert(Int32Array.of(7, 8));
    const out = new Int32Array(2);
    for (const state of [-1, 1])
      expect(() => table.read(state, out)).toThrow(`state ${state} of 1`);
    table.read(0, out);
    expect([...out]).toEqual([7, 8]);
  });

  it('takes the front of a longer key', () => {
    const table = createVisited(2);
    table.insert(Int32Array.of(1, 2, 3));
    expect(table.find(Int32Array.of(1, 2))).toBe(0);
  });

  it('doubles its slots when more than half are taken', () => {
    const table = createVisited(1);
    const slots = () => table.bytes / 4 - 16_384;
    for (let i = 0; i < 2048; i++) table.insert(Int32Array.of(i));
    expect(slots()).toBe(4096);
    table.insert(Int32Array.of(2048));
    expect(slots()).toBe(8192);
    for (let i = 0; i <= 2048; i++) expect(table.find(Int32Array.of(i))).toBe(i);
  });
});
