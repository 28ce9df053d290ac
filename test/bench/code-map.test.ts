/** Executed addresses come to the function they lie in, by the newest map. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countByFunction, OUTSIDE, readCodeMap, readSymbols } from '../../bench/code-map.js';

const MAP = `1000 20 JS:*launch file:///a/dist/core/host/x.js:12:3
1020 10 JS:~ file:///a/dist/core/host/y.js:1:1
2000 8 Builtin:Add
`;

describe('a code map', () => {
  it('names functions by file and line, a star for optimised code', () => {
    const counts = new Map([
      [0x1000, 5],
      [0x101f, 2],
      [0x1020, 1],
      [0x2007, 4],
    ]);
    expect(countByFunction(readCodeMap(MAP), counts)).toEqual([
      ['launch core/host/x.js:12 *', 7],
      ['Builtin:Add', 4],
      ['(anonymous) core/host/y.js:1 ~', 1],
    ]);
  });

  it('what lies before, between or behind all pieces is outside', () => {
    const counts = new Map([0xfff, 0x1030, 0x2008].map((address) => [address, 1]));
    expect(countByFunction(readCodeMap(MAP), counts)).toEqual([[OUTSIDE, 3]]);
  });

  it('of two functions in one place the newer counts', () => {
    const pieces = readCodeMap(`${MAP}1000 20 JS:*later file:///a/dist/core/z.js:1:1\n`);
    expect(countByFunction(pieces, new Map([[0x1001, 1]]))[0][0]).toBe('later core/z.js:1 *');
  });

  it('also where the newer one begins in the middle of an older, or ends there', () => {
    const older = '1000 10 old\n1008 18 older\n';
    const pieces = readCodeMap(`${older}1004 1c JS:*later file:///a/dist/core/z.js:1:1\n`);
    const counts = new Map([0x1003, 0x1004, 0x1009, 0x101f].map((address) => [address, 1]));
    expect(countByFunction(pieces, counts)).toEqual([
      ['later core/z.js:1 *', 3],
      ['old', 1],
    ]);
  });

  it('symbols are those of code that has a size', () => {
    const text = [
      '00000000018fde00 000000000000001c t Builtins_Abort',
      '00000000025fdc65 t .end',
      '0000000001000000 0000000000000008 d data',
      '0000000000001000 0000000000000010 T a(int, b)',
    ].join('\n');
    expect(readSymbols(text)).toEqual([
      { start: 0x18fde00, end: 0x18fde1c, name: 'Builtins_Abort' },
      { start: 0x1000, end: 0x1010, name: 'a(int, b)' },
    ]);
  });

  it('loses no count', () => {
    const counts = fc
      .uniqueArray(fc.tuple(fc.integer({ min: 0xff0, max: 0x2010 }), fc.nat(9)), {
        selector: ([address]) => address,
      })
      .map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(counts, (some) => {
        const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);
        const named = countByFunction(readCodeMap(MAP), some).map(([, count]) => count);
        expect(sum(named)).toBe(sum(some.values()));
      }),
    );
  });
});
