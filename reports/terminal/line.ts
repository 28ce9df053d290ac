/**
 * A report before it is painted: lines of spans, each a text and the ink it would like.
 *
 * Invariant: layout counts columns of plain text only; colour codes appear in `paint` and nowhere
 * else, so without colour there are none. Trade-off: the sixteen basic colours, which every
 * terminal lets its user choose, in place of a palette of our own.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import type { Style } from './style.js';
import { wrapText } from './width.js';

export type Ink = 'plain' | 'strong' | 'quiet' | 'good' | 'bad' | 'warn' | 'pool' | EnclaveInk;
export type EnclaveInk = 'blue' | 'magenta' | 'yellow' | 'green';

export interface Span {
  readonly text: string;
  readonly ink: Ink;
}
export type Line = readonly Span[];

export const BLANK: Line = [];

export function span(text: string, ink: Ink = 'plain'): Span {
  return { text, ink };
}

/** Indents of a section's body and of what belongs to one of its lines. */
export const INDENT = 2;
export const DEEPER = 4;

/** A text as wrapped lines of one ink, all indented. */
export function paragraph(text: string, style: Style, indent: number, ink: Ink = 'plain'): Line[] {
  return wrapText(text, style.width - indent).map((part) => [
    span(' '.repeat(indent)),
    span(part, ink),
  ]);
}

/** "label  text": the label on the first line, the text beside it, wrapped at its own left edge. */
export function labelled(label: Span, text: string, style: Style, indent: number): Line[] {
  const edge = indent + label.text.length + 1;
  return wrapText(text, style.width - edge).map((part, i) =>
    i === 0
      ? [span(' '.repeat(indent)), label, span(` ${part}`)]
      : [span(' '.repeat(edge)), span(part)],
  );
}

/** A section: its heading, then its body. Nothing at all when the body is empty. */
export function section(heading: string, body: readonly Line[], style: Style): Line[] {
  if (body.length === 0) return [];
  return [...paragraph(heading, style, 0, 'strong'), ...body, BLANK];
}

/** The text that goes to the terminal: one newline after each line, no spaces at line ends. */
export function paint(lines: readonly Line[], style: Style): string {
  const chalk = new Chalk({ level: style.color ? 1 : 0 });
  const inks = inksOf(chalk);
  return lines.map((line) => `${paintLine(line, inks)}\n`).join('');
}

function paintLine(line: Line, inks: Readonly<Record<Ink, (text: string) => string>>): string {
  const last = line.findLastIndex(({ text }) => text.trim() !== '');
  const shown = line.slice(0, last + 1);
  return joinAlike(shown)
    .map(({ text, ink }, i, all) => inks[ink](i === all.length - 1 ? text.trimEnd() : text))
    .join('');
}

/** Neighbours of one ink as one span, so that colour codes stay few. */
export function joinAlike(line: Line): Span[] {
  const joined: Span[] = [];
  for (const { text, ink } of line) {
    const last = joined.at(-1);
    if (last?.ink === ink) joined[joined.length - 1] = span(last.text + text, ink);
    else joined.push(span(text, ink));
  }
  return joined;
}

function inksOf(chalk: ChalkInstance): Readonly<Record<Ink, (text: string) => string>> {
  return {
    plain: (text) => text,
    strong: chalk.bold,
    quiet: chalk.dim,
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
    pool: chalk.cyan,
    blue: chalk.blueBright,
    magenta: chalk.magentaBright,
    yellow: chalk.yellowBright,
    green: chalk.greenBright,
  };
}
