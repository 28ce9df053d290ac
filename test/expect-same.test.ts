/** The quick comparison says what Node's own does, of plain data and of all else. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectSame, isAlike } from './expect-same.js';

describe('two values', () => {
  it('are alike where Node says so: any value and its copy, any two values', () => {
    const value = fc.anything({ withBigInt: true, withTypedArray: true, withMap: true });
    fc.assert(
      fc.property(fc.clone(value, 2), value, ([one, copy], other) => {
        expect(isAlike(one, copy)).toBe(isDeepStrictEqual(one, copy));
        expect(isAlike(one, other)).toBe(isDeepStrictEqual(one, other));
      }),
    );
  });

  it.each([
    [{ a: undefined }, {}],
    [{}, { a: undefined }],
    [{ a: undefined }, { b: undefined }],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }],
    [
      [1, 2],
      [1, 2, 3],
    ],
    [[], {}],
    [0, -0],
    [{ a: new Uint8Array([1]) }, { a: new Uint8Array([2]) }],
    [{ a: new Map([[1, 2]]) }, { a: new Map([[1, 3]]) }],
    [null, {}],
  ])('%j and %j are not', (one, other) => {
    expect([isAlike(one, other), isAlike(other, one)]).toEqual([false, false]);
  });

  it('that differ are told in words, and the words are asked for then only', () => {
    const asked: string[] = [];
    const what = () => {
      asked.push('what');
      return 'the third';
    };
    expectSame([1, { a: 2 }], [1, { a: 2 }], what);
    expect(asked).toEqual([]);
    expect(() => expectSame([1, { a: 2 }], [1, { a: 3 }], what)).toThrow(/the third: expected/);
    expect(() => expectSame(1, 2, 'the first')).toThrow(/the first: expected/);
  });
});
