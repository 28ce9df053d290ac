/** Counts by order: each run and each pair of orders recounted, counted pools and plain ones choose alike. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocEach, freeEach } from '../../core/memory/equal-extents.js';
import { ORDER_COUNTS } from '../../core/memory/extent-layout.js';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import {
  buddyBlocks,
  countRun,
  ORDER_COUNT_WORDS,
  orderOf,
} from '../../core/memory/order-counts.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';

/** Units of 2^order frames that lie inside [start, end), one by one. */
function unitsOneByOne(start: number, end: number, order: number): number {
  const unit = 2 ** order;
  let units = 0;
  for (let at = 0; at + unit <= end; at += unit) if (at >= start) units++;
  return units;
}

/** Blocks by taking, from the start on, the largest that is aligned and fits. */
function blocksOneByOne(start: number, end: number): number {
  let blocks = 0;
  for (let at = start; at < end; blocks++) {
    let size = 1;
    while (at % (2 * size) === 0 && at + 2 * size <= end) size *= 2;
    at += size;
  }
  return blocks;
}

describe('counts by order', () => {
  it('an order is log2 of a unit; what is no power of two below 2^31 has none', () => {
    expect([1, 2, 4, 2 ** 30].map(orderOf)).toEqual([0, 1, 2, 30]);
    const others = [0, 3, -2, -(2 ** 31), 1.5, 2 ** 31, 2 ** 40, Number.NaN];
    expect(others.map(orderOf)).toEqual(others.map(() => -1));
  });

  it('each run of 70 frames: units of each order, and blocks', () => {
    for (let start = 0; start < 70; start++) {
      for (let end = start + 1; end <= 70; end++) {
        const words = new Int32Array(2 + ORDER_COUNT_WORDS);
        countRun(words, 2, start, end, 1);
        const units = Array.from({ length: 31 }, (_, order) => unitsOneByOne(start, end, order));
        const expected = [0, 0, ...units, blocksOneByOne(start, end)];
        expect([...words], `[${start}, ${end})`).toEqual(expected);
        countRun(words, 2, start, end, -1);
        expect(words.every((word) => word === 0)).toBe(true);
      }
    }
  });

  it('runs at the far end of the largest node', () => {
    const last = 2 ** 31 - 2 ** 15 - 1;
    for (const start of [0, 1, 2 ** 30 - 1, 2 ** 30, last - 5]) {
      const words = new Int32Array(ORDER_COUNT_WORDS);
      countRun(words, 0, start, last, 1);
      for (let order = 0; order < 31; order++) {
        const unit = 2 ** order;
        const units = Math.max(0, Math.floor(last / unit) - Math.ceil(start / unit));
        expect(words[order], `${start}, order ${order}`).toBe(units);
      }
      expect(buddyBlocks(start, last)).toBe(blocksOneByOne(start, last));
    }
  });

  it('an empty run counts nothing', () => {
    const words = new Int32Array(ORDER_COUNT_WORDS);
    countRun(words, 0, 0, 0, 1);
    countRun(words, 0, 5, 5, 1);
    expect(words.every((word) => word === 0)).toBe(true);
  });
});

describe.each(POLICY_NAMES)('a pool that counts orders, %s', (policy) => {
  const create = (countOrders: boolean, granuleFrames = 8) =>
    createExtentPool({ frames: 200, granuleFrames, policy, countOrders });
  const picture = (pool: ExtentPool) => [...pool.extents()].map((e) => ({ ...e }));

  it('chooses as one that does not, and knows what the other walks for', () => {
    const steps = fc.array(
      fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 999 }), fc.nat({ max: 40 })),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 8), (drawn, granule) => {
        const pools = [create(true, granule), create(false, granule)];
        const live: number[] = [];
        for (const [kind, a, size] of drawn) {
          if (kind < 2) {
            const [one, other] = pools.map((pool) => pool.alloc(1 + size, 2 ** (a % 4), 5));
            expect(one).toBe(other);
            if (one !== 0) live.push(one);
          } else {
            const [handle] = live.splice(a % (live.length || 1), 1);
            if (handle !== undefined) for (const pool of pools) pool.free(handle);
          }
          const [counted, walked] = pools.map((pool) => [
            picture(pool),
            Array.from({ length: 9 }, (_, order) => pool.freeUnits(2 ** order)),
            [3, 12].map((unit) => pool.freeUnits(unit)),
            pool.freeBlocks(),
          ]);
          expect(counted).toEqual(walked);
        }
        expect(pools.map((pool) => pool.verifyIndex())).toEqual([[], []]);
      }),
    );
  });

  it('counts many equal extents taken and freed at once', () => {
    const [pool, other] = [create(true), create(false)];
    for (const extents of [
      { start: 16, frames: 3, count: 20 },
      { start: 0, frames: 3, count: 40 },
    ]) {
      for (const each of [pool, other]) allocEach(each, extents, 4);
      const counts = (each: ExtentPool) => [each.freeUnits(2), each.freeBlocks()];
      expect(counts(pool)).toEqual(counts(other));
      expect(pool.verifyIndex()).toEqual([]);
      for (const each of [pool, other]) freeEach(each, extents, 4);
      expect(pool.freeUnits(64)).toBe(3);
      expect(pool.verifyIndex()).toEqual([]);
    }
  });

  it('undoes the counts with the rest, and a fork has its own', () => {
    const pool = create(true);
    pool.allocAt(10, 5, 3);
    const before = pool.snapshot();
    const mark = pool.mark();
    pool.free(pool.allocAt(40, 30, 3));
    const held = pool.allocAt(100, 100, 3);
    const fork = pool.fork();
    pool.rollback(mark);
    expect(Buffer.compare(pool.snapshot(), before)).toBe(0);
    expect([pool, fork].map((each) => each.freeUnits(64))).toEqual([2, 0]);
    fork.free(held);
    expect([pool, fork].map((each) => each.freeUnits(64))).toEqual([2, 2]);
    expect([pool, fork].map((each) => each.verifyIndex())).toEqual([[], []]);
  });

  it('names each count that is one off; a snapshot of a pool without counts is of another store', () => {
    const pool = create(true);
    pool.allocAt(10, 5, 3);
    const bytes = pool.snapshot();
    const words = new Int32Array(bytes.buffer);
    for (let i = 0; i < ORDER_COUNT_WORDS; i++) {
      const at = words[ORDER_COUNTS] + i;
      words[at]++;
      pool.restore(bytes);
      const what = i === 31 ? 'free blocks' : `free units of order ${i}`;
      expect(pool.verifyIndex()).toEqual([`${words[at]} ${what} counted, ${words[at] - 1} found`]);
      words[at]--;
    }
    expect(() => pool.restore(create(false).snapshot())).toThrow('a snapshot of another store');
  });
});
