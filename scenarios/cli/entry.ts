#!/usr/bin/env node
/**
 * The executable: help and version come from a text the build baked, all else from main.ts.
 *
 * Invariant: what is printed here is to the byte what main.ts would print; where that could differ
 * (a terminal narrower than the text, more than the one argument), main.ts is asked.
 * Trade-off: two ways to one text, so that asking for help loads no option parser.
 */
import { BAKED } from './baked.js';
import { BAD_INPUT, OK } from './exit-code.js';
import { HELP_COLUMNS, helpWidth } from './help-width.js';
import { tellWriteErrors } from './write-error.js';

if (!printBaked(process.argv.slice(2))) await import('./main.js');

function printBaked([first, ...more]: readonly string[]): boolean {
  if (more.length > 0 || BAKED === undefined) return false;
  if (first === '--version' || first === '-V') return print(process.stdout, BAKED.version);
  if (first === '--help' || first === '-h') return print(process.stdout, BAKED.help);
  return first === undefined && print(process.stderr, BAKED.help, BAD_INPUT);
}

function print(
  stream: NodeJS.WriteStream,
  text: string,
  exitCode: typeof OK | typeof BAD_INPUT = OK,
): boolean {
  if (helpWidth(stream) < HELP_COLUMNS) return false;
  tellWriteErrors(stream);
  stream.write(text);
  process.exitCode = exitCode;
  return true;
}
