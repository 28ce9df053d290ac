/**
 * One command as one line of text, and back.
 *
 * JSON with keys in alphabetical order, so that equal commands give equal bytes whatever order their
 * fields were written in; a 64-bit argument (bigint) is written as a string of digits with an `n`.
 * Invariant: decode(encode(command)) equals the command, and encode is canonical.
 */
import type { Command } from '../host/command.js';
import { readCommand } from '../host/command-fields.js';
import { problemText } from '../units/field-checks.js';

/**
 * Canonical JSON of any plain value; bigint as "123n", what JSON has no word for left out of an object
 * and null in a list. Keys that are numbers of a list come first, by number, as objects have them.
 * Throws RangeError on what is nested deeper than anything a run writes.
 */
export function canonicalJson(value: unknown): string {
  return written(value, 0) ?? 'null';
}

/** Lists and objects within each other; a bound of our own, since that of the stack is another each time. */
const DEEPEST = 1000;

/** Written out, since `JSON.stringify` with a function asked of each value takes four times as long. */
function written(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return String(value);
    case 'bigint':
      return `"${value}n"`;
    case 'object':
      if (value === null) return 'null';
      if (depth === DEEPEST) throw new RangeError(`nested more than ${DEEPEST} deep`);
      return Array.isArray(value) ? writtenList(value, depth + 1) : writtenObject(value, depth + 1);
    default:
      return undefined;
  }
}

function writtenList(list: readonly unknown[], depth: number): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ',';
    text += written(list[i], depth) ?? 'null';
  }
  return `${text}]`;
}

function writtenObject(object: object, depth: number): string {
  const fields = object as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of inOrder(Object.keys(fields))) {
    const field = written(fields[key], depth);
    if (field === undefined) continue;
    if (text !== '') text += ',';
    text += `${JSON.stringify(key)}:${field}`;
  }
  return `{${text}}`;
}

function inOrder(keys: string[]): string[] {
  const sorted = keys.sort();
  const hasNumbers = sorted.some((key) => key >= '0' && key < ':');
  return hasNumbers ? Object.keys(Object.fromEntries(sorted.map((key) => [key, 0]))) : sorted;
}

export function encodeCommand(command: Command): string {
  return canonicalJson(command);
}

/** Throws SyntaxError on text that is not JSON, TypeError on JSON that is no command. */
export function decodeCommand(line: string): Command {
  const read = readCommand(JSON.parse(line));
  if ('command' in read) return read.command;
  const problems = read.problems.map(problemText).join('; ');
  throw new TypeError(`no command: ${problems}: ${line.slice(0, 80)}`);
}
