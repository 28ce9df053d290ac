/** The three-level set against a plain one, and the bins that number lengths and counts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as levels from '../../core/memory/bit-levels.js';
import {
  MAX_FRAMES,
  recordAligned,
  recordOf,
  wholeGranules,
} from '../../core/memory/extent-layout.js';
import { alignDown, alignUp, unitsIn } from '../../core/memory/frame-math.js';
import { EXACT_COUNTS, mostGranulesIn, wholeBin } from '../../core/memory/granule-layout.js';
import { lengthBin } from '../../core/memory/length-bins.js';

const { addMember, greatestTo, hasMember, leastFrom, LEVEL_BITS } = levels;
const { removeMember, setProblems, setWords, SUMMARY_WORDS } = levels;

/** Members near the borders of words, of rows of words, and of the whole. */
function members(size: number): fc.Arbitrary<number> {
  const borders = [0, 31, 32, 63, 1023, 1024, 1055, 2047, 2048, size - 1, size - 32, size - 33];
  const near = fc.constantFrom(...borders.filter((n) => n >= 0 && n < size));
  return fc.oneof(near, fc.nat(size - 1));
}

describe('a set in three levels', () => {
  it.each([1, 32, 33, 1024, 1500, LEVEL_BITS])('of %i members answers as a plain set', (size) => {
    const step = fc.tuple(fc.boolean(), members(size), members(size));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const words = new Int32Array(setWords(size) + 7);
        const set = 7 + SUMMARY_WORDS;
        const plain = new Set<number>();
        for (const [isAdded, n, asked] of steps) {
          if (isAdded) {
            addMember(words, set, n);
            plain.add(n);
          } else {
            removeMember(words, set, n);
            plain.delete(n);
          }
          const all = [...plain].sort((a, b) => a - b);
          expect(hasMember(words, set, asked)).toBe(plain.has(asked));
          expect(leastFrom(words, set, asked)).toBe(all.find((one) => one >= asked) ?? -1);
          expect(greatestTo(words, set, asked)).toBe(all.findLast((one) => one <= asked) ?? -1);
          expect(setProblems(words, set, size)).toEqual([]);
        }
        expect(greatestTo(words, set, -1)).toBe(-1);
        expect([...words.subarray(0, 7)]).toEqual(new Array(7).fill(0));
        for (const n of plain) removeMember(words, set, n);
        expect(words.every((word) => word === 0)).toBe(true);
      }),
    );
  });

  it('takes a word for each 32 members, one at least, and ends at its most', () => {
    expect([0, 1, 32, 33, LEVEL_BITS].map((size) => setWords(size) - SUMMARY_WORDS)).toEqual([
      1, 1, 1, 2, 1024,
    ]);
    expect(() => setWords(LEVEL_BITS + 1)).toThrow(/members/);
  });
});

describe('bins', () => {
  const EDGES = [
    ...new Array(40).keys(),
    1022,
    1023,
    1024,
    1025,
    1055,
    1056,
    2047,
    2048,
    4095,
    4096,
  ];

  it('of lengths are exact below 1024, then 32 an octave, and never fall', () => {
    for (const frames of EDGES.filter((n) => n < 1024)) expect(lengthBin(frames)).toBe(frames);
    const bins = [1024, 1055, 1056, 2047, 2048, 2111, 2112, 4095, 4096].map(lengthBin);
    expect(bins).toEqual([1024, 1024, 1025, 1055, 1056, 1056, 1057, 1087, 1088]);
    expect(lengthBin(MAX_FRAMES)).toBe(1024 + 20 * 32 + 31);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_FRAMES - 1 }), (frames) => {
        const step = lengthBin(frames + 1) - lengthBin(frames);
        expect([0, 1]).toContain(step);
      }),
    );
  });

  it('of granules are exact below 32; the most a bin can have is the last count that is in it', () => {
    for (let count = 0; count < EXACT_COUNTS; count++) expect(wholeBin(count)).toBe(count);
    expect([32, 63, 64, 65, 66, 127, 128, 131, 132].map(wholeBin)).toEqual([
      32, 63, 64, 64, 65, 95, 96, 96, 97,
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 22 }), (count) => {
        const bin = wholeBin(count);
        const most = mostGranulesIn(bin);
        expect(most).toBeGreaterThanOrEqual(count);
        expect([wholeBin(most), wholeBin(most + 1)]).toEqual([bin, bin + 1]);
      }),
    );
  });
});

describe('arithmetic on frames', () => {
  it('rounds to multiples, counts units, and finds the record of a word', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.nat(5000),
        fc.integer({ min: 1, max: 3000 }),
        (start, frames, unit) => {
          const [up, down] = [alignUp(start, unit), alignDown(start, unit)];
          expect([up % unit, down % unit]).toEqual([0, 0]);
          expect([up - start >= 0, up - start < unit, start - down < unit, down <= start]).toEqual(
            new Array(4).fill(true),
          );
          let units = 0;
          for (let at = up; at + unit <= start + frames; at += unit) units++;
          expect(unitsIn(start, frames, unit)).toBe(units);
          const shift = Math.floor(Math.log2(unit));
          expect(wholeGranules(start, frames, shift)).toBe(unitsIn(start, frames, 2 ** shift));
          expect(recordOf(16 * start + (frames % 16))).toBe(16 * start);
          expect(recordAligned(start)).toBe(alignUp(start, 16));
        },
      ),
    );
    expect(alignUp(2 ** 52 + 1, 2 ** 20)).toBe(2 ** 52 + 2 ** 20);
  });
});
