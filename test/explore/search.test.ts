/**
 * The search itself: a table that never mixes up two keys, and counts that others have published.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT, MOVED, type Model, REFUSED } from '../../core/explore/model.js';
import { type Progress, search } from '../../core/explore/search.js';
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

describe('visited table: its edges', () => {
  it('reads no state that is not there, and is made for keys of words only', () => {
    const table = createVisited(2);
    table.insert(Int32Array.of(4, 5, 6));
    const out = new Int32Array(3);
    table.read(0, out);
    expect([...out]).toEqual([4, 5, 0]);
    for (const state of [-1, 1]) expect(() => table.read(state, out)).toThrow(/of 1/);
    for (const words of [0, -1, 1.5]) expect(() => createVisited(words)).toThrow(/words/);
  });

  it('reads the words of one key only, and knows no key behind the last after it grew', () => {
    const table = createVisited(2);
    for (let i = 1; i <= 2049; i++) table.insert(Int32Array.of(i, i));
    const out = new Int32Array(3);
    table.read(0, out);
    expect([...out]).toEqual([1, 1, 0]);
    expect(table.find(new Int32Array(2))).toBe(-1);
    expect(table.insert(new Int32Array(2))).toBe(2049);
  });

  it('takes room by halves: slots twice the states at most, keys in chunks', () => {
    const table = createVisited(3);
    expect(table.bytes).toBe(4 * 4096);
    for (let i = 0; i < 2048; i++) table.insert(Int32Array.of(i, 0, 0));
    expect(table.bytes).toBe(4 * (4096 + 16_384 * 3));
    table.insert(Int32Array.of(0, 1, 0));
    expect(table.bytes).toBe(4 * (8192 + 16_384 * 3));
  });

  it('tells keys apart by their last word, also where all begin at one slot', () => {
    const table = createVisited(2);
    const keys = Array.from({ length: 3000 }, (_, i) => Int32Array.of(7, i));
    expect(keys.map((key) => table.insert(key))).toEqual(keys.map((_, i) => i));
    expect(keys.map((key) => table.insert(key))).toEqual(keys.map((_, i) => -1 - i));
    expect(keys.map((key) => table.find(key))).toEqual(keys.map((_, i) => i));
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
    const { complete, counts } = search(oneMove(3, -1), { maxStates: 5 });
    expect([complete, counts.unique]).toEqual([true, 4]);
  });

  it('a breach of the first state has no move before it', () => {
    const { found, counts, complete } = search(oneMove(9, 0));
    expect(found).toEqual({ breach: { properties: ['not-bad'], message: 'at 0' }, path: [] });
    expect([counts, complete]).toEqual([{ unique: 1, transitions: 0, depth: 0 }, false]);
  });

  /** A square of `side` by `side`: right, down, and a move that is always refused. */
  function grid(side: number, judged: [string, boolean][] = []): Model {
    const at = Int32Array.of(0, 0);
    const before = Int32Array.of(0, 0);
    return {
      words: 2,
      moves: 3,
      sometimes: ['corner'],
      begin(key) {
        at.fill(0);
        key.set(at);
      },
      load: (key) => at.set(key),
      take(move) {
        if (move === 2) return REFUSED;
        if (at[move] + 1 === side) return ABSENT;
        before.set(at);
        at[move]++;
        return MOVED;
      },
      encode: (key) => key.set(at),
      judge(isNew, reached) {
        judged.push([at.join(), isNew]);
        if (at[0] === side - 1 && at[1] === side - 1) reached.add('corner');
        return undefined;
      },
      takeBack: () => at.set(before),
      orbit: (key) => (key[0] === key[1] ? 1 : 2),
    };
  }

  it('tries every move of every state once, and judges a state as new once', () => {
    const judged: [string, boolean][] = [];
    const side = 70;
    const { counts, refused, orbits, complete, unreached, bytesPerState, visited } = search(
      grid(side, judged),
    );
    expect(counts).toEqual({
      unique: side * side,
      transitions: 2 * side * (side - 1),
      depth: 2 * (side - 1),
    });
    expect([refused, complete, unreached]).toEqual([side * side, true, []]);
    expect(orbits).toBe(2 * side * side - side);
    const fresh = judged.filter(([, isNew]) => isNew).map(([key]) => key);
    expect([fresh.length, new Set(fresh).size]).toEqual([side * side, side * side]);
    expect(judged.length).toBe(counts.transitions + 1);
    const parentsAndMoves = 6 * 2 ** 13;
    expect(bytesPerState).toBe((visited.bytes + parentsAndMoves) / (side * side));
  });

  it('tells how far it is, each so many states', () => {
    const seen: number[][] = [];
    const onProgress = ({ unique, expanded, transitions, depth }: Progress) =>
      seen.push([unique, expanded, transitions, depth]);
    search(grid(3), { progressEvery: 4, onProgress });
    expect(seen).toEqual([
      [7, 4, 7, 2],
      [9, 8, 12, 3],
    ]);
  });

  it('finds the shortest path to a breach far beyond the first room of its tables', () => {
    const model = grid(80);
    const judge = model.judge.bind(model);
    const key = new Int32Array(2);
    model.judge = (isNew, reached) => {
      model.encode(key);
      if (key[0] === 75 && key[1] === 60) return { properties: ['p'], message: 'there' };
      return judge(isNew, reached);
    };
    const path = search(model).found?.path ?? [];
    expect(path.filter((move) => move === 0).length).toBe(75);
    expect(path.filter((move) => move === 1).length).toBe(60);
    expect(path.length).toBe(135);
  });
});

describe('a model that foresees its moves', () => {
  /** Two-phase commit, asked for all moves of a state at once. */
  function foreseeing(managers: number): Model {
    const model = twoPhaseCommit(managers);
    let next = 0;
    return {
      ...model,
      foreseen: {
        lookAhead() {
          next = 0;
          return 2;
        },
        takeNext() {
          while (next < model.moves) if (model.take(next++) === MOVED) return next - 1;
          return -1;
        },
      },
      take: () => {
        throw new Error('asked move by move');
      },
    };
  }

  it('is asked for them alone, and searched as one that is asked move by move', () => {
    const { counts, refused, complete } = search(foreseeing(3));
    const { counts: one } = search(twoPhaseCommit(3));
    expect([counts, complete]).toEqual([one, true]);
    expect(refused).toBe(2 * one.unique);
  });

  it('ends at the first breach it was led to, with the path there', () => {
    const model = foreseeing(2);
    let seen = 0;
    const judge: Model['judge'] = () =>
      ++seen > 5 ? { properties: ['planted'], message: `step ${seen}` } : undefined;
    const { found, complete } = search({ ...model, judge });
    expect(complete).toBe(false);
    expect(found?.breach.message).toBe('step 6');
    const walked = twoPhaseCommit(2);
    walked.begin(new Int32Array(walked.words));
    const key = new Int32Array(walked.words);
    for (const move of found?.path ?? [-1]) {
      expect(walked.take(move)).toBe(MOVED);
      walked.encode(key);
      walked.load(key);
    }
  });
});

/** Counts up to `last`, by two moves in turn; there a third leads back to 0. */
function counting(last: number, judge: Model['judge'] = () => undefined): Model {
  let at = 0;
  let next = 0;
  return {
    words: 1,
    moves: 3,
    sometimes: [],
    begin(key) {
      key[0] = 0;
      at = 0;
    },
    load: (key) => {
      at = key[0];
    },
    take(move) {
      if (move !== (at === last ? 2 : at % 2)) return ABSENT;
      next = at === last ? 0 : at + 1;
      return MOVED;
    },
    encode: (key) => {
      key[0] = next;
    },
    judge,
    takeBack: () => undefined,
    orbit: () => 1,
  };
}

describe('a long way', () => {
  it('is told move by move, in order, over any growth of the tables', () => {
    // The way to the last state but one, of 9000 moves, is not the same read backwards.
    let states = 0;
    const breach = { properties: ['far'], message: 'away' };
    const judge: Model['judge'] = (isNew) => (isNew && ++states === 9002 ? breach : undefined);
    const { found, counts } = search(counting(10_000, judge));
    expect(counts.unique).toBe(9002);
    expect(found?.path).toEqual(Array.from({ length: 9001 }, (_, step) => step % 2));
  });

  it('is not complete when its very last move is a breach, and says nothing found without one', () => {
    const breach = { properties: ['back'], message: 'again' };
    const judge: Model['judge'] = (isNew) => (isNew ? undefined : breach);
    const found = search(counting(3, judge));
    expect([found.complete, found.found?.path]).toEqual([false, [0, 1, 0, 2]]);
    const sound = search(counting(3));
    expect([sound.complete, 'found' in sound]).toEqual([true, false]);
  });

  it('ends before a state is expanded once there are as many as may be', () => {
    const { counts, complete } = search(counting(3), { maxStates: 1 });
    expect([counts.unique, counts.transitions, complete]).toEqual([1, 0, false]);
  });
});
