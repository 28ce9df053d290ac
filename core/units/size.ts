/**
 * Sizes of memory as integers, and how a person reads them.
 *
 * Invariant: a printed size is exact. The largest unit is taken in which the value has at most one
 * decimal, so 1.5 GiB stays "1.5 GiB" while 127276 MiB is not rounded to "124.3 GiB".
 * Trade-off: an odd value is printed long ("1048577 KiB") rather than wrong.
 */

/** Bytes in one KiB, MiB and GiB. */
export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** Units from large to small, with their length in KiB. */
const UNITS = [
  { name: 'TiB', lengthKib: 1024 ** 3 },
  { name: 'GiB', lengthKib: 1024 ** 2 },
  { name: 'MiB', lengthKib: 1024 },
] as const;

/**
 * Prints a size given in KiB, exactly: 2048 → "2 MiB", 1572864 → "1.5 GiB", 1 → "1 KiB".
 * Zero is "0 MiB". Throws on a negative or fractional size.
 */
export function formatKib(sizeKib: number): string {
  if (!Number.isSafeInteger(sizeKib) || sizeKib < 0) {
    throw new Error(`a size is a whole number of KiB, at least 0; got ${sizeKib}`);
  }
  if (sizeKib === 0) return '0 MiB';
  for (const { name, lengthKib } of UNITS) {
    const whole = Math.floor(sizeKib / lengthKib);
    const restTenths = (sizeKib % lengthKib) * 10;
    if (whole === 0 || restTenths % lengthKib !== 0) continue;
    const tenths = restTenths / lengthKib;
    return tenths === 0 ? `${whole} ${name}` : `${whole}.${tenths} ${name}`;
  }
  return `${sizeKib} KiB`;
}

/** Prints a size given in MiB, as `formatKib` does: 1536 → "1.5 GiB". */
export function formatMib(sizeMib: number): string {
  return formatKib(sizeMib * 1024);
}
