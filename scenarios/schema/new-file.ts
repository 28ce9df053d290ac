/**
 * Writing a file that must not be there yet.
 *
 * Invariant: an existing file is never overwritten, and a failed write is told in the words of the
 * person who named the file.
 */
import { writeFileSync } from 'node:fs';
import type { Problem } from './problem.js';

/** What a failed system call means to the person who named the file. */
const WRITE_REFUSALS: Readonly<Record<string, string>> = {
  EEXIST: 'exists already; not overwritten',
  ENOENT: 'there is no such folder',
  EISDIR: 'this is a folder, not a file',
  EACCES: 'no permission to write here',
  EROFS: 'no permission to write here',
};

/** Why nothing was written; undefined = the file is there. */
export function writeNewFile(file: string, text: string): Problem | undefined {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return undefined;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { file, path: '', message: WRITE_REFUSALS[code] ?? `cannot be written: ${message}` };
  }
}
