/** Sizes, against arithmetic of their own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMemoryKib } from '../../scenarios/schema/quantity.js';

describe('quantities', () => {
  it.each([
    [512, 512 * 1024],
    ['512', 512 * 1024],
    ['512MiB', 512 * 1024],
    [' 4 GiB ', 4 * 1024 * 1024],
    ['64K', 64],
    ['1tib', 1024 ** 3],
    [0, 0],
  ])('%j is a size', (value, kib) => {
    expect(parseMemoryKib(value)).toBe(kib);
  });

  it.each([
    ...['', '512Q', '-1', '1.5GiB', '1e3', '0x10', 'MiB', '512 MiB!', '65TiB', '9'.repeat(20)],
    ...[
      '9'.repeat(21),
      'constructor',
      '１２',
      -1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 60,
    ],
  ])('%j is no size, and the answer says why', (value) => {
    expect(parseMemoryKib(value)).toMatch(/not a|unknown unit|more than/);
  });

  it('every whole number of a unit is exact', () => {
    const unit = fc.constantFrom(['K', 1], ['MiB', 1024], ['g', 1024 ** 2]);
    fc.assert(
      fc.property(fc.nat(60_000), unit, (count, [name, kib]) => {
        expect(parseMemoryKib(`${count}${name}`)).toBe(count * Number(kib));
      }),
    );
  });
});
