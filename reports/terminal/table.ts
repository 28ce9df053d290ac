/**
 * A table whose columns line up within the width.
 *
 * Invariant: every line fits, and no number is cut: a part of one is another number. The last column may
 * wrap; when too little is left for it, its text goes below its row instead, indented. Columns of words
 * (aligned left) are cut, the widest first, only when even that does not fit; where they would be left
 * with next to nothing beside numbers, each row is a list, a cell a line.
 */
import { DEEPER, type Line, paragraph, type Span, span } from './line.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';
import { cutText, padText, textWidth, wrapText } from './width.js';

export interface Column {
  readonly title: string;
  /** Right: it holds numbers. */
  readonly align?: 'left' | 'right';
  /** Only for the last column: its texts wrap, and take what width the others leave. */
  readonly wrap?: boolean;
}

export type Row = readonly Span[];

const GAP = 2;
/** A wrapped column narrower than this, with more to say, moves below its row. */
const LEAST_WRAPPED = 24;
const LEAST_CUT = 3;
/** Words beside numbers that would be cut to less make a list of the row. */
const LEAST_BESIDE_NUMBERS = 8;

/** Lines of the table: titles first, unless all are empty. Each row has one span per column. */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  style: Style,
  indent: number,
): Line[] {
  const titles = columns.map(({ title }) => span(title, 'quiet'));
  const all = columns.some(({ title }) => title !== '') ? [titles, ...rows] : rows;
  const natural = columns.map((_, c) => widestText(all, c));
  const room = style.width - indent - GAP * (columns.length - 1);
  const wrapping = columns.at(-1)?.wrap === true;
  const fixed = wrapping ? natural.slice(0, -1) : natural;
  const left = room - fixed.reduce((sum, width) => sum + width, 0);
  if (wrapping && left < Math.min(natural.at(-1) ?? 0, LEAST_WRAPPED)) {
    return withTextBelow(columns, all, fixed, style, indent);
  }
  const widths = wrapping
    ? [...fixed, Math.min(left, natural.at(-1) ?? 0)]
    : shrink(columns, fixed, room);
  if (widths === undefined) return listed(columns, rows, style, indent);
  return all.flatMap((row) => rowLines(columns, row, widths, style, indent));
}

/** Whether a table without a wrapping column stands in full: nothing of it is cut. */
export function tableFits(
  columns: readonly Column[],
  rows: readonly Row[],
  style: Style,
  indent: number,
): boolean {
  const widths = columns.map(({ title }, c) => Math.max(textWidth(title), widestText(rows, c)));
  const gaps = GAP * (columns.length - 1);
  return widths.reduce((sum, width) => sum + width, indent + gaps) <= style.width;
}

/** A loop, not a spread: a full timeline can have a million rows. */
function widestText(rows: readonly Row[], column: number): number {
  let widest = 0;
  for (const row of rows) {
    for (const part of row[column].text.split('\n')) widest = Math.max(widest, textWidth(part));
  }
  return widest;
}

function withTextBelow(
  columns: readonly Column[],
  rows: readonly Row[],
  natural: readonly number[],
  style: Style,
  indent: number,
): Line[] {
  const short = columns.slice(0, -1);
  const widths = shrink(short, natural, style.width - indent - GAP * (short.length - 1));
  const titled = columns.some(({ title }) => title !== '');
  if (widths === undefined) return listed(columns, titled ? rows.slice(1) : rows, style, indent);
  return rows.flatMap((row, r) => {
    const text = row.at(-1);
    const isTitle = r === 0 && text?.text === columns.at(-1)?.title;
    const below = text === undefined || text.text === '' || isTitle ? [] : [text];
    return [
      ...rowLines(short, row.slice(0, -1), widths, style, indent),
      ...below.flatMap(({ text, ink }) => paragraph(text, style, indent + DEEPER, ink)),
    ];
  });
}

/** Each row as its first cell and below it, one to a line, the others that say something. */
function listed(
  columns: readonly Column[],
  rows: readonly Row[],
  style: Style,
  indent: number,
): Line[] {
  return rows.flatMap(([first, ...others]) => [
    ...paragraph(first.text.trimEnd(), style, indent, first.ink),
    ...others.flatMap(({ text, ink }, i) => {
      const { title } = columns[i + 1];
      const words = text.trim();
      if (words === '') return [];
      return paragraph(title === '' ? words : `${title} ${words}`, style, indent + DEEPER, ink);
    }),
  ]);
}

/**
 * Takes from the columns of words, the widest first, until all fit, each keeping a few; undefined where it
 * is numbers that do not fit.
 */
function shrink(
  columns: readonly Column[],
  natural: readonly number[],
  room: number,
): number[] | undefined {
  const widths = [...natural];
  const isWords = natural.map((_, c) => columns[c].align !== 'right');
  const least = isWords.includes(false) ? LEAST_BESIDE_NUMBERS : LEAST_CUT;
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    const widest = Math.max(...widths.filter((_, c) => isWords[c]));
    if (widest <= least) return least === LEAST_CUT ? widths : undefined;
    widths[widths.findIndex((width, c) => isWords[c] && width === widest)] -= 1;
    over -= 1;
  }
  return widths;
}

/** One row as lines: wrapped cells go on below, the others stay blank there. */
function rowLines(
  columns: readonly Column[],
  row: Row,
  widths: readonly number[],
  style: Style,
  indent: number,
): Line[] {
  const { more } = marksOf(style);
  const cells = row.map(({ text }, c) =>
    columns[c].wrap ? wrapText(text, widths[c]) : [cutText(text, widths[c], more)],
  );
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) => [
    span(' '.repeat(indent)),
    ...cells.flatMap((lines, c) => [
      span(c === 0 ? '' : ' '.repeat(GAP)),
      span(padText(lines[y] ?? '', widths[c], columns[c].align), row[c].ink),
    ]),
  ]);
}
