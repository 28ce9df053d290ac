/**
 * A difference between a recorded run of a real system and the replay of it.
 *
 * Invariant: two values match iff they are the same JSON document; the order of object keys does
 * not count, the order of lists does.
 */
export interface Mismatch {
  /** Index of the recorded step, or the name of the field. */
  readonly step: number | string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** A mismatch when the two JSON values differ, else nothing. */
export function compared(step: number | string, expected: unknown, got: unknown): Mismatch[] {
  return canonical(expected) === canonical(got) ? [] : [{ step, expected, got }];
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => sortedKeys(part)) ?? 'undefined';
}

function sortedKeys(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
