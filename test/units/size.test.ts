/** Printed sizes are exact and short where they can be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKib, formatMib, GIB, KIB, MIB } from '../../core/units/size.js';

const UNIT_KIB: Readonly<Record<string, bigint>> = {
  KiB: 1n,
  MiB: 1024n,
  GiB: 1024n ** 2n,
  TiB: 1024n ** 3n,
};

/** Reads a printed size back, in tenths of a KiB, by another method than the printer's. */
function tenthsOfKib(text: string): bigint {
  const [number, unit] = text.split(' ');
  const [whole, tenth = '0'] = number.split('.');
  return (BigInt(whole) * 10n + BigInt(tenth)) * UNIT_KIB[unit];
}

describe('sizes', () => {
  it('units are powers of 1024 in bytes', () => {
    expect([KIB, MIB, GIB]).toEqual([2 ** 10, 2 ** 20, 2 ** 30]);
  });

  it.each([
    [0, '0 MiB'],
    [1, '1 KiB'],
    [64, '64 KiB'],
    [1023, '1023 KiB'],
    [1024, '1 MiB'],
    [1025, '1025 KiB'],
    [1536, '1.5 MiB'],
    [2048, '2 MiB'],
    [1_048_576, '1 GiB'],
    [1_572_864, '1.5 GiB'],
    [127_276 * 1024, '127276 MiB'],
    [24 * 1024 ** 3, '24 TiB'],
  ])('%i KiB prints as %s', (sizeKib, text) => {
    expect(formatKib(sizeKib)).toBe(text);
  });

  it('prints MiB like the same size in KiB', () => {
    expect([formatMib(0), formatMib(512), formatMib(1536)]).toEqual([
      '0 MiB',
      '512 MiB',
      '1.5 GiB',
    ]);
  });

  it('never loses a byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (sizeKib) => {
        expect(tenthsOfKib(formatKib(sizeKib))).toBe(BigInt(sizeKib) * 10n);
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN])('refuses %s as a size', (sizeKib) => {
    expect(() => formatKib(sizeKib)).toThrow('whole number of KiB');
  });
});
