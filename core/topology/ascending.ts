/**
 * Numbers into ascending order, in place: the threads of a core or an enclave, a few or a few hundred.
 *
 * Invariant: the result is that of `sort((a, b) => a - b)`. Trade-off: lists of a core's length are
 * sorted by insertion, since a sort with a comparator costs a microsecond before it compares
 * anything, which is more than the rest of a launch.
 */
const FEW = 48;

/** Sorts and returns the very list. */
export function sortAscending(list: number[]): number[] {
  if (list.length > FEW) return list.sort((a, b) => a - b);
  for (let i = 1; i < list.length; i++) {
    const value = list[i];
    let at = i;
    while (at > 0 && list[at - 1] > value) {
      list[at] = list[at - 1];
      at--;
    }
    list[at] = value;
  }
  return list;
}
