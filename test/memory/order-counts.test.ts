/** Counts by order: each run of a small node, and runs at the end of the largest, recounted one by one. */
import { describe, expect, it } from 'vitest';
import {
  buddyBlocks,
  countRun,
  ORDER_COUNT_WORDS,
  orderOf,
} from '../../core/memory/order-counts.js';
import { expectSame } from '../expect-same.js';

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
        expectSame([...words], expected, `[${start}, ${end})`);
        countRun(words, 2, start, end, -1);
        expectSame(
          words.every((word) => word === 0),
          true,
        );
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
