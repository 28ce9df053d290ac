/**
 * Writing a run folder: all of it, or nothing.
 *
 * Invariant: under the final name there is at every moment a whole old folder, nothing, or a whole
 * new one. A folder that is not a run folder (it lacks the marker file) is never touched, unless it
 * is empty. On failure the temporary sibling is removed and an old folder is put back.
 * Trade-off: replacing takes two renames, so for an instant there is no folder; no fsync, because a
 * run can be repeated.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Problem } from './problem.js';

/** Path inside the folder (forward slashes) → content. */
export type FolderFiles = Readonly<Record<string, string | Uint8Array>>;

const PLAIN_PATH = /^(?!\.)[A-Za-z0-9_.-]+(?:\/(?!\.)[A-Za-z0-9_.-]+)*$/;

/**
 * Writes a folder of files; undefined when it is there, else why nothing was written.
 * @param marker the file that makes a folder a run folder; must be among `files`
 */
export function writeFolderAtomically(
  folder: string,
  files: FolderFiles,
  marker = 'record.json',
): Problem | undefined {
  if (!Object.hasOwn(files, marker)) throw new Error(`a run folder needs ${marker}`);
  for (const path of Object.keys(files)) {
    if (!PLAIN_PATH.test(path)) throw new Error(`${path} is no plain path inside a folder`);
  }
  const target = resolve(folder);
  const temporary = sibling(target, 'new');
  const fail = (message: string): Problem => ({ file: folder, path: '', message });
  try {
    const taken = takenFolder(folder, marker);
    if (taken !== undefined) return taken;
    makeFolders(dirname(target));
    mkdirSync(temporary);
    for (const [path, content] of Object.entries(files)) {
      const file = join(temporary, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    replace(target, temporary);
    return undefined;
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary, { recursive: true, force: true });
    return fail(`cannot be written: ${writeRefusal(error)}`);
  }
}

/** Why something in a run folder could not be written, in a person's words. */
export function writeRefusal(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return WRITE_REFUSALS[code] ?? message;
}

/** What a failed system call means to the person who named the folder. */
const WRITE_REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
  EROFS: 'no permission to write there',
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'there is no space left on the disk',
  EFBIG: 'a file would be larger than this system allows',
  ENOENT: 'no folder can be made there',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENAMETOOLONG: 'the name is too long',
};

/** Why this folder may not be written: something stands there that is neither empty nor a run folder. */
export function takenFolder(folder: string, marker = 'record.json'): Problem | undefined {
  if (folder === '') return { file: folder, path: '', message: 'a folder name is missing' };
  if (mayReplace(resolve(folder), marker)) return undefined;
  return { file: folder, path: '', message: 'exists and is not a run folder; not overwritten' };
}

/**
 * The folder and those above it. One at a time, since Node's `recursive` never ends below a file
 * system that takes no folders, such as /proc.
 */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  mkdirSync(folder);
}

/** Nothing there, an empty folder, or a run folder. */
function mayReplace(target: string, marker: string): boolean {
  if (!existsSync(target)) return true;
  try {
    const names = readdirSync(target);
    return names.length === 0 || names.includes(marker);
  } catch {
    return false;
  }
}

function replace(target: string, temporary: string): void {
  if (!existsSync(target)) {
    renameSync(temporary, target);
    return;
  }
  const old = sibling(target, 'old');
  renameSync(target, old);
  try {
    renameSync(temporary, target);
  } catch (error) {
    renameSync(old, target);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** A name next to the target that nobody uses, on the same file system. */
function sibling(target: string, what: string): string {
  for (let n = 0; ; n++) {
    const name = join(dirname(target), `.${basename(target)}.${what}-${process.pid}-${n}`);
    if (!existsSync(name)) return name;
  }
}
