/**
 * Writing run folders: all of them whole, or nothing.
 *
 * Invariant: under the final name there is at every moment a whole old folder, nothing, or a whole
 * new one. A folder that is not a run folder (it lacks the marker file) is never touched, unless it
 * is empty. On failure temporary siblings are removed, new folders taken away and old ones put back.
 * Trade-off: replacing takes two renames, so for an instant there is no folder; no fsync, because a
 * run can be repeated.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Problem } from './problem.js';

type Content = string | Uint8Array;

/**
 * Path inside the folder (forward slashes) → content, or who gives it when it is written: for many
 * files that would not fit into memory together. What it throws is told, and nothing is written.
 */
export type FolderFiles = Readonly<Record<string, Content | (() => Content)>>;

const PLAIN_PATH = /^(?!\.)[A-Za-z0-9_.-]+(?:\/(?!\.)[A-Za-z0-9_.-]+)*$/;

/** What is to be in a folder. */
export interface WantedFolder {
  readonly folder: string;
  readonly files: FolderFiles;
}

/**
 * Writes a folder of files; undefined when it is there, else why nothing was written.
 * @param marker the file that makes a folder a run folder; must be among `files`
 */
export function writeFolderAtomically(
  folder: string,
  files: FolderFiles,
  marker = 'record.json',
): Problem | undefined {
  return writeFoldersAtomically([{ folder, files }], marker);
}

/** The same for several: all of them are there, or all is as it was. */
export function writeFoldersAtomically(
  wanted: readonly WantedFolder[],
  marker = 'record.json',
): Problem | undefined {
  for (const { files } of wanted) assertFiles(files, marker);
  for (const { folder } of wanted) {
    const taken = takenFolder(folder, marker);
    if (taken !== undefined) return taken;
  }
  const made: string[] = [];
  const begun: Begun[] = [];
  let at = '';
  try {
    for (const { folder, files } of wanted) {
      at = folder;
      const target = resolve(folder);
      makeFolders(dirname(target), made);
      const one = { folder, target, temporary: sibling(target, 'new') };
      begun.push(one);
      writeFiles(one.temporary, files);
    }
    for (const one of begun) {
      at = one.folder;
      place(one);
    }
  } catch (error) {
    undo(begun, made);
    return { file: at, path: '', message: `cannot be written: ${writeRefusal(error)}` };
  }
  for (const { old } of begun) if (old !== undefined) rmSync(old, { recursive: true, force: true });
  return undefined;
}

interface Begun {
  readonly folder: string;
  readonly target: string;
  readonly temporary: string;
  /** Where the folder is that stood there before. */
  old?: string;
  placed?: boolean;
}

function assertFiles(files: FolderFiles, marker: string): void {
  if (!Object.hasOwn(files, marker)) throw new Error(`a run folder needs ${marker}`);
  for (const path of Object.keys(files)) {
    if (!PLAIN_PATH.test(path)) throw new Error(`${path} is no plain path inside a folder`);
  }
}

function writeFiles(folder: string, files: FolderFiles): void {
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'function' ? content() : content);
  }
}

function place(one: Begun): void {
  if (existsSync(one.target)) {
    const old = sibling(one.target, 'old');
    renameSync(one.target, old);
    one.old = old;
  }
  renameSync(one.temporary, one.target);
  one.placed = true;
}

/** Back to what was: the last first, and folders that were made on the way go if nobody uses them. */
function undo(begun: readonly Begun[], made: readonly string[]): void {
  for (const { target, temporary, old, placed } of [...begun].reverse()) {
    if (placed === true) renameSync(target, temporary);
    if (old !== undefined) renameSync(old, target);
  }
  for (const { temporary } of begun) {
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
  }
  unmakeFolders(made);
}

/** Takes away what `makeFolders` made, the last first, as long as nothing is in it. */
export function unmakeFolders(made: readonly string[]): void {
  for (const folder of [...made].reverse()) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
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
  EEXIST: 'a file stands there, not a folder',
  EISDIR: 'a folder stands there, not a file',
  ENAMETOOLONG: 'the name is too long',
};

/** Why this folder may not be written: something stands there that is neither empty nor a run folder. */
function takenFolder(folder: string, marker = 'record.json'): Problem | undefined {
  if (folder === '') return { file: folder, path: '', message: 'a folder name is missing' };
  if (mayReplace(resolve(folder), marker)) return undefined;
  return { file: folder, path: '', message: 'exists and is not a run folder; not overwritten' };
}

/**
 * The folder and those above it, those that are new noted in `made`. One at a time, since Node's `recursive` never ends below a file
 * system that takes no folders, such as /proc.
 */
export function makeFolders(folder: string, made: string[]): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder), made);
  mkdirSync(folder);
  made.push(folder);
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

/** A name next to the target that nobody uses, on the same file system. */
function sibling(target: string, what: string): string {
  for (let n = 0; ; n++) {
    const name = join(dirname(target), `.${basename(target)}.${what}-${process.pid}-${n}`);
    if (!existsSync(name)) return name;
  }
}
