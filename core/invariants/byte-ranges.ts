/**
 * Ranges of physical bytes: flat lists made into ranges that do not touch, and looked up.
 *
 * Invariant: equal sets of bytes give equal ranges, in whatever order and cut they are listed.
 * Trade-off: O(n log n) to make, O(n) where the list ascends; a look-up is O(log n).
 */

/** By ascending start, none touching the next. */
export type Ranges = readonly { readonly start: number; readonly end: number }[];

/** `flat`: [start, length, …]; ranges that touch or overlap are joined. */
export function joined(flat: readonly number[]): Ranges {
  const order = ascends(flat) ? undefined : byStart(flat);
  const ranges: { start: number; end: number }[] = [];
  let last = { start: 0, end: Number.NEGATIVE_INFINITY };
  for (let k = 0; k < flat.length; k += 2) {
    const i = order === undefined ? k : order[k / 2];
    const start = flat[i];
    const end = start + flat[i + 1];
    if (start > last.end) {
      last = { start, end };
      ranges.push(last);
    } else if (end > last.end) last.end = end;
  }
  return ranges;
}

function ascends(flat: readonly number[]): boolean {
  for (let i = 2; i < flat.length; i += 2) if (flat[i] < flat[i - 2]) return false;
  return true;
}

/** Places of the starts, the least start first. */
function byStart(flat: readonly number[]): number[] {
  const order = Array.from({ length: flat.length / 2 }, (_, i) => 2 * i);
  return order.sort((a, b) => flat[a] - flat[b]);
}

/** The first byte from `at` on that is in none of the ranges. */
export function firstOutside(ranges: Ranges, at: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle].start <= at) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? Math.max(at, ranges[low - 1].end) : at;
}
