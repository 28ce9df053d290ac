/**
 * Messages fitted to a terminal: a line wider than it goes on below, two columns further in.
 *
 * Invariant: lines that fit stay as they are; a line is broken at single spaces only, so that a path or
 * a command to copy stays whole, if need be wider than the terminal. Trade-off: text in other colours
 * than the terminal's would be measured wrongly; messages have none.
 */
import { textWidth } from '../../reports/terminal/width.js';

const DEEPER = 2;
/** Where even this much does not fit, the terminal breaks lines as it likes. */
const NARROWEST = 24;

/** @param columns of the terminal; undefined = none, so no line is too long */
export function fittedLines(text: string, columns: number | undefined): string {
  if (columns === undefined || columns < NARROWEST) return text;
  return text
    .split('\n')
    .map((line) => (textWidth(line) <= columns ? line : fitted(line, columns)))
    .join('\n');
}

function fitted(line: string, columns: number): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const [first, ...words] = line.slice(indent.length).split(' ');
  const lines: string[] = [];
  let current = indent + first;
  for (const word of words) {
    if (textWidth(current) + 1 + textWidth(word) <= columns) current += ` ${word}`;
    else {
      lines.push(current);
      current = `${indent}${' '.repeat(DEEPER)}${word}`;
    }
  }
  return [...lines, current].join('\n');
}
