/**
 * The tables behind the remembering model, each against a map of text.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockTree } from '../../core/explore/block-tree.js';
import { TouchTable } from '../../core/explore/touch-table.js';
import { TupleMemo, UNKNOWN } from '../../core/explore/tuple-memo.js';
import { expectSame } from '../expect-same.js';

const word = fc.integer({ min: -2, max: 12 });

describe('tuple memo', () => {
  it('answers for the tuples it was told, as a map of their text does', () => {
    const asks = fc.array(fc.tuple(word, word, word, fc.nat(1000)), {
      maxLength: 800,
      size: 'max',
    });
    fc.assert(
      fc.property(asks, (list) => {
        const memo = new TupleMemo(2);
        const naive = new Map<string, number>();
        for (const [a, unread, b, answer] of list) {
          const known = naive.get(`${a} ${b}`);
          expectSame(memo.answer(Int32Array.of(a, unread, b), [0, 2]), known ?? UNKNOWN);
          if (known !== undefined) continue;
          memo.put(answer);
          naive.set(`${a} ${b}`, answer);
          expectSame(memo.answer(Int32Array.of(a, unread, b), [0, 2]), answer);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('knows nothing of a tuple of zeros before it was told', () => {
    const memo = new TupleMemo(1);
    expect(memo.answer(Int32Array.of(0), [0])).toBe(UNKNOWN);
    memo.put(0);
    expect(memo.answer(Int32Array.of(0), [0])).toBe(0);
    expect(memo.answer(Int32Array.of(1), [0])).toBe(UNKNOWN);
    expect(memo.answer(Int32Array.of(0), [0])).toBe(0);
  });

  it('doubles its room when more than half of it is used', () => {
    const memo = new TupleMemo(1);
    const room = memo.bytes;
    for (let i = 0; i < 9; i++) {
      expect(memo.bytes).toBe(i < 8 ? room : 2 * room);
      expect(memo.answer(Int32Array.of(i), [0])).toBe(UNKNOWN);
      memo.put(i);
    }
    for (let i = 0; i < 9; i++) expect(memo.answer(Int32Array.of(i), [0])).toBe(i);
  });
});

describe('block tree', () => {
  // The answer is a function of the facets that are read, and which are read depends on them.
  const reads = (facets: Int32Array): number[] =>
    facets[0] === 0 ? [0] : facets[1] < 2 ? [0, 1] : facets[1] < 4 ? [0, 1, 3] : [0, 1, 2];
  const truth = (facets: Int32Array): number =>
    reads(facets).reduce((sum, facet) => 15 * sum + facets[facet], 1);

  it('gives an answer back only where all that was read is equal', () => {
    const states = fc.array(
      fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 4, maxLength: 4 }),
      { maxLength: 600, size: 'max' },
    );
    fc.assert(
      fc.property(states, (list) => {
        const tree = new BlockTree();
        let found = 0;
        for (const values of list) {
          const facets = Int32Array.from(values);
          const answer = tree.answer(facets);
          if (answer === UNKNOWN) tree.learn(reads(facets), facets, truth(facets));
          else found++;
          expectSame(tree.answer(facets), truth(facets));
        }
        // A state that came before is always known.
        expect(found).toBeGreaterThanOrEqual(list.length - new Set(list.map(String)).size);
      }),
      { numRuns: 30 },
    );
  });

  it('shares an answer among states that differ in what nobody read, and keeps each once', () => {
    const tree = new BlockTree();
    expect(tree.answer(Int32Array.of(0, 0, 0))).toBe(UNKNOWN);
    tree.learn([0], Int32Array.of(0, 7, 7), 5);
    expect(tree.answer(Int32Array.of(0, 1, 2))).toBe(5);
    expect(tree.answer(Int32Array.of(1, 7, 7))).toBe(UNKNOWN);
    tree.learn([0, 2], Int32Array.of(1, 7, 7), 6);
    expect(tree.answer(Int32Array.of(1, 0, 7))).toBe(6);
    expect(tree.answer(Int32Array.of(1, 7, 0))).toBe(UNKNOWN);
    expect(() => tree.learn([0], Int32Array.of(0, 7, 7), 5)).toThrow('known already');
    expect(tree.bytes).toBeGreaterThan(0);
  });
});

describe('touch table', () => {
  it('keeps the new word of each touch by the old one, over any growth', () => {
    const keeps = fc.array(fc.tuple(fc.nat(1500), fc.nat(300), fc.nat(9)), { maxLength: 400 });
    fc.assert(
      fc.property(keeps, (list) => {
        const table = new TouchTable();
        for (let touch = 0; touch <= 1500; touch++) table.add(touch % 3);
        const naive = new Map<string, number>();
        for (const [touch, old, fresh] of list) {
          const key = new Int32Array(3).fill(-5);
          key[touch % 3] = old;
          const known = naive.get(`${touch} ${old}`);
          expect(table.next(touch, key)).toBe(known ?? UNKNOWN);
          if (known === undefined) table.keep(touch, old, fresh);
          naive.set(`${touch} ${old}`, known ?? fresh);
          expect(table.next(touch, key)).toBe(known ?? fresh);
        }
        for (const [text, fresh] of naive) {
          const [touch, old] = text.split(' ').map(Number);
          expect(table.next(touch, new Int32Array(3).fill(old))).toBe(fresh);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('keeps what a touch had when its run grows, and only its own', () => {
    const keeps = fc.array(fc.tuple(fc.nat(3), fc.nat(300), fc.nat(9)), { maxLength: 200 });
    fc.assert(
      fc.property(keeps, (list) => {
        const table = new TouchTable();
        for (let touch = 0; touch < 4; touch++) table.add(0);
        const naive = Array.from({ length: 4 }, () => new Map<number, number>());
        for (const [touch, old, fresh] of list) {
          if (naive[touch].has(old)) continue;
          table.keep(touch, old, fresh);
          naive[touch].set(old, fresh);
        }
        for (const [touch, known] of naive.entries()) {
          const olds = Array.from({ length: 701 }, (_, old) => old);
          const told = olds.map((old) => table.next(touch, Int32Array.of(old)));
          expect(told).toEqual(olds.map((old) => known.get(old) ?? UNKNOWN));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes nothing of the next touch for a word behind the run of one', () => {
    const table = new TouchTable();
    for (const word of [0, 1]) table.add(word);
    table.keep(1, 0, 7);
    expect(table.next(1, Int32Array.of(16, 0))).toBe(7);
    expect(table.next(0, Int32Array.of(16, 0))).toBe(UNKNOWN);
  });

  it('holds four tables of the bytes that it says', () => {
    const table = new TouchTable();
    expect(table.bytes).toBe(1024 + 3 * 4 * 1024);
    // 64 runs of 16 entries fill the first room; one entry more takes twice what is needed then.
    for (let touch = 0; touch < 64; touch++) table.add(0);
    expect(table.bytes).toBe(1024 + 3 * 4 * 1024);
    table.add(0);
    expect(table.bytes).toBe(1024 + 2 * 4 * 1024 + 4 * 2 * (1024 + 16));
  });

  it('tells wide touches apart, which are remembered elsewhere', () => {
    const table = new TouchTable();
    table.add(4);
    table.addWide(2, 0);
    table.addWide(7, 9);
    expect([0, 1, 2].map((touch) => table.isWide(touch))).toEqual([false, true, true]);
    expect([1, 2].map((touch) => table.wideOf(touch))).toEqual([0, 9]);
    expect([0, 1, 2].map((touch) => table.wordOf(touch))).toEqual([4, 2, 7]);
    expect(table.size).toBe(3);
    expect(table.bytes).toBeGreaterThan(0);
  });
});
