/**
 * What a table is that is no CSV text in UTF-8, by its first bytes.
 *
 * Invariant: no text in UTF-8 without control characters is taken for something else. Trade-off: only
 * what people mistake for CSV; of anything else its header is told as lacking columns.
 */

type Signature = readonly [start: readonly number[], name: string];

const PACKED: readonly Signature[] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x50, 0x4b, 0x03, 0x04], 'ZIP (or a spreadsheet)'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'Zstandard'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'XZ'],
  // "PAR1" and the type byte of its first page.
  [[0x50, 0x41, 0x52, 0x31, 0x15], 'Parquet'],
];

/** In a person's words; undefined = it may be CSV. */
export function otherThanCsv(bytes: Uint8Array): string | undefined {
  const packed = PACKED.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  if (packed !== undefined) return `it looks like ${packed[1]}; unpack it to CSV in UTF-8`;
  return isUtf16(bytes) ? 'it looks like UTF-16; save it as UTF-8' : undefined;
}

/** By its byte order mark, or by the zero that every second byte of plain letters is. */
function isUtf16([a, b, c, d]: Uint8Array): boolean {
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (b === 0 && d === 0 && a > 0 && c > 0) || (a === 0 && c === 0 && b > 0 && d > 0);
}
