/**
 * Any character of Unicode, as `unit` of fast-check's strings.
 *
 * Invariant: the same strings, for the same seed, as its own unit `binary`. That one keeps a table of all
 * 1.1 million characters to shrink by, which takes each worker a second and a half to make; here a
 * character's number is worked out.
 */
import fc from 'fast-check';

/** Numbers that are halves of a character, and no character. */
const HALVES = { first: 0xd800, end: 0xe000 } as const;
const GAP = HALVES.end - HALVES.first;

export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(0x10_ffff - GAP)
  .map((nth) => String.fromCodePoint(nth < HALVES.first ? nth : nth + GAP), nthOf);

/** What fast-check asks of a part of a string when it shrinks; a throw says that it is none of these. */
function nthOf(value: unknown): number {
  const [character, ...more] = typeof value === 'string' ? value : '';
  const point = character?.codePointAt(0);
  if (point === undefined || more.length > 0) throw new Error('not one character');
  if (point < HALVES.first) return point;
  if (point < HALVES.end) throw new Error('half a character');
  return point - GAP;
}
