/**
 * Searching lists that are kept by ascending user address: mappings and regions.
 *
 * Invariant: only reads, O(log n); the caller's list is sorted and no address occurs twice.
 */

/** Position of the first item whose address is above `address`. */
export function firstAbove(
  items: readonly { readonly address: number }[],
  address: number,
): number {
  let low = 0;
  let high = items.length;
  // Most lists grow upwards, so most searches end here.
  if (high === 0 || items[high - 1].address <= address) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].address <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
