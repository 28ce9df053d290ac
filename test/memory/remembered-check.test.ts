/** verifyIndex names what a pool remembers beside its words and no longer holds. */
import { describe, expect, it } from 'vitest';
import { largestAlignedRun } from '../../core/memory/fragmentation.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { rememberedProblems } from '../../core/memory/remembered-check.js';
import { type Opened, opened, wordsTouched } from './opened.js';

/** Granules of four frames: [2, +3) has none, [8, +9) two, [20, +8) two and [31, +9) two of nine frames. */
const FREE = [
  { start: 2, frames: 3 },
  { start: 8, frames: 9 },
  { start: 20, frames: 8 },
  { start: 31, frames: 9 },
];
const HOLDS = { lowestFree: 2, ofGranules: 1, longest: 9, longestRuns: 2, most: 2 } as const;

describe('what is remembered of the free runs', () => {
  it('holds: nothing is said, nor of what has to be looked for again', () => {
    expect(rememberedProblems(HOLDS, FREE, 2)).toEqual([]);
    expect(rememberedProblems({ lowestFree: 0, ofGranules: 0 }, FREE, 2)).toEqual([]);
  });

  it.each([
    [{ lowestFree: 3 }, ['frame 2 is free, remembered is that none is below 3']],
    [{ longest: 8 }, ['frames of the longest free run: 8 remembered, 9 found']],
    [{ longestRuns: 1 }, ['free runs as long as the longest: 1 remembered, 2 found']],
    [{ most: 3 }, ['granules of the longest run of whole free ones: 3 remembered, 2 found']],
  ])('does not hold: %j', (wrong, said) => {
    expect(rememberedProblems({ ...HOLDS, ...wrong }, FREE, 2)).toEqual(said);
  });

  it('units of several granules, by order: all of them, and the most in a row', () => {
    // Granules of two frames: [2, +3) has one, [8, +9) four, [20, +8) four and [31, +9) four from 32 on.
    const units = (all: (number | undefined)[], inRow: (number | undefined)[]) =>
      rememberedProblems({ lowestFree: 0, ofGranules: 0, units: { all, inRow } }, FREE, 1);
    expect(units([13, 6, 2], [4, 2, 1])).toEqual([]);
    expect(units([undefined, 6, undefined], [4, undefined, undefined])).toEqual([]);
    expect(units([12, undefined, 3], [undefined, 3, undefined])).toEqual([
      'free units of 1 granules: 12 remembered, 13 found',
      'most free units of 2 granules in a row: 3 remembered, 2 found',
      'free units of 4 granules: 3 remembered, 2 found',
    ]);
  });

  it('a longest run counts from so many whole granules on', () => {
    const longHead = [{ start: 1, frames: 6 }];
    const none = { lowestFree: 0, longest: 0, longestRuns: 0, most: 0 };
    expect(rememberedProblems({ ...none, ofGranules: 1 }, longHead, 2)).toEqual([]);
    expect(rememberedProblems({ ...none, ofGranules: 0, longest: 6 }, longHead, 2)).toEqual([
      'free runs as long as the longest: 0 remembered, 1 found',
    ]);
  });
});

describe.each(POLICY_NAMES)('verifyIndex, %s', (policy) => {
  // First fit finds the longest run in its tree and remembers none.
  const fields =
    policy === 'first-fit' ? ['most', 'lowestFree'] : ['longest', 'most', 'lowestFree'];

  it.each(fields)('names a wrong %s, which the answers come from', (field) => {
    const { pool, carver } = opened({ frames: 96, granuleFrames: 4, policy, tag: 0 });
    for (const start of [0, 11, 40]) pool.allocAt(start, 7, 5);
    pool.largestFreeRun();
    pool.largestGranuleRun();
    pool.findLowest(90, 1);
    expect(pool.verifyIndex()).toEqual([]);
    expect(Reflect.get(carver, field)).toBe({ longest: 49, most: 12, lowestFree: 7 }[field]);
    const before = [pool.largestFreeRun(), pool.largestGranuleRun(), pool.findLowest(1, 1)];
    Reflect.set(carver, field, 60);
    const after = [pool.largestFreeRun(), pool.largestGranuleRun(), pool.findLowest(1, 1)];
    expect(after).not.toEqual(before);
    expect(pool.verifyIndex().join()).toContain('remembered');
  });
});

it('verifyIndex, granule-aware, names a wrong count of the longest runs, which says when to look again', () => {
  const { pool, carver } = opened({ tag: 0, frames: 96, granuleFrames: 4 });
  pool.largestFreeRun();
  Reflect.set(carver, 'longestRuns', 2);
  expect(pool.verifyIndex()).toEqual(['free runs as long as the longest: 2 remembered, 1 found']);
  pool.alloc(1, 1, 5);
  // One is shorter now, and the length still counts as that of another.
  expect(pool.largestFreeRun()).toBe(96);
});

describe('units of several granules, granule-aware', () => {
  const shape = { tag: 0, frames: 960, granuleFrames: 4 };
  const asked = ({ pool }: Opened) => [pool.freeUnits(16), largestAlignedRun(pool, 16)];

  it('are not looked for again until the whole granules of a run have changed', () => {
    const both = opened(shape);
    const { pool } = both;
    for (let i = 0; i < 20; i++) pool.allocAt(i * 48, 7, 5);
    expect(asked(both)).toEqual([40, 32]);
    const looks = () => wordsTouched(both, () => void asked(both)).reads > 20;
    expect(looks()).toBe(false);
    // Frame 44 and what stands beside it: the last granule of a run, of which a part is held already.
    pool.allocAt(45, 3, 5);
    expect([looks(), asked(both)]).toEqual([true, [39, 32]]);
    pool.free(pool.allocAt(44, 1, 5));
    expect([looks(), asked(both)]).toEqual([false, [39, 32]]);
    const whole = pool.allocAt(68, 1, 5);
    expect([looks(), asked(both)]).toEqual([true, [38, 32]]);
    pool.free(whole);
    expect([looks(), asked(both)]).toEqual([true, [39, 32]]);
    pool.allocAt(55, 41, 5);
    expect([looks(), asked(both)]).toEqual([true, [37, 32]]);
  });

  it('are looked for again after an undo, a restore and in a fork', () => {
    const both = opened(shape);
    const { pool } = both;
    const bytes = pool.snapshot();
    expect(asked(both)).toEqual([60, 960]);
    const mark = pool.mark();
    pool.allocAt(480, 480, 5);
    expect(asked(both)).toEqual([30, 480]);
    const fork = pool.fork();
    pool.rollback(mark);
    expect(asked(both)).toEqual([60, 960]);
    expect([fork.freeUnits(16), largestAlignedRun(fork, 16)]).toEqual([30, 480]);
    pool.allocAt(0, 960, 5);
    expect(asked(both)).toEqual([0, 0]);
    pool.restore(bytes);
    expect(asked(both)).toEqual([60, 960]);
  });

  it('verifyIndex names answers that do not hold', () => {
    const both = opened(shape);
    expect(asked(both)).toEqual([60, 960]);
    Reflect.get(both.carver, 'found').all[2] = 59;
    expect(both.pool.freeUnits(16)).toBe(59);
    expect(both.pool.verifyIndex()).toEqual(['free units of 4 granules: 59 remembered, 60 found']);
  });
});
