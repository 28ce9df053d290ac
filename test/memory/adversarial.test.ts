/** Patterns that are bad for an allocator, large nodes, and records that run out of generations. */
import { describe, expect, it } from 'vitest';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import type { Handle } from '../../core/memory/extent-store.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { runsFactorFrom } from '../seed.js';

const GIB = 512;
const TIB = 1024 * GIB;
const LARGEST = 24 * TIB;
const runsFactor = runsFactorFrom(process.env);
/**
 * Every other frame of a node under every policy, laid and taken away again. Of the largest node that
 * takes half a minute, so a push does a smaller one; see below for what it does of the largest.
 */
const COMB_FRAMES = runsFactor >= 10 ? LARGEST : TIB;

describe.each(POLICY_NAMES)('%s', (policy) => {
  it('every other granule free at 24 TiB: one fits, two do not, then all is one run again', () => {
    const pool = createExtentPool({ tag: 0, frames: 24 * TIB, granuleFrames: GIB, policy });
    const held: Handle[] = [];
    for (let g = 0; g < 24 * 1024; g += 2) held.push(pool.allocAt(g * GIB, GIB, 9));
    expect(pool.freeUnits(GIB)).toBe(12 * 1024);
    expect(pool.largestFreeRun()).toBe(GIB);
    expect(pool.find(GIB + 1, 1)).toBe(-1);
    expect(pool.find(GIB, 2 * GIB)).toBe(-1);
    const place = pool.find(GIB, GIB);
    expect([place % GIB, pool.covering(place).owner]).toEqual([0, 0]);
    expect(pool.verifyIndex()).toEqual([]);
    for (const handle of held) pool.free(handle);
    expect([...pool.extents()]).toEqual([{ start: 0, frames: 24 * TIB, owner: 0, handle: 0 }]);
    expect(pool.verifyIndex()).toEqual([]);
  });

  it(`every other frame of ${COMB_FRAMES / TIB} TiB free: single frames fit, pairs are refused at once`, () => {
    const pool = createExtentPool({ tag: 0, frames: COMB_FRAMES, granuleFrames: GIB, policy });
    for (let f = 0; f < COMB_FRAMES; f += 2) pool.allocAt(f, 1, 9);
    expect([pool.freeFrames, pool.freeUnits(GIB)]).toEqual([COMB_FRAMES / 2, 0]);
    for (let i = 0; i < 1000; i++) expect(pool.find(2, 1)).toBe(-1);
    expect(pool.find(1, 1) % 2).toBe(1);
    for (let f = 0; f < COMB_FRAMES; f += 2) pool.freeRange(f, 1);
    expect(pool.largestFreeRun()).toBe(COMB_FRAMES);
  }, 120_000);

  it('a record out of generations is replaced; no handle value comes twice', () => {
    const pool = createExtentPool({ tag: 0, frames: 8, granuleFrames: 4, policy });
    const first = pool.allocAt(0, 8, 9);
    pool.free(first);
    const slotOf = (handle: Handle) => handle % 2 ** 24;
    let last = first;
    while (slotOf(last) === slotOf(first)) {
      const handle = pool.alloc(8, 1, 9);
      if (slotOf(handle) === slotOf(first) && handle <= last) throw new Error(`again ${handle}`);
      last = handle;
      pool.free(handle);
    }
    expect(() => pool.at(first)).toThrow(/stale/);
    expect(pool.verifyIndex()).toEqual([]);
    expect(pool.largestFreeRun()).toBe(8);
  });
});

/** 12.6 million extents in 0.9 GB; some three seconds, so not for each mutant. */
it.skipIf(runsFactor < 1)(
  'every other frame of 24 TiB free: the same, of the default policy',
  () => {
    const pool = createExtentPool({ tag: 0, frames: LARGEST, granuleFrames: GIB });
    for (let f = 0; f < LARGEST; f += 2) pool.allocAt(f, 1, 9);
    expect([pool.freeFrames, pool.freeUnits(GIB), pool.largestFreeRun()]).toEqual([
      LARGEST / 2,
      0,
      1,
    ]);
    for (let i = 0; i < 1000; i++) expect(pool.find(2, 1)).toBe(-1);
    expect(pool.find(1, 1) % 2).toBe(1);
    const middle = LARGEST / 2;
    pool.freeRange(middle, 1);
    expect([pool.find(3, 1), pool.find(2, 2), pool.find(4, 1)]).toEqual([middle - 1, middle, -1]);
    expect(pool.largestFreeRun()).toBe(3);
    const one = pool.alloc(1, 1, 9);
    expect(pool.at(one).start % 2).toBe(1);
  },
  120_000,
);
