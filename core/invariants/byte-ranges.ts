/**
 * Ranges of physical bytes: flat lists made into ranges that do not touch, and looked up.
 *
 * Invariant: equal sets of bytes give equal ranges, in whatever order and cut they are listed.
 * Trade-off: O(n log n) to make; a look-up is O(log n).
 */

/** By ascending start, none touching the next. */
export type Ranges = readonly { readonly start: number; readonly end: number }[];

/** `flat`: [start, length, …]; ranges that touch or overlap are joined. */
export function joined(flat: readonly number[]): Ranges {
  const order = Array.from({ length: flat.length / 2 }, (_, i) => 2 * i);
  order.sort((a, b) => flat[a] - flat[b]);
  const ranges: { start: number; end: number }[] = [];
  for (const i of order) {
    const start = flat[i];
    const end = start + flat[i + 1];
    const last = ranges.at(-1);
    if (last === undefined || start > last.end) ranges.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return ranges;
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
