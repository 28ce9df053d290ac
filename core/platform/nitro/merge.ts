/**
 * Joining pinned pages into physical ranges, as the driver does (nitro RULES.md §3.3).
 *
 * A page joins the last range only when it starts exactly where that range ends (quirk
 * `merge-last-only`). Invariant: ranges
 * stay in the order the pages came; nothing is sorted, no gap filled, no overlap noticed.
 */

/** Region granularity in bytes: address, size, physical start and length are multiples of it. */
export const GRANULE_BYTES = 2 * 1024 * 1024;

/**
 * Adds [startByte, startByte + bytes) to flat [start, bytes, …] in place. False, and nothing
 * changed, when size or start is no multiple of 2 MiB (size is looked at first; 0 passes).
 */
export function mergeRange(ranges: number[], startByte: number, bytes: number): boolean {
  if (bytes % GRANULE_BYTES !== 0 || startByte % GRANULE_BYTES !== 0) return false;
  const last = ranges.length - 2;
  if (last >= 0 && ranges[last] + ranges[last + 1] === startByte) ranges[last + 1] += bytes;
  else ranges.push(startByte, bytes);
  return true;
}
