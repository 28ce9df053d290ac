/**
 * Free memory counted by order: how many aligned units of 2^order frames are wholly free, for every
 * order, and in how many blocks a buddy allocator would keep the free runs.
 *
 * A change of one free run takes away what the run held and adds what it holds now: as many steps as
 * the run's length has binary digits.
 * Invariant: the count of an order = the units of that order inside the free runs, summed.
 * Trade-off: an operation pays for it whether anybody asks; see `measures`.
 */
import type { FreeRun } from './free-index.js';

/** Orders 0…30: a node has fewer than 2^31 frames. */
const ORDERS = 31;

/** Words that the counts take: one an order, then the blocks. */
export const ORDER_COUNT_WORDS = ORDERS + 1;
const BLOCKS = ORDERS;

/** The order of a unit; -1 when it is no power of two below 2^31. */
export function orderOf(unit: number): number {
  // What an int32 is equal to is one; nothing else has an order.
  const isWhole = (unit | 0) === unit && unit > 0;
  return isWhole && (unit & (unit - 1)) === 0 ? ORDERS - Math.clz32(unit) : -1;
}

/** Adds (`sign` 1) or takes away (-1) what the free run [start, end) holds of each order. */
export function countRun(
  words: Int32Array,
  counts: number,
  start: number,
  end: number,
  sign: 1 | -1,
): void {
  let units = end - start;
  // A run without a unit of one order has none of the next.
  for (let order = 0; units > 0; order++) {
    words[counts + order] += sign * units;
    const beyond = (2 << order) - 1;
    units = (end >>> (order + 1)) - ((start + beyond) >>> (order + 1));
  }
  words[counts + BLOCKS] += sign * buddyBlocks(start, end);
}

/** Aligned, wholly free units of an order. */
export function unitsCounted(words: Int32Array, counts: number, order: number): number {
  return words[counts + order];
}

/** Naturally aligned blocks that all free runs consist of. */
export function blocksCounted(words: Int32Array, counts: number): number {
  return words[counts + BLOCKS];
}

/**
 * Naturally aligned power-of-two blocks that a free run consists of. They grow up to the frame in the
 * run that is a multiple of the largest power of two, and shrink from there on: below it there is a
 * block for each binary digit 1 of its distance from the start, above it one for each of the end's.
 */
export function buddyBlocks(start: number, end: number): number {
  const order = ORDERS - Math.clz32((start - 1) ^ end);
  const summit = (end >>> order) << order;
  return onesIn(summit - start) + onesIn(end - summit);
}

/** Binary digits 1 of a number below 2^31: by pairs, by fours, then all four bytes added up. */
function onesIn(value: number): number {
  const pairs = value - ((value >> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >> 2) & 0x33333333);
  return Math.imul((fours + (fours >> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Counts that are not those of the free runs. */
export function orderCountProblems(
  words: Int32Array,
  counts: number,
  free: Iterable<FreeRun>,
): string[] {
  const found = new Int32Array(ORDER_COUNT_WORDS);
  for (const { start, frames } of free) countRun(found, 0, start, start + frames, 1);
  const problems: string[] = [];
  found.forEach((count, at) => {
    const kept = words[counts + at];
    const what = at === BLOCKS ? 'free blocks' : `free units of order ${at}`;
    if (kept !== count) problems.push(`${kept} ${what} counted, ${count} found`);
  });
  return problems;
}
