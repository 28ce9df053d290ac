/**
 * Arithmetic on runs of frames: rounding, and counting the aligned units inside a run.
 *
 * Invariant: exact for every non-negative integer below 2^53. Trade-off: division instead of shifts,
 * because units need not be powers of two; the hot path of the pool does its own shifting.
 */

/** `value` rounded up to a multiple of `step`. Exact beyond 32 bits. */
export function alignUp(value: number, step: number): number {
  const above = value % step;
  return above === 0 ? value : value - above + step;
}

/** `value` rounded down to a multiple of `step`. Exact beyond 32 bits. */
export function alignDown(value: number, step: number): number {
  return value - (value % step);
}

/** Wholly free, aligned units of `unit` frames inside one run. */
export function unitsIn(start: number, frames: number, unit: number): number {
  return Math.max(0, Math.floor((start + frames) / unit) - Math.ceil(start / unit));
}
