/**
 * Reading an input file or standard input into text, safely.
 *
 * Invariant: at most `MOST_BYTES` + 1 are ever read, whatever the path names (a device, a pipe, a
 * growing file), and bytes that are not UTF-8 are refused instead of being replaced.
 * Trade-off: synchronous; a command line reads its input once, before anything else.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Problem } from './problem.js';
import { MOST_BYTES } from './yaml-guard.js';

const CHUNK_BYTES = 64 * 1024;
const PAUSE_MS = 10;
const WAIT_FOR_WRITER_MS = 1_000;

/** What a failed system call means to the person who named the file. */
const SYSTEM_REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'this is a folder, not a file',
  EACCES: 'no permission to read this file',
  EPERM: 'no permission to read this file',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the file name is too long',
  ERR_INVALID_ARG_VALUE: 'this is no file name',
};

/** Why a file could not be read, in a person's words; undefined where nothing is known but the error. */
export function readRefusal(error: unknown): string | undefined {
  return SYSTEM_REFUSALS[(error as NodeJS.ErrnoException).code ?? ''];
}

/** The text of a file, or of standard input for "-". */
export function readInput(file: string): { readonly text: string } | { readonly problem: Problem } {
  const fail = (message: string): { problem: Problem } => ({
    problem: { file, path: '', message },
  });
  if (file === '') return fail('a file name is missing');
  let bytes: Uint8Array;
  try {
    bytes = file === '-' ? readBounded(0) : readPath(file);
  } catch (error) {
    return fail(readRefusal(error) ?? `cannot be read: ${(error as Error).message}`);
  }
  if (bytes.length > MOST_BYTES) return fail(`larger than ${MOST_BYTES / 1024 / 1024} MiB`);
  return decode(bytes, fail);
}

function decode(
  bytes: Uint8Array,
  fail: (message: string) => { problem: Problem },
): { readonly text: string } | { readonly problem: Problem } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return fail('not UTF-8 text');
  }
}

function readPath(file: string): Uint8Array {
  // Opening a named pipe that nobody writes to would wait for ever.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    if (status.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    return readBounded(descriptor, status.isFIFO() ? WAIT_FOR_WRITER_MS : 0);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Everything up to the end, or the first `MOST_BYTES` + 1 and a bit.
 * @param patienceMs how long an end before the first byte is taken for a writer still to come
 */
function readBounded(descriptor: number, patienceMs = 0): Uint8Array {
  const chunks: Buffer[] = [];
  let total = 0;
  let waitedMs = 0;
  while (total <= MOST_BYTES) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readChunk(descriptor, chunk);
    if (length === 0 && total === 0 && waitedMs < patienceMs) {
      pause();
      waitedMs += PAUSE_MS;
      continue;
    }
    if (length === 0) break;
    chunks.push(chunk.subarray(0, length));
    total += length;
  }
  return Buffer.concat(chunks);
}

/** One read; waits where standard input is non-blocking and has nothing yet. */
function readChunk(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      pause();
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
