/** What best fit promises beyond the laws of every store: the shortest run, and of equals the lowest. */
import { describe, expect, it } from 'vitest';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';

/**
 * A pool of which only these runs are free; they were freed in this order. Two frames more, at its end, are
 * held by an extent that took the place of two, so that a record is vacant: without one the written-out
 * loop leaves the work to the general way.
 */
function freeOnly(frames: number, runs: readonly (readonly [number, number])[]): ExtentPool {
  const pool = createExtentPool({
    tag: 0,
    frames: frames + 2,
    granuleFrames: 4,
    policy: 'best-fit',
  });
  let at = 0;
  for (const [start, length] of [...runs].sort((a, b) => a[0] - b[0])) {
    if (start > at) pool.allocAt(at, start - at, 1);
    pool.allocAt(start, length, 2);
    at = start + length;
  }
  if (at < frames) pool.allocAt(at, frames - at, 1);
  const beyond = [pool.allocAt(frames, 1, 1), pool.allocAt(frames + 1, 1, 1)];
  for (const [start, length] of runs) pool.freeRange(start, length);
  for (const handle of beyond) pool.free(handle);
  pool.allocAt(frames, 2, 1);
  return pool;
}

describe('best fit', () => {
  it.each([
    [
      'of two lengths that share a bin the shorter one',
      [
        [0, 1510],
        [2000, 1506],
        [6000, 1508],
      ],
      1505,
      2000,
    ],
    [
      'of equal runs the lowest, whichever was freed last',
      [
        [500, 7],
        [100, 7],
        [300, 7],
      ],
      7,
      100,
    ],
    [
      'of equal runs in a bin they share with others, too',
      [
        [8000, 1506],
        [0, 1506],
        [4000, 1507],
      ],
      1505,
      0,
    ],
    [
      'the shorter one where the lowest is longer',
      [
        [0, 9],
        [40, 8],
      ],
      8,
      40,
    ],
  ] as const)('%s', (_, runs, frames, place) => {
    const pool = freeOnly(16_384, runs);
    expect(pool.find(frames, 1)).toBe(place);
    expect(pool.at(pool.alloc(frames, 1, 5)).start).toBe(place);
  });

  it.each([
    [
      'to a longer run',
      [
        [0, 1506],
        [2000, 1700],
        [6000, 5000],
      ],
      2000,
    ],
    [
      'to the last bin of the node',
      [
        [0, 1506],
        [2000, 16_380 - 2000],
      ],
      2000,
    ],
    ['and finds none above', [[0, 1506]], undefined],
  ] as const)('steps from a bin whose runs are all shorter than asked %s', (_, runs, place) => {
    const pool = freeOnly(16_384, runs);
    const free = pool.freeFrames;
    const handle = pool.alloc(1508, 1, 5);
    expect(handle === 0 ? undefined : pool.at(handle).start).toBe(place);
    expect(pool.freeFrames).toBe(handle === 0 ? free : free - 1508);
    expect(pool.verifyIndex()).toEqual([]);
  });

  it('takes the lowest of equal runs where the one freed last ends the node', () => {
    const pool = createExtentPool({ tag: 0, frames: 16, granuleFrames: 4, policy: 'best-fit' });
    const low = pool.allocAt(0, 3, 1);
    const two = [pool.allocAt(3, 5, 1), pool.allocAt(8, 5, 1)];
    const last = pool.allocAt(13, 3, 1);
    for (const handle of two) pool.free(handle);
    // One takes the place of two, so that a record is vacant.
    pool.allocAt(3, 10, 1);
    pool.free(low);
    pool.free(last);
    expect(pool.at(pool.alloc(3, 1, 5)).start).toBe(0);
  });

  it('refuses what is longer than the node, with a record vacant', () => {
    const pool = createExtentPool({ tag: 0, frames: 1100, granuleFrames: 4, policy: 'best-fit' });
    for (const handle of [pool.alloc(1, 1, 1), pool.alloc(1, 1, 1)]) pool.free(handle);
    for (const frames of [1101, 1109, 2 ** 20]) expect(pool.alloc(frames, 1, 5)).toBe(0);
    expect(pool.at(pool.alloc(1100, 1, 5)).frames).toBe(1100);
  });

  it('looks on, past any number of equal runs that are not aligned, until one is', () => {
    // The newest of a bin come first, so the one that fits is looked at last.
    const crooked = Array.from({ length: 200 }, (_, i) => [8 * i + 5, 3] as const);
    const pool = freeOnly(2000, [[1904, 3], ...crooked]);
    expect(pool.find(3, 4)).toBe(1904);
    expect(pool.at(pool.alloc(3, 4, 5)).start).toBe(1904);
    expect(pool.alloc(3, 4, 5)).toBe(0);
    expect(pool.find(3, 1)).toBeGreaterThan(0);
  });

  it('looks at 32 runs of a bin once it has a fit, the newest first', () => {
    const starts = Array.from({ length: 50 }, (_, i) => 10 * i + 3);
    // Freed from the lowest to the highest, so that the highest 32 are the newest.
    const pool = freeOnly(
      600,
      starts.map((start) => [start, 7]),
    );
    expect(pool.find(7, 1)).toBe(starts[50 - 32]);
  });

  it('leaves a run where it is in its bin while its length stays in it', () => {
    const starts = Array.from({ length: 50 }, (_, i) => 5000 * i + 3);
    const pool = freeOnly(
      250_000,
      starts.map((start) => [start, 4200]),
    );
    // The lowest was freed first: it is the last of the bin, and too far behind to be looked at.
    pool.allocAt(starts[0], 20, 5);
    expect(pool.find(4100, 1)).toBe(starts[50 - 32]);
  });

  it.each<[string, readonly (readonly [number, number])[], (pool: ExtentPool) => void]>([
    [
      'a run is taken from and stays in its bin, behind others',
      [
        [0, 4200],
        [5000, 4202],
        [10_000, 4204],
      ],
      (pool) => pool.alloc(20, 1, 5),
    ],
    [
      'a run grows and stays in its bin, behind others',
      [
        [0, 4200],
        [5000, 4200],
        [10_000, 4200],
      ],
      (pool) => pool.freeRange(4200, 10),
    ],
    [
      'the same of the shortest run that shares a bin',
      [
        [0, 1024],
        [5000, 1030],
      ],
      (pool) => pool.freeRange(1024, 3),
    ],
    [
      'the last of a bin is taken in by what is freed below it',
      [
        [100, 50],
        [200, 50],
        [300, 50],
      ],
      (pool) => pool.freeRange(90, 10),
    ],
    [
      'the last of many bins are taken in, other bins being full',
      // By length, each three times: the first freed is the last of its bin.
      Array.from({ length: 180 }, (_, i): [number, number] => [90 * i + 10, 1 + (i % 60)]),
      (pool) => {
        for (let i = 0; i < 60; i++) pool.freeRange(90 * i + 9, 1);
      },
    ],
  ])('%s: to the byte as with a mark', (_, runs, operate) => {
    const plain = freeOnly(16_384, runs);
    const marked = freeOnly(16_384, runs);
    marked.mark();
    for (const pool of [plain, marked]) operate(pool);
    expect(Buffer.from(plain.snapshot())).toEqual(Buffer.from(marked.snapshot()));
    expect(plain.verifyIndex()).toEqual([]);
  });

  it.each([1023, 1024, 1025, 1055, 1056, 2047, 2048])(
    'knows a longest run of %i frames to the frame',
    (length) => {
      const pool = freeOnly(9000, [
        [1, length],
        [4000, length - 1],
      ]);
      expect(pool.largestFreeRun()).toBe(length);
      pool.allocAt(1, 2, 5);
      expect(pool.largestFreeRun()).toBe(length - 1);
    },
  );

  it('knows the longest run and the most granules of a node of any size', () => {
    for (let frames = 3; frames < 1200; frames++) {
      for (const granuleFrames of [1, 2, 4]) {
        const pool = createExtentPool({ tag: 0, frames, granuleFrames, policy: 'best-fit' });
        pool.allocAt(0, 1, 5);
        const granules = Math.max(0, Math.floor(frames / granuleFrames) - 1);
        const found = [pool.largestFreeRun(), pool.largestGranuleRun()];
        expect(found).toEqual([frames - 1, granules * granuleFrames]);
      }
    }
  });

  it('says no where the longest run of all is not aligned', () => {
    const pool = freeOnly(2000, [[1, 1999]]);
    expect(pool.find(1990, 1024)).toBe(-1);
    expect(pool.alloc(1990, 1024, 5)).toBe(0);
    expect(pool.find(1990, 1)).toBe(1);
  });

  it('counts whole granules where a shorter run has more of them', () => {
    const pool = freeOnly(64, [
      [1, 10],
      [20, 9],
    ]);
    // [1, 11) holds one granule of four frames, [20, 29) two.
    expect(pool.largestGranuleRun()).toBe(8);
    expect(pool.largestFreeRun()).toBe(10);
    pool.alloc(9, 1, 5);
    expect(pool.largestGranuleRun()).toBe(4);
  });
});
