/**
 * The run folder: what a run was, what it gave, and a page to read, for later commands.
 *
 * manifest.json names the run and the hash of every file; record.json is the record; summary.txt is
 * the report as plain text. Invariant: no clock and no machine in it, so equal runs give equal
 * folders, byte for byte; and a folder that holds another run, or another result of the same, is
 * replaced only if it is said so. With
 * several platforms each has its own folder below the given one.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJson } from '../../reports/json.js';
import type { RunRecord } from '../../reports/record.js';
import { renderRun } from '../../reports/terminal/run-report.js';
import type { Style } from '../../reports/terminal/style.js';
import { writeFoldersAtomically } from '../schema/folder.js';
import { textOf, under } from '../schema/plain.js';
import { type Problem, quoteValue } from '../schema/problem.js';

export const MANIFEST_VERSION = 1;
/** What is in a run folder. */
export const RUN_FILES = ['manifest.json', 'record.json', 'summary.txt'] as const;
const PLAIN: Style = { color: false, width: 80, unicode: true };

/** What was read, and what `--set` changed in it. */
export interface ScenarioInput {
  readonly text: string;
  readonly set: readonly string[];
}

/** Writes the folders, all of them or none; their names, or the first thing that went wrong. */
export function writeRunFolders(
  folder: string,
  records: readonly RunRecord[],
  input: ScenarioInput,
  replace: boolean,
): { readonly written: readonly string[] } | { readonly problem: Problem } {
  const folderOf = ({ scenario }: RunRecord) =>
    records.length === 1 ? folder : join(folder, scenario.platform.replace(/[^A-Za-z0-9.-]/g, '-'));
  const wanted = records.map((record) => ({
    folder: folderOf(record),
    files: runFolder(record, input),
    runId: record.runId,
    resultHash: record.resultHash,
  }));
  const kept = replace ? undefined : wanted.map(otherRun).find((one) => one !== undefined);
  if (kept !== undefined) return { problem: kept };
  const problem = writeFoldersAtomically(wanted);
  return problem === undefined ? { written: wanted.map((one) => one.folder) } : { problem };
}

interface WantedRun {
  readonly folder: string;
  readonly runId: string;
  readonly resultHash: string;
}

/** That another run than this one is there; nothing for the same run, or none. */
function otherRun({ folder, runId, resultHash }: WantedRun): Problem | undefined {
  if (folder === '' || !existsSync(join(folder, 'record.json'))) return undefined;
  const manifest = manifestIn(folder);
  const isSame = under(manifest, 'runId') === runId;
  if (isSame && under(manifest, 'resultHash') === resultHash) return undefined;
  const title = textOf(under(under(manifest, 'scenario'), 'title'));
  const platform = textOf(under(manifest, 'platform'));
  const what = title === undefined ? '' : `, ${quoteValue(title)} on ${platform}`;
  const message = isSame
    ? 'holds another result of this very run, which another build made; not overwritten'
    : `holds another run${what}; not overwritten`;
  const suggestion = 'name another folder, or add --replace';
  return { file: folder, path: '', message, suggestion };
}

function manifestIn(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function runFolder(record: RunRecord, { text, set }: ScenarioInput): Record<string, string> {
  const files = {
    'record.json': renderJson(record),
    'summary.txt': renderRun(record, PLAIN),
  };
  const { engine, runId, resultHash, scenario, verdict } = record;
  const manifest = {
    manifestVersion: MANIFEST_VERSION,
    engine,
    runId,
    resultHash,
    scenario: {
      file: scenario.file,
      title: scenario.title,
      sha256: sha256(text),
      ...(set.length === 0 ? {} : { set }),
    },
    platform: scenario.platform,
    seed: scenario.seed,
    ok: verdict.ok,
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, sha256(text)])),
  };
  return { 'manifest.json': `${JSON.stringify(manifest, undefined, 2)}\n`, ...files };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
