/** Sorting in place: what any sort gives, for lists of a core's length and for long ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortAscending } from '../../core/topology/ascending.js';

/** Lengths around the one from which another method is taken. */
const LENGTHS = [0, 1, 2, 3, 47, 48, 49, 200];

describe('numbers into ascending order', () => {
  it.each(LENGTHS)('%i of them, descending, ascending and all equal', (length) => {
    const ascending = Array.from({ length }, (_, i) => i - 5);
    expect(sortAscending([...ascending].reverse())).toEqual(ascending);
    expect(sortAscending([...ascending])).toEqual(ascending);
    expect(sortAscending(ascending.map(() => 7))).toEqual(ascending.map(() => 7));
  });

  it('any list: its own elements, each not above the next, in the very list', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 150 }), { maxLength: 120 }), (numbers) => {
        const list = [...numbers];
        expect(sortAscending(list)).toBe(list);
        expect(list.every((value, i) => i === 0 || list[i - 1] <= value)).toBe(true);
        const left = [...numbers];
        for (const value of list) left.splice(left.indexOf(value), 1);
        expect([list.length, left]).toEqual([numbers.length, []]);
      }),
    );
  });
});
