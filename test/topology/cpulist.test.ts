/** CPU lists: the printer, the kernel's grammar against rows and a naive reader, the strict reader. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCpulist,
  parseKernelCpulist,
  parseStrictCpulist,
} from '../../core/topology/cpulist.js';

/** One line a row: text, number of ids, and the answer as a canonical list or an error name. */
const KERNEL_ROWS: readonly (readonly [text: string, nrCpuIds: number, answer: string])[] = [
  ['', 8, ''],
  ['\n', 8, ''],
  [' ,\t,\n', 8, ''],
  ['3', 8, '3'],
  ['0-7', 8, '0-7'],
  ['7,6\n', 20, '6-7'],
  ['2-3,,2 5\n', 8, '2-3,5'],
  ['\n\n4', 8, '4'],
  ['N', 8, '7'],
  ['2-N', 8, '2-7'],
  ['N-N', 1, '0'],
  ['n', 8, 'EINVAL'],
  ['all', 8, '0-7'],
  ['ALL\n', 8, '0-7'],
  ['ALLx', 12, 'EINVAL'],
  ['all-3', 8, 'EINVAL'],
  ['al', 8, 'EINVAL'],
  ['all:1/2', 8, '0,2,4,6'],
  ['1-7:2/3', 8, '1-2,4-5,7'],
  ['2-7:0/4', 8, ''],
  ['1-3:3/3', 8, '1-3'],
  ['1-N:N/N', 8, '1-7'],
  ['1-3:2', 8, 'EINVAL'],
  ['1-3:2/', 8, 'EINVAL'],
  ['1-3:3/2', 8, 'EINVAL'],
  ['2-7:3/0', 8, 'EINVAL'],
  ['2-7:0/0', 8, 'EINVAL'],
  ['3:1/2', 8, 'EINVAL'],
  ['3-1', 8, 'EINVAL'],
  ['9-8', 8, 'EINVAL'],
  ['1-', 8, 'EINVAL'],
  ['-3', 8, 'EINVAL'],
  ['1;2', 8, 'EINVAL'],
  ['0x2', 8, 'EINVAL'],
  ['a', 8, 'EINVAL'],
  ['a', 64, 'EINVAL'],
  [':', 64, 'EINVAL'],
  ['0-', 8, 'EINVAL'],
  ['1-2-3', 8, 'EINVAL'],
  ['0-2-3', 8, 'EINVAL'],
  ['8', 8, 'ERANGE'],
  ['7-8', 8, 'ERANGE'],
  ['4294967294', 8, 'ERANGE'],
  ['4294967295', 8, 'EINVAL'],
  ['0-4294967295:1/2', 8, 'ERANGE'],
  ['4294967296', 8, 'EOVERFLOW'],
  ['1-4294967296', 8, 'EOVERFLOW'],
  ['1-2:1/4294967296', 8, 'EOVERFLOW'],
  ['99999999999999999999999', 8, 'EOVERFLOW'],
  ['00000000000000000000003', 8, '3'],
  ['8,3-1', 8, 'ERANGE'],
  ['3-1,8', 8, 'EINVAL'],
  ['1\n9', 8, '1'],
  ['1\nrubbish', 8, '1'],
  ['1 \nrubbish', 8, 'EINVAL'],
  ['1-3:1/2\n9', 8, 'ERANGE'],
  ['1-3:1/2\n5', 8, '1,3,5'],
  ['1-3:1/25', 8, '1'],
  ['1-3:1/2N', 8, '1,3,7'],
  ['1-3:1/2all', 8, '0-7'],
  ['1-3:1/2;', 8, 'EINVAL'],
  ['1\u00a02\v3\f4\r', 8, '1-4'],
  ['1\u00002', 8, '1'],
  ['1-3x2/4', 8, 'EINVAL'],
  ['1-3:2x4', 8, 'EINVAL'],
  ['1-3:4294967296/4', 8, 'EOVERFLOW'],
  ['1\u00082', 8, 'EINVAL'],
  ['5-5:1/4294967295', 8, '0-5'],
  ['5-6:1/4294967294', 8, '1,3,5'],
];

describe("the kernel's list grammar", () => {
  it.each(KERNEL_ROWS)('reads %j for %i ids as %s', (text, nrCpuIds, answer) => {
    const list = parseKernelCpulist(text, nrCpuIds);
    expect('errno' in list ? list.errno : formatCpulist(list.cpus)).toBe(answer);
  });

  it('agrees with a naive reader on pattern lists', () => {
    const region = fc.record({
      start: fc.nat(70),
      end: fc.nat(70),
      pattern: fc.option(fc.record({ used: fc.nat(6), group: fc.nat(6) })),
    });
    fc.assert(
      fc.property(fc.array(region, { maxLength: 4 }), fc.integer({ min: 1, max: 64 }), (rs, n) => {
        const text = rs
          .map((r) => {
            const tail = r.pattern ? `:${r.pattern.used}/${r.pattern.group}` : '';
            return `${r.start}-${r.end}${tail}`;
          })
          .join(',');
        expect(parseKernelCpulist(text, n)).toEqual(naive(rs, n));
      }),
    );
  });
});

interface NaiveRegion {
  readonly start: number;
  readonly end: number;
  readonly pattern: { readonly used: number; readonly group: number } | null;
}

/** Membership asked id by id instead of walking groups. */
function naive(regions: readonly NaiveRegion[], n: number): unknown {
  const chosen = new Set<number>();
  for (const { start, end, pattern } of regions) {
    const backwards = start > end;
    if (backwards || (pattern && (pattern.group === 0 || pattern.used > pattern.group))) {
      return { errno: 'EINVAL' };
    }
    if (end >= n) return { errno: 'ERANGE' };
    for (let id = start; id <= end; id++) {
      if (!pattern || (id - start) % pattern.group < pattern.used) chosen.add(id);
    }
  }
  return { cpus: Array.from({ length: n }, (_, id) => id).filter((id) => chosen.has(id)) };
}

describe('printing and strict reading', () => {
  const cpuSets = fc.uniqueArray(fc.nat(300), { maxLength: 40 });

  it('what is printed reads back as the same set, through both readers', () => {
    fc.assert(
      fc.property(cpuSets, (ids) => {
        const sorted = [...ids].sort((a, b) => a - b);
        const text = formatCpulist(ids);
        expect(parseKernelCpulist(text, 301)).toEqual({ cpus: sorted });
        expect(parseStrictCpulist(text)).toEqual({ cpus: sorted });
      }),
    );
  });

  it('prints ascending runs and drops repeats', () => {
    expect(formatCpulist([9, 1, 3, 2, 2])).toBe('1-3,9');
    expect(formatCpulist([1, 2, 2, 3])).toBe('1-3');
    expect(formatCpulist([3, 2, 1])).toBe('1-3');
    expect(formatCpulist([5, 1])).toBe('1,5');
    expect(formatCpulist([0, 1])).toBe('0-1');
    expect(formatCpulist([])).toBe('');
  });

  it.each(['1-3, 9', ' 9 ,1-3', '1,2,3,9'])('accepts %j', (text) => {
    expect(parseStrictCpulist(text)).toEqual({ cpus: [1, 2, 3, 9] });
  });

  it('accepts ranges between ids of any length', () => {
    expect(parseStrictCpulist('10-12')).toEqual({ cpus: [10, 11, 12] });
    expect(parseStrictCpulist('1,9-11,100-101')).toEqual({ cpus: [1, 9, 10, 11, 100, 101] });
  });

  it.each([
    ['3-1', 'runs backwards'],
    ['8192', 'up to 8191'],
    ['4294967296', 'up to 8191'],
    ['1,1', 'more than once'],
    ['1-3,2', 'more than once'],
    ['all', 'not a CPU list'],
    ['0-N', 'not a CPU list'],
    ['1-3:1/2', 'not a CPU list'],
    ['1 2', 'not a CPU list'],
    ['1,,2', 'not a CPU list'],
    ['-1', 'not a CPU list'],
  ])('refuses %j: %s', (text, words) => {
    expect(parseStrictCpulist(text)).toEqual({ problem: expect.stringContaining(words) });
  });
});
