/**
 * Writing a file that must not be there yet.
 *
 * Invariant: an existing file is never overwritten, nothing is left of one that could not be written
 * whole, and a failed write is told in the words of the person who named the file.
 */
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { writeRefusal } from './folder.js';
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
    const descriptor = openSync(file, 'wx');
    try {
      writeFileSync(descriptor, text);
    } catch (error) {
      rmSync(file);
      throw error;
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const message = WRITE_REFUSALS[code] ?? `cannot be written: ${writeRefusal(error)}`;
    return { file, path: '', message };
  }
}
