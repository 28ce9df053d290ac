/** Intervals of a sweep against values computed elsewhere and against a naive twin. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalOf, pairedInterval } from '../../reports/sweep/interval.js';
import { METRIC_NAMES, measure } from '../../reports/sweep/metrics.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import { studentT } from '../../reports/sweep/student-t.js';
import { scaledRuns } from '../seed.js';

describe("Student's t at 0.975", () => {
  // scipy.stats.t.ppf(0.975, freedom)
  it.each([
    [1, 12.706205],
    [5, 2.570582],
    [30, 2.042272],
    [31, 2.039513446],
    [60, 2.000297822],
    [1000, 1.962339081],
  ])('%i degrees of freedom', (freedom, expected) => {
    expect(studentT(freedom)).toBeCloseTo(expected, 6);
  });

  it('falls, also where the table ends, and has no value below 1', () => {
    for (let n = 2; n < 200; n++) expect(studentT(n)).toBeLessThan(studentT(n - 1));
    expect(studentT(1e9)).toBeCloseTo(1.959963985, 8);
    expect(() => studentT(0)).toThrow(RangeError);
  });
});

describe('interval of a mean', () => {
  it('is the textbook one', () => {
    // By hand: squares of deviations 0.81, so sqrt(0.27) / 2 × 3.182446.
    const { n, mean, halfWidth = 0 } = intervalOf([4.1, 5.0, 4.6, 5.3]);
    expect([n, mean]).toEqual([4, 4.75]);
    expect(halfWidth).toBeCloseTo(0.826824, 6);
  });

  it('one value has a mean only, none has nothing', () => {
    expect(intervalOf([7])).toEqual({ n: 1, mean: 7 });
    expect(() => intervalOf([])).toThrow(RangeError);
  });

  it('what pairs have in common leaves the difference without width', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (noise, shift) => {
        const shifted = noise.map((value) => value + shift);
        expect(pairedInterval(shifted, noise)).toMatchObject({ mean: shift, halfWidth: 0 });
      }),
      { numRuns: scaledRuns(200) },
    );
  });

  it('covers the true mean in about 95 of 100 samples', () => {
    // Sums of six dice, mean 21, from a little generator of its own.
    let state = 1;
    const die = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return 1 + Math.floor((state / 2 ** 32) * 6);
    };
    const sample = () =>
      Array.from({ length: 8 }, () => die() + die() + die() + die() + die() + die());
    let covered = 0;
    for (let i = 0; i < 4000; i++) {
      const { mean, halfWidth = 0 } = intervalOf(sample());
      if (Math.abs(mean - 21) <= halfWidth) covered++;
    }
    expect(covered / 4000).toBeGreaterThan(0.935);
    expect(covered / 4000).toBeLessThan(0.965);
  });
});

describe('metrics of a run', () => {
  const row = {
    ...{ asked: 200, accepted: 120, acceptedLate: 30, refused: 50, expired: 30, lost: 7 },
    ...{ peakRunning: 11, peakVcpus: 22, peakMemoryMib: 33, strandedVcpus: 44, strandedMib: 55 },
  } as RunRow;

  it('shares are of all that was asked; who gave up waiting is refused, too', () => {
    expect(Object.fromEntries(METRIC_NAMES.map((name) => [name, measure(name, row)]))).toEqual({
      ...{ acceptedShare: 0.6, refusedShare: 0.4, lateShare: 0.15 },
      ...{ accepted: 120, refused: 50, expired: 30, lost: 7 },
      ...{ peakRunning: 11, peakVcpus: 22, peakMemoryMib: 33, strandedVcpus: 44, strandedMib: 55 },
    });
  });
});
