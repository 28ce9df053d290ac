/**
 * A table whose columns line up within the width.
 *
 * Invariant: every line fits. The last column may wrap; when too little is left for it, its text
 * goes below its row instead, indented. Other columns are cut, the widest first, only when even
 * that does not fit.
 */
import { DEEPER, type Line, paragraph, type Span, span } from './line.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';
import { cutText, padText, textWidth, wrapText } from './width.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Only for the last column: its texts wrap, and take what width the others leave. */
  readonly wrap?: boolean;
}

export type Row = readonly Span[];

const GAP = 2;
/** A wrapped column narrower than this, with more to say, moves below its row. */
const LEAST_WRAPPED = 24;
const LEAST_CUT = 3;

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
  const widths = wrapping ? [...fixed, Math.min(left, natural.at(-1) ?? 0)] : shrink(fixed, room);
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
  const widths = shrink(natural, style.width - indent - GAP * (short.length - 1));
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

/** Takes columns from the widest until all fit, each keeping a few. */
function shrink(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_CUT) break;
    widths[widths.indexOf(widest)] -= 1;
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
