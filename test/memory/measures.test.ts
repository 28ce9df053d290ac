/** Measured pools beside plain ones: the same choices, the same answers, at hand, undone and checked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocEach, freeEach } from '../../core/memory/equal-extents.js';
import { MEASURES } from '../../core/memory/extent-layout.js';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import { largestAlignedRun } from '../../core/memory/fragmentation.js';
import { ORDER_COUNT_WORDS } from '../../core/memory/order-counts.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { opened, wordsTouched } from './opened.js';

describe.each(POLICY_NAMES)('a measured pool, %s', (policy) => {
  const create = (measured: boolean, granuleFrames = 8) =>
    createExtentPool({ tag: 0, frames: 200, granuleFrames, policy, measured });
  const picture = (pool: ExtentPool) => [...pool.extents()].map((e) => ({ ...e }));

  it('chooses as one that is not, and has at hand what the other walks for', () => {
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
          const [measured, walked] = pools.map((pool) => [
            picture(pool),
            Array.from({ length: 9 }, (_, order) => pool.freeUnits(2 ** order)),
            [3, 12].map((unit) => pool.freeUnits(unit)),
            pool.freeBlocks(),
            pool.largestFreeRun(),
            pool.largestGranuleRun(),
            Array.from({ length: 9 }, (_, order) => largestAlignedRun(pool, 2 ** order)),
          ]);
          expect(measured).toEqual(walked);
        }
        expect(pools.map((pool) => pool.verifyIndex())).toEqual([[], []]);
      }),
    );
  });

  it('measures many equal extents taken and freed at once', () => {
    const [pool, other] = [create(true), create(false)];
    for (const extents of [
      { start: 16, frames: 3, count: 20 },
      { start: 0, frames: 3, count: 40 },
    ]) {
      for (const each of [pool, other]) allocEach(each, extents, 4);
      const asked = (each: ExtentPool) => [
        [each.freeUnits(2), each.freeBlocks()],
        [each.largestFreeRun(), each.largestGranuleRun(), largestAlignedRun(each, 32)],
      ];
      expect(asked(pool)).toEqual(asked(other));
      expect(pool.verifyIndex()).toEqual([]);
      for (const each of [pool, other]) freeEach(each, extents, 4);
      expect(pool.freeUnits(64)).toBe(3);
      expect(pool.verifyIndex()).toEqual([]);
    }
  });

  it('knows runs of each unit of nodes of a few granules, whatever stands behind the trees', () => {
    for (const granuleFrames of [1, 2, 4, 8, 16]) {
      for (let frames = granuleFrames; frames < 140; frames++) {
        const pool = createExtentPool({ tag: 0, frames, granuleFrames, policy, measured: true });
        for (let unit = 1; unit < 2 ** 31; unit *= 2) {
          const run = Math.floor(frames / unit) * unit;
          if (largestAlignedRun(pool, unit) !== run) expect.fail(`${frames} frames by ${unit}`);
        }
      }
    }
  });

  it('undoes the measures with the rest, and a fork has its own', () => {
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

  it('names each word that is one off; a snapshot of a pool that is not measured is of another store', () => {
    const pool = create(true);
    pool.allocAt(10, 5, 3);
    const bytes = pool.snapshot();
    const words = new Int32Array(bytes.buffer);
    // 25 granules: a tree of 32 leaves for the lengths, and one each for units of 1 to 32 granules.
    const trees = [32, 32, 16, 8, 4, 2, 1].flatMap((leaves, i) =>
      Array.from({ length: 2 * leaves }, (_, node) => {
        return `${i === 0 ? 'length' : `${2 ** (i - 1)}-granule`} node ${node}`;
      }),
    );
    for (let i = 0; i < ORDER_COUNT_WORDS + trees.length; i++) {
      const at = words[MEASURES] + i;
      words[at]++;
      pool.restore(bytes);
      const what = i === 31 ? 'free blocks' : `free units of order ${i}`;
      const told =
        i < ORDER_COUNT_WORDS
          ? [`${words[at]} ${what} counted, ${words[at] - 1} found`]
          : [`${trees[i - ORDER_COUNT_WORDS]} is not ${words[at] - 1}`];
      expect(pool.verifyIndex()).toEqual(told);
      words[at]--;
    }
    expect(() => pool.restore(create(false).snapshot())).toThrow('a snapshot of another store');
    words[MEASURES]++;
    expect(() => pool.restore(bytes)).toThrow('a snapshot of another store');
  });
});

describe.each(['granule-aware', 'best-fit'] as const)('a measured pool, %s', (policy) => {
  const shape = { tag: 0, frames: 6400, granuleFrames: 8, measured: true, policy };

  it('knows the longest runs without a walk, whichever was taken last', () => {
    const both = opened(shape);
    const { pool } = both;
    // Runs of 9 to 48 frames.
    for (let i = 0; i < 100; i++) pool.allocAt(i * 64, 55 - (i % 40), 3);
    pool.allocAt(6399, 1, 3);
    const frames = () => [...pool.extents()].filter((e) => e.owner === 0).map((e) => e.frames);
    const runs = () => wordsTouched(both, () => void pool.largestFreeRun()).reads;
    for (let i = 0; i < 100; i++) {
      expect(pool.largestFreeRun()).toBe(Math.max(...frames()));
      expect(runs()).toBeLessThan(12);
      for (const unit of [8, 16, 4096, 8192]) {
        const asked = () => void largestAlignedRun(pool, unit);
        expect(wordsTouched(both, asked).reads).toBeLessThan(8);
      }
      pool.alloc(pool.largestFreeRun(), 1, 4);
    }
    expect([pool.largestFreeRun(), pool.largestGranuleRun()]).toEqual([0, 0]);
  });

  it('knows which of many long runs is the longest without a walk over them', () => {
    const both = opened({ ...shape, frames: 2 ** 17 });
    const { pool } = both;
    // Runs of 1,100 to 1,200 frames: best fit has them in few bins, one bin for 32 lengths.
    for (let i = 0; i < 100; i++) pool.allocAt(i * 1300, 100 + i, 3);
    pool.allocAt(130_000, 2 ** 17 - 130_000, 3);
    for (let i = 0; i < 100; i++) {
      // Asked once: what was found is remembered until the run is taken.
      const asked = () => expect(pool.largestFreeRun()).toBe(1200 - i);
      expect(wordsTouched(both, asked).reads).toBeLessThan(12);
      pool.alloc(1200 - i, 1, 4);
    }
  });

  it('has units of all sizes on the largest node, and none larger than it', () => {
    const pool = createExtentPool({
      ...shape,
      frames: 2 ** 31 - 2 ** 15 - 1,
      granuleFrames: 2 ** 14,
    });
    const runs = () =>
      [14, 29, 30].map((order) => largestAlignedRun(pool, 2 ** order) / 2 ** order);
    expect(runs()).toEqual([2 ** 17 - 3, 3, 1]);
    pool.allocAt(2 ** 30, 1, 3);
    expect(runs()).toEqual([2 ** 16, 2, 1]);
    pool.allocAt(2 ** 30 - 1, 1, 3);
    expect(runs()).toEqual([2 ** 16 - 1, 1, 0]);
    expect([31, 32, 33].map((order) => pool.knownAlignedRun(order))).toEqual([0, 0, 0]);
    expect(pool.verifyIndex()).toEqual([]);
  });

  it.each([true, false])('measured %s: asks for runs of a whole order', (measured) => {
    const shapeOf64 = { tag: 0, frames: 64, granuleFrames: 4, measured, policy };
    const pool = createExtentPool(shapeOf64);
    for (const order of [0.5, -1, Number.NaN]) {
      expect(() => pool.knownAlignedRun(order)).toThrow(`order ${order}: a whole number from 0`);
    }
    const isKnown = measured || policy === 'granule-aware';
    expect([0, 1, 4, 5, 31, 2 ** 50].map((order) => pool.knownAlignedRun(order))).toEqual(
      isKnown ? [64, 64, 64, 0, 0, 0] : Array.from({ length: 6 }, () => undefined),
    );
  });

  it('has 2^20 granules at most', () => {
    const most = { tag: 0, frames: 2 ** 21, granuleFrames: 2, measured: true };
    expect(createExtentPool(most).largestGranuleRun()).toBe(2 ** 21);
    expect(() => createExtentPool({ ...most, frames: 2 ** 21 + 1 })).toThrow(
      '2097153 frames are more than 1048576 granules of a measured pool',
    );
    expect(createExtentPool({ ...most, frames: 2 ** 22, measured: false }).freeFrames).toBe(
      2 ** 22,
    );
  });
});
