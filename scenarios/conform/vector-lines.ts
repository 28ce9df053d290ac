/**
 * The lines of a vector file, one after another, whatever its size.
 *
 * Reads plain or gzip'ed files and standard input as bytes and decodes line by line, so that bad
 * bytes are found on their own line. Invariant: at most one line is held in memory, a line has an
 * upper length, and trouble is the last thing given, as data with the number of the line it is on.
 */
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface VectorLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** False: the file ends without a newline after this line. */
  readonly terminated: boolean;
}

export interface LineTrouble {
  /** From 1; absent = the file as a whole. */
  readonly line?: number;
  readonly trouble: string;
}

const NEWLINE = 0x0a;
const GZIP_MAGIC = [0x1f, 0x8b];
/** Longest line read, in bytes; the longest recorded one has some 40 KiB. */
export const MOST_LINE_BYTES = 16 * 1024 * 1024;

const SYSTEM_TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'this is a folder, not a file',
  EACCES: 'no permission to read this file',
  Z_BUF_ERROR: 'the compressed file is cut off',
  Z_DATA_ERROR: 'the compressed file is damaged',
};

/** Every line that is not blank, then at most one trouble. "-" is standard input. */
export async function* vectorLines(
  file: string,
  mostBytes = MOST_LINE_BYTES,
): AsyncGenerator<VectorLine | LineTrouble, void> {
  const splitter = new LineSplitter(mostBytes);
  try {
    for await (const chunk of openBytes(file)) yield* splitter.push(chunk);
    yield* splitter.end();
  } catch (error) {
    if (error instanceof LineError) yield { line: splitter.line, trouble: error.message };
    else yield { ...systemTrouble(error as NodeJS.ErrnoException, splitter.line) };
  }
}

/** The bytes of a file, unpacked where its name or its first bytes say that it is gzip'ed. */
async function* openBytes(file: string): AsyncGenerator<Buffer> {
  const bytes: Readable = file === '-' ? process.stdin : createReadStream(file);
  const chunks: AsyncIterator<Buffer> = bytes[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const all = startingWith(first.value, chunks);
  const isPacked = file.endsWith('.gz') || GZIP_MAGIC.every((byte, i) => first.value[i] === byte);
  if (!isPacked) return yield* all;
  const plain = createGunzip();
  // Errors of either stream reach the reader of `plain`, so nothing is left for the callback.
  pipeline(Readable.from(all), plain, () => undefined);
  yield* plain as AsyncIterable<Buffer>;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

function systemTrouble({ code = '', message }: NodeJS.ErrnoException, line: number): LineTrouble {
  const trouble = SYSTEM_TROUBLES[code] ?? `cannot be read: ${message}`;
  return code.startsWith('Z_') ? { line, trouble } : { trouble };
}

/** What is wrong with the line being read. */
class LineError extends Error {}

class LineSplitter {
  /** Number of the line being read. */
  line = 1;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #mostBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  *push(chunk: Buffer): Generator<VectorLine> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at));
      yield* this.#take(true);
      this.line += 1;
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  *end(): Generator<VectorLine> {
    yield* this.#take(false);
  }

  #keep(part: Buffer): void {
    this.#pendingBytes += part.length;
    if (this.#pendingBytes > this.#mostBytes) {
      throw new LineError(`the line is longer than ${this.#mostBytes} bytes`);
    }
    if (part.length > 0) this.#pending.push(part);
  }

  *#take(terminated: boolean): Generator<VectorLine> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    const text = this.#decode(bytes);
    if (text.trim() !== '') yield { line: this.line, text, terminated };
  }

  #decode(bytes: Buffer): string {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new LineError('the line is not UTF-8 text');
    }
  }
}
