/**
 * What an operation costs, counted in words read and written: answers that are kept are not looked for
 * again, and a change goes no further than something changes.
 */
import { describe, expect, it } from 'vitest';
import { allocEach } from '../../core/memory/equal-extents.js';
import type { ExtentPool } from '../../core/memory/extent-pool.js';
import { FREE } from '../../core/memory/extent-store.js';
import {
  fragmentationOf,
  largestAlignedRun,
  unusableFreeByOrder,
} from '../../core/memory/fragmentation.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import type { PoolShape } from '../../core/memory/pool-shape.js';
import { alteredStore } from '../kit/altered-store.js';
import { type Opened, opened, wordsTouched } from './opened.js';

/** A pool of which only these ascending runs are free, after `lives` frames were held one by one. */
function freeOnly(
  shape: PoolShape,
  runs: readonly (readonly [number, number])[],
  lives = 0,
): Opened {
  const both = opened(shape);
  const { pool } = both;
  for (let i = 0; i < lives; i++) pool.allocAt(i, 1, 1 + (i % 2));
  for (let i = 0; i < lives; i++) pool.freeRange(i, 1);
  let at = 0;
  for (const [start, length] of [...runs, [shape.frames, 0]]) {
    if (start > at) pool.allocAt(at, start - at, 1);
    at = start + length;
  }
  return both;
}

const rows = (count: number, from: number, apart: number, length: number) =>
  Array.from({ length: count }, (_, i) => [from + i * apart, length] as const);

const readsOf = (both: Opened, act: () => void) => wordsTouched(both, act).reads;

/** Words that an answer at hand may take to read. */
const FEW = 10;

describe('words touched by units of several granules, granule-aware', () => {
  // 400 pieces; 6 runs of 5 granules, 10 of 2 and two of 70 and 71, which share a bin.
  const runs = [
    ...rows(400, 4, 8, 3),
    ...rows(6, 4000, 80, 40),
    ...rows(10, 5000, 40, 16),
    [8008, 560] as const,
    [9000, 568] as const,
  ];
  const both = freeOnly({ tag: 0, frames: 12_000, granuleFrames: 8 }, runs);
  const { pool } = both;

  const unitsOf = (unit: number) => {
    const starts = Array.from({ length: 12_000 / unit }, (_, i) => i * unit);
    return runs.map(([from, length]) => {
      return starts.filter((start) => start >= from && start + unit <= from + length).length;
    });
  };

  it('counts them in the runs that are long enough', () => {
    for (const [unit, most] of [
      [16, 120],
      [32, 60],
      [64, 30],
      [1024, 30],
    ] as const) {
      const units = unitsOf(unit).reduce((sum, of) => sum + of);
      const reads = readsOf(both, () => expect(pool.freeUnits(unit)).toBe(units));
      expect(reads, `units of ${unit}`).toBeLessThan(most);
    }
  });

  it('finds the most in a row from the longest runs down, as far as they may be better', () => {
    for (const unit of [16, 64, 256, 1024]) {
      const run = Math.max(...unitsOf(unit)) * unit;
      const reads = readsOf(both, () => expect(largestAlignedRun(pool, unit)).toBe(run));
      expect(reads, `units of ${unit}`).toBeLessThan(2 * FEW);
      // Each of these is an answer of its own, 1 and 0 among them: none is looked for again.
      expect(readsOf(both, () => largestAlignedRun(pool, unit))).toBeLessThan(4);
    }
  });

  it('is content with the first of many equal runs that is as good as one can be', () => {
    const many = freeOnly({ tag: 0, frames: 12_000, granuleFrames: 8 }, rows(300, 0, 40, 32));
    const asked = () => expect(largestAlignedRun(many.pool, 16)).toBe(32);
    expect(readsOf(many, asked)).toBeLessThan(2 * FEW);
  });
});

describe.each(POLICY_NAMES)('words touched, %s', (policy) => {
  it('counts free frames, whole granules and single frames without a walk', () => {
    const both = freeOnly({ tag: 0, frames: 8000, granuleFrames: 8, policy }, rows(200, 4, 40, 20));
    const { pool } = both;
    const counts = () => [pool.freeFrames, pool.freeUnits(1), pool.freeUnits(8), pool.freeGranules];
    expect(counts()).toEqual([4000, 4000, 400, 400]);
    expect(readsOf(both, counts)).toBeLessThan(FEW);
  });

  it('measures fragmentation without a walk by granules, and by every order it counts', () => {
    const shape = { tag: 0, frames: 800, granuleFrames: 8, policy };
    const walks = freeOnly(shape, rows(20, 4, 40, 28));
    const counts = freeOnly({ ...shape, measured: true }, rows(20, 4, 40, 28));
    const asks = [
      ({ pool }: Opened) => fragmentationOf(pool, 8),
      ({ pool }: Opened) => fragmentationOf(pool, 4),
      ({ pool }: Opened) => unusableFreeByOrder(pool, 4),
      // None of these is there, so that the blocks are counted too.
      ({ pool }: Opened) => fragmentationOf(pool, 64),
    ];
    const reads = asks.map((ask) => {
      expect(ask(counts)).toEqual(ask(walks));
      return [readsOf(counts, () => ask(counts)), readsOf(walks, () => ask(walks))];
    });
    for (const [few] of reads) expect(few).toBeLessThan(2 * FEW);
    expect(reads.map(([, many]) => many > 40)).toEqual([false, true, true, true]);
    expect(fragmentationOf(counts.pool, 8)).toMatchObject({ units: 60 });
    expect(fragmentationOf(counts.pool, 64)).toMatchObject({ units: 0, fragmentationIndex: 838 });
  });

  it('finds the largest aligned run by granules without a walk', () => {
    const { pool } = freeOnly(
      { tag: 0, frames: 800, granuleFrames: 8, policy },
      rows(20, 4, 40, 28),
    );
    const unlisted = alteredStore(pool, {
      extents: () => {
        throw new Error('a walk');
      },
    });
    expect(largestAlignedRun(unlisted, 8)).toBe(24);
    expect(largestAlignedRun(pool, 4)).toBe(28);
    expect(() => largestAlignedRun(unlisted, 4)).toThrow('a walk');
  });

  it('finds the lowest place again without passing what is held below it', () => {
    const both = opened({ tag: 0, frames: 600, granuleFrames: 8, policy });
    const { pool } = both;
    for (let i = 0; i < 500; i++) pool.allocAt(i, 1, 1 + (i % 3));
    const lowest = (place: number, from = 0) => {
      return readsOf(both, () => expect(pool.findLowest(1, 1, from)).toBe(place));
    };
    expect(lowest(500)).toBeGreaterThan(500);
    expect(lowest(500)).toBeLessThan(2 * FEW);
    expect(lowest(500, 400)).toBeLessThan(2 * FEW);
    pool.allocAt(500, 100, 5);
    expect(lowest(-1)).toBeLessThan(2 * FEW);
    expect(lowest(-1)).toBe(0);
    pool.freeRange(590, 10);
    pool.freeRange(0, 1);
    // Down to it through one block of 32 frames, two words each.
    expect(lowest(0)).toBeLessThan(80);
    // From the middle on, what is below is not walked either.
    expect(lowest(595, 595)).toBeLessThan(2 * FEW);
  });

  it('remembers the longest runs over changes of shorter ones', () => {
    const runs = [...rows(100, 8, 1600, 1506), ...rows(9, 170_001, 10, 7)];
    const both = freeOnly({ tag: 0, frames: 200_000, granuleFrames: 8, policy }, runs);
    const { pool } = both;
    const longest = () => expect(pool.largestFreeRun()).toBe(1506);
    const granules = () => expect(pool.largestGranuleRun()).toBe(1504);
    longest();
    granules();
    for (const change of [
      () => {},
      () => pool.allocAt(170_001, 1, 5),
      () => pool.allocAt(170_011, 7, 5),
      () => pool.freeRange(169_000, 1),
      () => pool.freeRange(169_001, 1),
    ]) {
      change();
      expect(readsOf(both, longest)).toBeLessThanOrEqual(1);
      expect(readsOf(both, granules)).toBeLessThanOrEqual(1);
    }
  });

  it('of many equal runs under 1024 frames needs none to know how long they are', () => {
    const runs = rows(100, 4, 40, 20);
    const both = freeOnly({ tag: 0, frames: 4000, granuleFrames: 32, policy }, runs);
    expect(readsOf(both, () => both.pool.largestFreeRun())).toBeLessThan(FEW);
  });

  it('takes many equal extents with fewer writes than one by one', () => {
    const aged = () => {
      const both = opened({ tag: 0, frames: 4000, granuleFrames: 8, policy });
      for (let i = 0; i < 600; i++) both.pool.allocAt(i, 1, 1 + (i % 3));
      for (let i = 0; i < 600; i++) both.pool.freeRange(i, 1);
      expect(both.pool.covering(0)).toMatchObject({ owner: FREE, frames: 4000 });
      return both;
    };
    const extents = { start: 0, frames: 4, count: 400 };
    const [many, single] = [aged(), aged()];
    const { writes } = wordsTouched(many, () => allocEach(many.pool, extents, 9));
    const each = wordsTouched(single, () => allocEach(alteredStore(single.pool, {}), extents, 9));
    expect(writes).toBeLessThan(0.9 * each.writes);
    expect(Buffer.compare(many.pool.snapshot(), single.pool.snapshot())).toBe(0);
  });
});

describe('words touched, granule-aware', () => {
  /** A head of 4 frames and four whole granules of 8 a run. */
  const aged = () =>
    freeOnly({ tag: 0, frames: 6400, granuleFrames: 8 }, rows(100, 4, 64, 36), 400);
  const reads = (both: Opened, frames: number) =>
    readsOf(both, () => expect(both.pool.largestFreeRun()).toBe(frames));

  it.each<[string, (pool: ExtentPool, start: number) => void, number]>([
    ['taken whole', (pool, start) => pool.allocAt(start, 36, 3), 0],
    ['cut in the middle', (pool, start) => pool.allocAt(start + 20, 4, 3), 20],
    ['cut at an end', (pool, start) => pool.allocAt(start + 35, 1, 3), 35],
    // The smallest piece that there is, is the head of the run filed last.
    ['taken a part of its head', (pool) => pool.alloc(3, 1, 3), 33],
    ['taken its head', (pool) => pool.alloc(4, 1, 3), 32],
  ])(
    'of equal longest runs, each %s, the last but one leaves the length known',
    (_, change, then) => {
      const both = aged();
      expect(reads(both, 36)).toBeGreaterThan(100);
      for (let i = 0; i < 99; i++) {
        change(both.pool, 4 + i * 64);
        expect(reads(both, 36), `${i}`).toBeLessThan(FEW);
      }
      change(both.pool, 4 + 99 * 64);
      reads(both, then);
      expect(both.pool.verifyIndex()).toEqual([]);
    },
  );

  it('a run that becomes as long as the longest is one of them', () => {
    const both = aged();
    const { pool } = both;
    for (let i = 2; i < 100; i++) pool.allocAt(4 + i * 64, 1, 3);
    expect(reads(both, 36)).toBeGreaterThan(100);
    // Shorter ones that get shorter still are none of them.
    for (let i = 60; i < 70; i++) {
      pool.allocAt(4 + i * 64 + 35, 1, 3);
      expect(reads(both, 36)).toBeLessThan(FEW);
    }
    // Now there are three.
    pool.freeRange(4 + 50 * 64, 1);
    for (const i of [0, 50]) {
      pool.allocAt(4 + i * 64, 1, 3);
      expect(reads(both, 36)).toBeLessThan(FEW);
    }
    pool.allocAt(68, 1, 3);
    expect(reads(both, 35)).toBeGreaterThan(100);
    // One that is longer is the only one.
    pool.freeRange(68, 1);
    expect(reads(both, 36)).toBeLessThan(FEW);
    pool.allocAt(68, 1, 3);
    expect(reads(both, 35)).toBeGreaterThan(100);
  });

  it('a run without a whole granule, as long as the longest with one, is none of them', () => {
    const runs = [...rows(50, 4, 32, 12), [1665, 13]] as const;
    const both = freeOnly({ tag: 0, frames: 1700, granuleFrames: 8 }, runs);
    const { pool } = both;
    reads(both, 13);
    // Frames 1666 to 1677 are parts of two granules: as long as the others when they are cut.
    pool.allocAt(1665, 1, 3);
    reads(both, 12);
    pool.allocAt(1677, 1, 3);
    for (let i = 0; i < 49; i++) {
      pool.allocAt(4 + i * 32, 1, 3);
      expect(reads(both, 12), `${i}`).toBeLessThan(FEW);
    }
    pool.allocAt(4 + 49 * 32, 1, 3);
    expect(reads(both, 11)).toBeGreaterThan(50);
  });
});

describe('words touched by first fit', () => {
  const policy = 'first-fit';

  it('to find the first of 2048 blocks with a run that is long enough', () => {
    const both = freeOnly({ tag: 0, frames: 4096, granuleFrames: 1, policy }, [
      [1, 2],
      [4090, 6],
    ]);
    expect(readsOf(both, () => expect(both.pool.find(4, 1)).toBe(4090))).toBeLessThan(40);
  });

  it('to find the most granules: no run that could not have more', () => {
    const both = freeOnly({ tag: 0, frames: 4096, granuleFrames: 8, policy }, rows(100, 0, 40, 16));
    expect(readsOf(both, () => expect(both.pool.largestGranuleRun()).toBe(16))).toBeLessThan(40);
  });

  it('by a run that is not the longest of its block: nothing above the block', () => {
    const both = freeOnly({ tag: 0, frames: 4096, granuleFrames: 8, policy }, [
      [1, 2],
      [6, 300],
    ]);
    expect(wordsTouched(both, () => both.pool.allocAt(1, 1, 5)).writes).toBeLessThan(16);
  });
});
