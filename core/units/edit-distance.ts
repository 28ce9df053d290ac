/**
 * Edit distance between two short names, for "did you mean" suggestions.
 *
 * Counts inserted, removed and replaced characters (Levenshtein). Invariant: symmetric, and 0 only
 * for equal names. Trade-off: the plain two-row table, quadratic in length, fine for names.
 */

/** The fewest single-character edits that turn `from` into `to`. */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1] + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column] + 1, current[column - 1] + 1));
    }
    previous = current;
  }
  return previous[to.length];
}
