/**
 * Page taking against a naive twin: the same two passes written over plain counts of whole MiB.
 *
 * The twin shares no code with core/ and keeps no order of calls; it must keep the same pages, leave
 * the same pages free, and fail on the same requests.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldMib, type PageLedger, takePages } from '../../core/device/nitro-cli/pages.js';
import { runProgram } from '../../core/host/program.js';
import { availablePages } from '../../core/platform/nitro/tasks.js';
import { smallParent } from './nitro-cli-host.js';

const SIZES = [2, 8, 32, 512, 1024];

/** Page sizes kept, largest first; undefined = the pages do not cover the request. */
function naiveTake(free: ReadonlyMap<number, number>, wantMib: number): number[] | undefined {
  const left = new Map(free);
  const got: number[] = [];
  const sum = () => got.reduce((a, b) => a + b, 0);
  const grab = (size: number) => {
    left.set(size, (left.get(size) ?? 0) - 1);
    got.push(size);
  };
  for (const size of [...SIZES].reverse()) {
    while ((left.get(size) ?? 0) > 0 && sum() + size <= wantMib) grab(size);
  }
  for (const size of SIZES) while ((left.get(size) ?? 0) > 0 && sum() < wantMib) grab(size);
  if (sum() < wantMib) return undefined;
  got.sort((a, b) => b - a);
  while (got.length > 0 && sum() - (got.at(-1) ?? 0) >= wantMib) got.pop();
  return got;
}

const take = (pages: Readonly<Record<number, number>>, memoryMib: bigint) => {
  const host = smallParent(pages);
  const ledger: PageLedger = { task: 1, held: [], attempts: [] };
  const refusal = runProgram(host, takePages(ledger, memoryMib));
  return { host, ledger, refusal };
};

describe('taking hugepages', () => {
  it('N12 holds: keeps what the naive twin keeps, and leaves the rest free', () => {
    const counts = fc.tuple(...SIZES.map((size) => fc.nat(Math.ceil(600 / size) + 2)));
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 3000 }), (free, wantMib) => {
        const pages = Object.fromEntries(SIZES.map((size, i) => [size, free[i]]));
        const expected = naiveTake(new Map(SIZES.map((s, i) => [s, free[i]])), wantMib);
        const { host, ledger, refusal } = take(pages, BigInt(wantMib));
        expect(refusal?.codes[0]).toBe(expected === undefined ? 'E27' : undefined);
        if (expected === undefined) return;
        expect(ledger.held.map(({ pageKib }) => pageKib / 1024)).toEqual(expected);
        for (const [i, size] of SIZES.entries()) {
          const kept = expected.filter((mib) => mib === size).length;
          expect(availablePages(host, i)).toBe(free[i] - kept);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['fits exactly', { 2: 32, 1024: 1 }, 64n, 64],
    ['one large page for a small request', { 2: 0, 1024: 1 }, 256n, 1024],
    ['small pages taken first go back', { 2: 1, 1024: 1 }, 318n, 1024],
    ['an odd request is rounded up', { 2: 40, 1024: 0 }, 63n, 64],
  ])('N12 holds: %s', (_, pages, memoryMib, mib) => {
    const { ledger, refusal } = take(pages, memoryMib);
    expect(refusal).toBeUndefined();
    expect(heldMib(ledger.held)).toBe(mib);
  });

  it('N12 refused: one page short, with the rest in whole MiB', () => {
    const { refusal } = take({ 2: 31 }, 64n);
    expect(refusal).toMatchObject({ codes: ['E27'], numbers: { missingMib: '2' } });
  });

  it('N12 refused: a size the program does not know is never taken', () => {
    expect(take({ 4: 100 }, 64n).refusal?.codes).toEqual(['E27']);
  });

  it('N12 refused: 2^43 MiB counts as negative, so no page is tried', () => {
    const { ledger, refusal } = take({ 2: 40 }, 2n ** 43n);
    expect(ledger.attempts).toEqual([]);
    expect(refusal?.rule).toBe('nitro-cli.pages-enough');
  });
});
