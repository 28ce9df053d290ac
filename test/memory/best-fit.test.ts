/** What best fit promises beyond the laws of every store: the shortest run, and of equals the lowest. */
import { describe, expect, it } from 'vitest';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';

/** A pool of which only these runs are free; they were freed in this order. */
function freeOnly(frames: number, runs: readonly (readonly [number, number])[]): ExtentPool {
  const pool = createExtentPool({ frames, granuleFrames: 4, policy: 'best-fit' });
  let at = 0;
  for (const [start, length] of [...runs].sort((a, b) => a[0] - b[0])) {
    if (start > at) pool.allocAt(at, start - at, 1);
    pool.allocAt(start, length, 2);
    at = start + length;
  }
  if (at < frames) pool.allocAt(at, frames - at, 1);
  for (const [start, length] of runs) pool.freeRange(start, length);
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

  it('looks on, past any number of equal runs that are not aligned, until one is', () => {
    // The newest of a bin come first, so the one that fits is looked at last.
    const crooked = Array.from({ length: 200 }, (_, i) => [8 * i + 5, 3] as const);
    const pool = freeOnly(2000, [[1904, 3], ...crooked]);
    expect(pool.find(3, 4)).toBe(1904);
    expect(pool.at(pool.alloc(3, 4, 5)).start).toBe(1904);
    expect(pool.alloc(3, 4, 5)).toBe(0);
    expect(pool.find(3, 1)).toBeGreaterThan(0);
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
