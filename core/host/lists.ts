/**
 * Lists of the state tree as effects change them: threads of a core, mappings in order.
 *
 * Invariant: `union` and `without` give new lists, since pool, enclave and effect share theirs; the
 * rest writes the list it is given. Trade-off: moved element by element, which is several times as
 * fast as splice and a spread on lists of a few.
 */
import { sortAscending } from '../topology/ascending.js';

/** Both lists, ascending. */
export function union(
  have: readonly number[] | undefined,
  add: readonly number[],
): readonly number[] {
  if (have === undefined || have.length === 0) return add;
  // A core of two threads comes together: no list that grows, which would take room for seventeen.
  if (have.length === 1 && add.length === 1) {
    return have[0] <= add[0] ? pairOf(have[0], add[0]) : pairOf(add[0], have[0]);
  }
  const all = have.slice();
  for (let i = 0; i < add.length; i++) all.push(add[i]);
  return sortAscending(all);
}

/** Removes one copy of each: a thread stands twice where a joined core had it already. */
export function without(have: readonly number[], drop: readonly number[]): readonly number[] {
  if (have.length === drop.length) return NO_THREADS;
  if (have.length === 2 && drop.length === 1) return alone(have[0] === drop[0] ? have[1] : have[0]);
  const left = have.slice();
  for (let i = 0; i < drop.length; i++) removeFrom(left, drop[i]);
  return left;
}

/** What is left of a core that was taken whole: one list for all, since none is written. */
export const NO_THREADS: readonly number[] = [];

/** The list of one thread: one list a thread for all who need it, since none is written. */
export function alone(cpu: number): readonly number[] {
  while (lonely.length <= cpu) lonely.push([lonely.length]);
  return lonely[cpu];
}

const lonely: (readonly number[])[] = [];

/** The list of two threads, the lower first: the last one made for the lower, which has one sibling. */
function pairOf(low: number, high: number): readonly number[] {
  while (pairs.length <= low) pairs.push(NO_THREADS);
  let pair = pairs[low];
  if (pair.length === 0 || pair[1] !== high) {
    pair = [low, high];
    pairs[low] = pair;
  }
  return pair;
}

const pairs: (readonly number[])[] = [];

/** As splice would, four times as fast on long lists: the engine moves elements one by one here. */
export function removeAt<T>(list: T[], position: number): void {
  for (let i = position + 1; i < list.length; i++) list[i - 1] = list[i];
  list.pop();
}

/** Removes `count` elements from a position on. */
export function removeSpan<T>(list: T[], position: number, count: number): void {
  for (let i = position + count; i < list.length; i++) list[i - count] = list[i];
  list.length -= count;
}

/** Puts all of `add` in at a position. */
export function insertAll<T>(list: T[], position: number, add: readonly T[]): void {
  const tail = list.slice(position);
  list.length = position;
  for (const one of add) list.push(one);
  for (const one of tail) list.push(one);
}

/** Removes one `value`; where it is not there, the last element. */
export function removeFrom(list: number[], value: number): void {
  const at = list.indexOf(value);
  removeAt(list, at < 0 ? list.length - 1 : at);
}
