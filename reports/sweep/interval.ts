/**
 * Mean and 95 % confidence interval of values, and of differences of pairs.
 *
 * Invariant: sums are taken in the order given (the order of seeds), with +, -, *, / and the square
 * root alone, which IEEE 754 rounds exactly: equal values give equal bytes on every machine. One
 * value has a mean and no interval; equal values have a deviation of exactly 0. Assumes that runs under different seeds are independent.
 */
import { studentT } from './student-t.js';

export interface Interval {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation of a single value; absent when there is one only. */
  readonly deviation?: number;
  /** Of the 95 % interval; absent when there is one value only. */
  readonly halfWidth?: number;
}

/** Throws RangeError when there are no values. */
export function intervalOf(values: readonly number[]): Interval {
  const n = values.length;
  if (n === 0) throw new RangeError('no values');
  const mean = sum(values) / n;
  if (n === 1) return { n, mean };
  // The sum of equal values over their number may be off by a last digit.
  if (values.every((value) => value === values[0])) {
    return { n, mean: values[0], deviation: 0, halfWidth: 0 };
  }
  const deviation = Math.sqrt(
    sum(values.map((value) => (value - mean) * (value - mean))) / (n - 1),
  );
  return { n, mean, deviation, halfWidth: (studentT(n - 1) * deviation) / Math.sqrt(n) };
}

/** Of `values[i] - baseline[i]`: what equal seeds have in common cancels out. */
export function pairedInterval(values: readonly number[], baseline: readonly number[]): Interval {
  if (values.length !== baseline.length) throw new RangeError('not as many values as pairs');
  return intervalOf(values.map((value, i) => value - baseline[i]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
