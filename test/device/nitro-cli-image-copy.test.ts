/** Which pages the copied image falls into, by a table and against a walk of every page. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pagesOfImage } from '../../core/device/nitro-cli/image-copy.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

describe('the image in its pages', () => {
  it.each([
    ['nothing of an empty image', [2048, 2048], 0, 0, [0, 0]],
    ['nothing of one that would begin inside a page', [1_048_576], 8 * MIB, 0, [0, 0]],
    ['one byte', [2048, 2048], 0, 1, [0, 1]],
    ['a page to its last byte', [2048, 2048], 0, 2 * MIB, [0, 1]],
    ['one byte more', [2048, 2048], 0, 2 * MIB + 1, [0, 2]],
    ['an offset at the end of a page begins in the next', [2048, 2048], 2 * MIB, 1, [1, 2]],
    ['an offset one byte before it', [2048, 2048], 2 * MIB - 1, 1, [0, 1]],
    ['an offset inside a large page', [1_048_576, 2048], 8 * MIB, GIB, [0, 2]],
    ['it stops where memory ends', [2048], 0, GIB, [0, 1]],
    ['an offset behind all memory', [2048], 8 * MIB, 1, [1, 1]],
    ['it ends inside a page larger than those behind it', [1_048_576, 2048, 2048], 0, MIB, [0, 1]],
    [
      'it ends inside the second of two large ones',
      [1_048_576, 1_048_576, 32_768],
      0,
      GIB + 1,
      [0, 2],
    ],
    ['an offset in the midst of many', [2048, 2048, 2048, 2048, 2048], 5 * MIB, 4 * MIB, [2, 5]],
  ] as const)('%s', (_, pagesKib, offset, bytes, [first, end]) => {
    const single = pagesKib.map((pageKib) => ({ pageKib, pages: 1 }));
    expect(pagesOfImage(single, offset, bytes)).toEqual({ first, end });
    const sizes = [...new Set<number>(pagesKib)];
    const rows = sizes.map((pageKib) => ({
      pageKib,
      pages: pagesKib.filter((one) => one === pageKib).length,
    }));
    expect(pagesOfImage(rows, offset, bytes)).toEqual({ first, end });
  });

  it('as a walk of every page finds it, whatever the sizes', () => {
    const sizesKib = [2, 8, 32, 512, 1024].map((mib) => mib * KIB);
    const pages = fc.array(fc.constantFrom(...sizesKib), { maxLength: 12 });
    const size = fc.nat({ max: 3 * GIB });
    fc.assert(
      fc.property(pages, fc.nat({ max: 16 * MIB }), size, (given, offset, bytes) => {
        const pagesKib = given.toSorted((a, b) => b - a);
        const single = pagesKib.map((pageKib) => ({ pageKib, pages: 1 }));
        const { first, end } = pagesOfImage(single, offset, bytes);
        const met = pagesKib.map((_, at) => at).filter((at) => at >= first && at < end);
        expect(met).toEqual(bytes === 0 ? [] : pagesMet(pagesKib, offset, bytes));
      }),
    );
  });
});

/** Positions of the pages that hold a byte of [offset, offset + bytes). */
function pagesMet(pagesKib: readonly number[], offset: number, bytes: number): number[] {
  let at = 0;
  const met: number[] = [];
  for (const [position, pageKib] of pagesKib.entries()) {
    const end = at + pageKib * KIB;
    if (at < offset + bytes && end > offset) met.push(position);
    at = end;
  }
  return met;
}
