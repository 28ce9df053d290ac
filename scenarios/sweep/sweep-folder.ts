/**
 * The run folder of a sweep on disk: manifest.json, blocks/, and at the end the tables.
 *
 * Every file is written under a temporary name and then renamed, the manifest with the tables' hashes
 * last; so whenever the process dies, what carries a final name is whole. Invariant: a folder that
 * is something else, of another sweep or of another version is never written to, and of what lies in
 * one of ours only files under names that a sweep gives are taken away. Trade-off: no fsync; what a
 * power cut tears is found by its hash and done again.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunRow } from '../../reports/sweep/run-row.js';
import { readRefusal } from '../schema/files.js';
import { makeFolders, unmakeFolders, writeRefusal } from '../schema/folder.js';
import type { Problem } from '../schema/problem.js';
import { decodeBlock } from './block.js';
import { type Manifest, manifestText, readManifest, type Shard } from './manifest.js';
import {
  BLOCKS,
  FINAL_NAMES,
  isBlockName,
  isTemporaryName,
  MANIFEST,
  temporaryName,
} from './own-names.js';
import { type Plan, taskCount } from './plan.js';

const NO_FILE = 'is a folder, not a file';

export class SweepFolder {
  readonly path: string;
  readonly manifest: Manifest;

  /** Folders that were not there before this sweep began; undefined = it goes on in an older one. */
  private readonly made: readonly string[] | undefined;

  constructor(path: string, manifest: Manifest, made?: readonly string[]) {
    this.path = path;
    this.manifest = manifest;
    this.made = made;
  }

  /** Takes away what was begun, where this sweep began it and no block is in it. */
  withdraw(): void {
    if (this.made === undefined || this.blockCount > 0) return;
    rmSync(join(this.path, MANIFEST), { force: true });
    unmakeFolders(this.made);
  }

  get isFinished(): boolean {
    return this.manifest.tables !== undefined;
  }

  /** Blocks that lie there, whole or not. */
  get blockCount(): number {
    const entries = entriesOf(join(this.path, BLOCKS));
    return entries.filter(({ name, isFile }) => isFile && isBlockName(name)).length;
  }

  /** The rows of a task, undefined when there are none yet, or what is wrong with the file. */
  readBlock(task: string): readonly RunRow[] | undefined | string {
    const file = join(this.path, blockFile(task));
    if (!existsSync(file)) return undefined;
    const bytes = bytesOf(file);
    return typeof bytes === 'string' ? bytes : decodeBlock(task, bytes.toString('utf8'));
  }

  /** Why it was not written; undefined = it is there. */
  writeBlock(task: string, text: string): string | undefined {
    return writeWhole(this.path, blockFile(task), text);
  }

  /**
   * Tables first, then away with blocks that no table is made of, then the manifest. The first
   * reason why one was not written; undefined = all is there.
   */
  finish(
    files: Readonly<Record<string, string | Uint8Array>>,
    tasks: ReadonlySet<string>,
  ): string | undefined {
    for (const [name, content] of Object.entries(files)) {
      const refused = name === MANIFEST ? undefined : writeWhole(this.path, name, content);
      if (refused !== undefined) return refused;
    }
    for (const { name, isFile } of entriesOf(join(this.path, BLOCKS))) {
      const used = tasks.has(name.replace(/\.json$/, ''));
      if (!used && isFile && isBlockName(name)) rmSync(join(this.path, BLOCKS, name));
    }
    for (const { name, isFile } of entriesOf(this.path)) {
      if (isFile && isTemporaryName(name)) rmSync(join(this.path, name));
    }
    return writeWhole(this.path, MANIFEST, files[MANIFEST]);
  }

  /** Paths in the folder of what no sweep writes; it is left alone. */
  strangers(): readonly string[] {
    const above = entriesOf(this.path).filter(
      ({ name, isFolder }) => name !== BLOCKS && (isFolder || !FINAL_NAMES.includes(name)),
    );
    const below = entriesOf(join(this.path, BLOCKS)).filter(
      ({ name, isFolder }) => isFolder || !isBlockName(name),
    );
    return [...above.map(({ name }) => name), ...below.map(({ name }) => `${BLOCKS}/${name}`)];
  }
}

export function blockFile(task: string): string {
  return `${BLOCKS}/${task}.json`;
}

/** A folder of this plan to work in: a new one, or with `resume` the one that is there. */
export function openFolder(
  path: string,
  plan: Plan,
  shard: Shard | undefined,
  resume: boolean,
): SweepFolder | Problem {
  const fail = problemAt(path);
  if (isFree(path)) {
    const manifest = { ...plan, ...(shard === undefined ? {} : { shard }) };
    const begun = begin(path, manifest);
    return 'refused' in begun
      ? fail(`cannot be written: ${begun.refused}`)
      : new SweepFolder(path, manifest, begun.made);
  }
  const folder = readFolder(path);
  if ('message' in folder) return { suggestion: 'choose another --out', ...folder };
  const { manifest } = folder;
  if (manifest.sweepId !== plan.sweepId) {
    const what = `holds another sweep ("${manifest.title}", or an earlier text of this one)`;
    return fail(`${what}; nothing was changed`, 'choose another --out');
  }
  if (shardText(manifest.shard) !== shardText(shard)) {
    return fail(`holds ${shardText(manifest.shard)} of this sweep, not ${shardText(shard)}`);
  }
  if (!resume) {
    const what = shard === undefined ? 'this sweep' : `${shardText(shard)} of this sweep`;
    const [state, hint] = stateOf(folder);
    return fail(`holds ${what} already, and it ${state}`, hint);
  }
  return blocksProblem(path) ?? folder;
}

function stateOf({ isFinished, blockCount, manifest }: SweepFolder): [string, string] {
  const { shard } = manifest;
  const again = 'to run it again choose another --out';
  if (isFinished) return ['is finished', `its report is summary.json there; ${again}`];
  if (shard !== undefined && blockCount >= (taskCount(manifest) - shard.index + 1) / shard.of) {
    return ['is done', `\`merge\` takes it as it is; ${again}`];
  }
  return ['is not finished', '--resume goes on from there'];
}

/** Why blocks cannot be kept in the folder; there is a place for them where it is undefined. */
function blocksProblem(path: string): Problem | undefined {
  const blocks = join(path, BLOCKS);
  try {
    mkdirSync(blocks, { recursive: true });
  } catch (error) {
    return problemAt(blocks)(`cannot be written: ${writeRefusal(error)}`);
  }
  const wrong = entriesOf(blocks).find(({ name, isFolder }) => isFolder && isBlockName(name));
  return wrong && problemAt(join(blocks, wrong.name))(NO_FILE, 'move it away');
}

/** An existing folder, its manifest and its tables checked against their hashes. */
export function readFolder(path: string): SweepFolder | Problem {
  const fail = problemAt(path);
  const file = join(path, MANIFEST);
  if (!existsSync(file)) {
    return fail(existsSync(path) ? 'is not a run folder of a sweep' : 'there is no such folder');
  }
  const text = bytesOf(file);
  const manifest = typeof text === 'string' ? text : readManifest(text.toString('utf8'));
  if (typeof manifest === 'string') return { ...fail(manifest), file };
  for (const name of FINAL_NAMES) {
    const table = join(path, name);
    if (!existsSync(table)) continue;
    const bytes = bytesOf(table);
    if (typeof bytes === 'string') return problemAt(table)(bytes, 'move it away');
    const sha256 = manifest.tables?.[name];
    if (sha256 === undefined || sha256Of(bytes) === sha256) continue;
    return {
      file: table,
      path: '',
      message: 'is damaged: it does not match its hash in manifest.json; nothing was changed',
      suggestion: 'move it away; `sweep --resume` makes it again from the blocks',
    };
  }
  return new SweepFolder(path, manifest);
}

/** Nothing there, or nothing but what an attempt that died at once left behind. */
export function isFree(path: string): boolean {
  if (!existsSync(path)) return true;
  try {
    const names = readdirSync(path).filter((name) => !isTemporaryName(name));
    return names.every((name) => name === BLOCKS && readdirSync(join(path, name)).length === 0);
  } catch {
    return false;
  }
}

/** What a file holds, or in a person's words why it cannot be read. */
function bytesOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') return NO_FILE;
    return `cannot be read: ${readRefusal(error) ?? message}`;
  }
}

/** In the order of names; a link is neither file nor folder. */
function entriesOf(folder: string) {
  const entries = readdirSync(folder, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isFile: entry.isFile(),
    isFolder: entry.isDirectory(),
  }));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function shardText(shard: Shard | undefined): string {
  return shard === undefined ? 'the whole' : `shard ${shard.index}/${shard.of}`;
}

function problemAt(file: string): (message: string, suggestion?: string) => Problem {
  return (message, suggestion) => ({ file, path: '', message, ...(suggestion && { suggestion }) });
}

/** A folder with its manifest alone; why there is none, and then nothing of it is left. */
function begin(
  path: string,
  manifest: Manifest,
): { readonly made: readonly string[] } | { readonly refused: string } {
  const made: string[] = [];
  let refused: string | undefined;
  try {
    makeFolders(resolve(path, BLOCKS), made);
    refused = writeWhole(path, MANIFEST, manifestText(manifest));
  } catch (error) {
    refused = writeRefusal(error);
  }
  if (refused === undefined) return { made };
  unmakeFolders(made);
  return { refused };
}

/** Why a file was not written, and then nothing of it is left; undefined = it is there, whole. */
function writeWhole(
  folder: string,
  name: string,
  content: string | Uint8Array,
): string | undefined {
  const temporary = join(folder, temporaryName(name));
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, join(folder, name));
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    return writeRefusal(error);
  }
}
