/**
 * An expectation for loops of thousands: vitest's own takes some ten microseconds each time, sound or not.
 *
 * Invariant: fails wherever `expect(got).toEqual(wanted)` does, in its words: a quick comparison, which
 * is the stricter one, decides alone only where both are the same. Trade-off: `what` is made each time.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

export function expectSame(got: unknown, wanted: unknown, what?: string): void {
  if (Object.is(got, wanted) || isDeepStrictEqual(got, wanted)) return;
  expect(got, what).toEqual(wanted);
}
