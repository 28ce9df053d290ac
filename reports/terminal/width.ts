/**
 * Text measured in terminal columns: width, cut, pad, wrap.
 *
 * Invariant: no result is wider than asked. Trade-off: a table of wide ranges after Unicode
 * Standard Annex #11 (East Asian Width) in place of full grapheme segmentation: a joined emoji
 * counts as its parts, so a line may end early but never late.
 */

/** First and last code point of ranges that take two columns. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23f3],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x267f, 0x26ff],
  [0x2705, 0x2705],
  [0x270a, 0x270b],
  [0x2728, 0x2728],
  [0x274c, 0x2757],
  [0x2795, 0x27bf],
  [0x2b1b, 0x2b55],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1b000, 0x1b2ff],
  [0x1f004, 0x1faff],
  [0x20000, 0x3fffd],
];
const COMBINING = /^\p{Mn}$|^\p{Me}$/u;

/** Columns a printable text takes. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** The text when it fits, else its beginning and the ellipsis, at most `width` columns. */
export function cutText(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  const end = textWidth(ellipsis) <= width ? ellipsis : '';
  return takeColumns(text, width - textWidth(end)) + end;
}

/** Spaces on one side up to `width`; a wider text stays as it is. */
export function padText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** A space before a lone separator is no place to break: "a · b" breaks after the sign. */
const BREAKS = / +(?![·|←] )/;

/** Lines of at most `width` columns, broken at spaces; a longer word at a comma, or where it must. */
export function wrapText(text: string, width: number): string[] {
  return text
    .split('\n')
    .flatMap((part) => (textWidth(part) <= width ? [part] : wrapWords(part.split(BREAKS), width)));
}

function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words.flatMap((long) => breakWord(long, width))) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (textWidth(joined) <= width) line = joined;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function breakWord(word: string, width: number): string[] {
  const parts: string[] = [];
  let rest = word;
  while (textWidth(rest) > width) {
    const taken = takeColumns(rest, width) || ([...rest][0] ?? '');
    const part = afterComma(taken);
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return [...parts, rest];
}

/** Up to the last comma, so that no number of a list is cut; all of it where that would leave little. */
function afterComma(taken: string): string {
  const end = taken.lastIndexOf(',') + 1;
  return 3 * end > taken.length ? taken.slice(0, end) : taken;
}

function takeColumns(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const char of text) {
    used += charWidth(char);
    if (used > width) break;
    taken += char;
  }
  return taken;
}

function charWidth(char: string): number {
  const point = char.codePointAt(0) ?? 0;
  if (point < 0x300) return 1;
  if (COMBINING.test(char)) return 0;
  return WIDE.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
}
