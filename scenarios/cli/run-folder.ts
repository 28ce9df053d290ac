/**
 * The run folder: what a run was, what it gave, and a page to read, for later commands.
 *
 * manifest.json names the run and the hash of every file; record.json is the record; summary.txt is
 * the report as plain text. Invariant: no clock and no machine in it, so equal runs give equal
 * folders, byte for byte. With several platforms each has its own folder below the given one.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { renderJson } from '../../reports/json.js';
import type { RunRecord } from '../../reports/record.js';
import { renderRun } from '../../reports/terminal/run-report.js';
import type { Style } from '../../reports/terminal/style.js';
import { writeFoldersAtomically } from '../schema/folder.js';
import type { Problem } from '../schema/problem.js';

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
): { readonly written: readonly string[] } | { readonly problem: Problem } {
  const folderOf = ({ scenario }: RunRecord) =>
    records.length === 1 ? folder : join(folder, scenario.platform.replace(/[^A-Za-z0-9.-]/g, '-'));
  const wanted = records.map((record) => ({
    folder: folderOf(record),
    files: runFolder(record, input),
  }));
  const problem = writeFoldersAtomically(wanted);
  return problem === undefined ? { written: wanted.map((one) => one.folder) } : { problem };
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
