/** Edit distance: inserted, removed and replaced characters. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editDistance } from '../../core/units/edit-distance.js';

it.each([
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['abc', 'acb', 2],
])('%s → %s: %i', (from, to, edits) => {
  expect(editDistance(from, to)).toBe(edits);
});

/** By definition, the last characters last. */
function naive(from: string, to: string): number {
  if (from === '' || to === '') return from.length + to.length;
  const [a, b] = [from.slice(0, -1), to.slice(0, -1)];
  const replaced = naive(a, b) + (from.at(-1) === to.at(-1) ? 0 : 1);
  return Math.min(replaced, naive(a, to) + 1, naive(from, b) + 1);
}

it('is what its definition says', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
  fc.assert(
    fc.property(word, word, (from, to) => {
      expect(editDistance(from, to)).toBe(naive(from, to));
    }),
  );
});
