/**
 * `report`: run folders read back; one is shown as it was, several stand side by side.
 *
 * Invariant: only what a folder's manifest vouches for is shown: a record that does not match its
 * hash, or is of another version, is named and nothing is printed. Trade-off: a folder of several
 * platforms holds one folder each; it is read as those, in alphabetical order.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJson } from '../../reports/json.js';
import { readRecord } from '../../reports/read-record.js';
import type { RunRecord } from '../../reports/record.js';
import type { Origin } from '../../reports/terminal/compared-runs.js';
import { renderComparison } from '../../reports/terminal/comparison.js';
import { renderRun } from '../../reports/terminal/run-report.js';
import { listOf, textOf, under } from '../schema/plain.js';
import { formatProblems, type Problem } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, OK } from './exit-code.js';
import { MANIFEST_VERSION } from './run-folder.js';
import type { Streams } from './streams.js';

export interface ReportOptions {
  readonly full?: boolean;
  readonly json?: boolean;
}

export function report(
  folders: readonly string[],
  { full = false, json = false }: ReportOptions,
  streams: Streams,
): ExitCode {
  const read = folders.flatMap(platformFolders).map(readRunFolder);
  const problems = read.flatMap((one) => ('problems' in one ? one.problems : []));
  if (problems.length > 0) {
    streams.err(`${formatProblems(problems)}\n`);
    return BAD_INPUT;
  }
  const runs = read.flatMap((one) => ('problems' in one ? [] : [one]));
  const records = runs.map(({ record }) => record);
  const [first] = records;
  if (json) streams.out(renderJson(records.length === 1 ? first : records));
  else if (records.length === 1) streams.out(renderRun(first, streams.style, { full }));
  else {
    const origins = runs.map(({ origin }) => origin);
    streams.out(renderComparison(records, streams.style, origins));
  }
  return OK;
}

/** The folder itself, or those of each platform in it. */
function platformFolders(folder: string): string[] {
  if (existsSync(join(folder, 'manifest.json')) || !existsSync(folder)) return [folder];
  try {
    const inside = readdirSync(folder).sort();
    const runs = inside.filter((name) => existsSync(join(folder, name, 'manifest.json')));
    return runs.length > 0 ? runs.map((name) => join(folder, name)) : [folder];
  } catch {
    return [folder];
  }
}

type ReadFolder =
  | { readonly record: RunRecord; readonly origin: Origin }
  | { readonly problems: readonly Problem[] };

function readRunFolder(folder: string): ReadFolder {
  const record = join(folder, 'record.json');
  const fail = (message: string, file = folder): ReadFolder => ({
    problems: [{ file, path: '', message }],
  });
  if (!existsSync(folder)) return fail('there is no such folder');
  let manifest: unknown;
  let text: string;
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    if (isOfSweep(manifest)) return { problems: [sweepProblem(folder)] };
    text = readFileSync(record, 'utf8');
  } catch {
    return fail(
      'is not a run folder: `run --report` writes one with manifest.json and record.json',
    );
  }
  const expected = hashOfRecord(manifest);
  if (expected === undefined) {
    return fail(
      `is not a run folder of version ${MANIFEST_VERSION}`,
      join(folder, 'manifest.json'),
    );
  }
  if (createHash('sha256').update(text).digest('hex') !== expected) {
    return fail('is damaged: it does not match its hash in manifest.json', record);
  }
  const read = readRecord(text);
  return 'record' in read
    ? { ...read, origin: originOf(folder, manifest) }
    : { problems: read.problems.map((problem) => ({ file: record, ...problem })) };
}

/** What the manifest says of the scenario beyond the record; folders of older runs say less. */
function originOf(folder: string, manifest: unknown): Origin {
  const scenario = under(manifest, 'scenario');
  const sha256 = textOf(under(scenario, 'sha256'));
  return {
    folder,
    ...(sha256 === undefined ? {} : { scenarioSha256: sha256 }),
    set: listOf(under(scenario, 'set')).filter((one) => typeof one === 'string'),
  };
}

function isOfSweep(manifest: unknown): boolean {
  return typeof manifest === 'object' && manifest !== null && 'sweepId' in manifest;
}

function sweepProblem(folder: string): Problem {
  const message = 'is the run folder of a sweep, which holds no single run';
  const suggestion =
    'summary.json has its report; reports/sweep/TABLES.md has queries for its tables';
  return { file: folder, path: '', message, suggestion };
}

/** What the manifest says the record's SHA-256 is; undefined = no manifest of this version. */
function hashOfRecord(manifest: unknown): string | undefined {
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  if (!('manifestVersion' in manifest) || manifest.manifestVersion !== MANIFEST_VERSION) {
    return undefined;
  }
  if (!('files' in manifest) || typeof manifest.files !== 'object') return undefined;
  const hash: unknown = (manifest.files as Readonly<Record<string, unknown>>)?.['record.json'];
  return typeof hash === 'string' ? hash : undefined;
}
