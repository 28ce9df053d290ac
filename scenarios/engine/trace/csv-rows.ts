/**
 * CSV files as rows, streamed: a file of any size is read a block at a time.
 *
 * Invariant: at most one block and one line are held; every row knows its line; a line that cannot be
 * a row is told with its number, and reading goes on. Fields may be quoted; a quoted field may not
 * hold a line break. Trade-off: synchronous reads, since the engine is.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { readRefusal } from '../../schema/files.js';
import { otherThanCsv } from './not-csv.js';

/** Bytes read at a time, and the longest line in characters. */
const BLOCK_BYTES = 256 * 1024;
const MOST_LINE = 64 * 1024;

export interface CsvLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Told of each block as it is read, before a line of it is given; the bytes are good until then. */
export type BlockWatch = (bytes: Uint8Array) => void;

/**
 * Lines without their ends; a last line without an end counts too. Throws what opening or reading
 * throws (a system error with a code), and Error on a line longer than 64 Ki characters, on what is
 * no text, or on a pipe, which would be read once only. What was thrown is in a person's words after `readTrouble`.
 */
export function* linesOf(file: string, onBlock?: BlockWatch): Generator<CsvLine> {
  // Opening a named pipe that nobody writes to would wait for ever.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() && !status.isDirectory()) {
      throw new Error('it is no regular file, and it has to be read more than once');
    }
    yield* cutLines(blocksOf(descriptor, onBlock));
  } finally {
    closeSync(descriptor);
  }
}

/** Why a table could not be read, to its end. */
export function readTrouble(error: unknown): string {
  return `cannot be read: ${readRefusal(error) ?? (error as Error).message}`;
}

/** As text: the first block may start with a byte order mark, which is dropped. */
function* blocksOf(descriptor: number, onBlock?: BlockWatch): Generator<string> {
  const decoder = new StringDecoder('utf8');
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let first = true;
  for (;;) {
    const length = readSync(descriptor, block);
    if (length === 0) break;
    const other = first ? otherThanCsv(block.subarray(0, length)) : undefined;
    if (other !== undefined) throw new Error(other);
    onBlock?.(block.subarray(0, length));
    const text = decoder.write(block.subarray(0, length));
    yield first && text.startsWith('\ufeff') ? text.slice(1) : text;
    first = false;
  }
  yield decoder.end();
}

function* cutLines(blocks: Iterable<string>): Generator<CsvLine> {
  let rest = '';
  let line = 0;
  for (const block of blocks) {
    const text = rest + block;
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      if (to - from > MOST_LINE) throw tooLong(line + 1);
      yield { line: ++line, text: withoutReturn(text.slice(from, to)) };
      from = to + 1;
    }
    rest = text.slice(from);
    if (rest.length > MOST_LINE) throw tooLong(line + 1);
  }
  if (rest !== '') yield { line: line + 1, text: withoutReturn(rest) };
}

function tooLong(line: number): Error {
  return new Error(`line ${line} is longer than ${MOST_LINE} characters`);
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** The fields of one line; undefined when a quote is not closed or stands inside a field. */
export function fieldsOf(text: string): string[] | undefined {
  if (!text.includes('"')) return text.split(',');
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  while (field.lastIndex <= text.length) {
    const found = field.exec(text);
    if (found === null) return undefined;
    const [, quoted, plain = '', after] = found;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (after === '') return fields;
  }
  return undefined;
}
