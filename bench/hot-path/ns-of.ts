/** The figures of one measured body, found by its name; undefined where it was not measured. */
import type { Spread } from '../statistics.js';
import type { Measured } from './measure.js';

/** Nanoseconds per operation. */
export function nsOf(hotPath: readonly Measured[], name: string): Spread | undefined {
  return hotPath.find((one) => one.name === name)?.ns;
}
