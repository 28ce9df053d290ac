/**
 * One command as one line of text, and back.
 *
 * JSON with keys in alphabetical order, so that equal commands give equal bytes whatever order their
 * fields were written in; a 64-bit argument (bigint) is written as a string of digits with an `n`.
 * Invariant: decode(encode(command)) equals the command, and encode is canonical.
 */
import type { Command } from '../host/command.js';
import { readCommand } from '../host/command-fields.js';

/** Canonical JSON of any plain value; bigint as "123n". */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export function encodeCommand(command: Command): string {
  return canonicalJson(command);
}

/** Throws SyntaxError on text that is not JSON, TypeError on JSON that is no command. */
export function decodeCommand(line: string): Command {
  const read = readCommand(JSON.parse(line));
  if ('command' in read) return read.command;
  const problems = read.problems.map(({ path, message }) => [...path, message].join(' '));
  throw new TypeError(`no command: ${problems.join('; ')}: ${line.slice(0, 80)}`);
}
