/**
 * `run`: one scenario on one or several platforms.
 *
 * Input, `--set`, platforms and hosts are all checked before anything runs, so bad input has written
 * nothing. Invariant: exit code 1 exactly when an expectation failed or an invariant was violated;
 * the report folder is written before the report is printed. With --watch see watch.ts.
 */
import { basename } from 'node:path';
import { platformNamed, profileIds } from '../../core/platform/names.js';
import { renderJson } from '../../reports/json.js';
import type { RunRecord } from '../../reports/record.js';
import { renderComparison } from '../../reports/terminal/comparison.js';
import { renderRun } from '../../reports/terminal/run-report.js';
import { buildHost } from '../run/build-host.js';
import { loadPlatform } from '../run/platform.js';
import { type RunInput, runScenario } from '../run/run.js';
import { readInput } from '../schema/files.js';
import { type LoadedScenario, loadScenario } from '../schema/load.js';
import { nearestWord } from '../schema/nearest.js';
import { scenarioPlatforms } from '../schema/platforms.js';
import { formatProblems, type Problem } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, FAILED, OK } from './exit-code.js';
import { writeRunFolders } from './run-folder.js';
import type { Streams } from './streams.js';
import { watched } from './watch.js';

export interface RunOptions {
  readonly seed?: string;
  readonly set?: readonly string[];
  /** Names separated by commas. */
  readonly platform?: string;
  /** Folder to write. */
  readonly report?: string;
  readonly audit?: boolean;
  readonly json?: boolean;
  readonly full?: boolean;
  /** Run again whenever the file changes. */
  readonly watch?: boolean;
}

type Prepared = { readonly inputs: readonly RunInput[]; readonly text: string };

export async function run(file: string, options: RunOptions, streams: Streams): Promise<ExitCode> {
  return options.watch === true
    ? watched(file, () => runOnce(file, options, streams), streams)
    : runOnce(file, options, streams);
}

async function runOnce(file: string, options: RunOptions, streams: Streams): Promise<ExitCode> {
  const { json = false, full = false, report } = options;
  const prepared = await prepare(file, options);
  if ('problems' in prepared) return badInput(prepared.problems, streams);
  const records = prepared.inputs.map(runScenario);
  if (report !== undefined) {
    const problem = writeRunFolders(report, records, prepared.text);
    if (problem !== undefined) return badInput([problem], streams);
  }
  streams.out(json ? renderJson(oneOrAll(records)) : reportText(records, full, streams));
  return records.every(({ verdict }) => verdict.ok) ? OK : FAILED;
}

function badInput(problems: readonly Problem[], streams: Streams): ExitCode {
  streams.err(`${formatProblems(problems)}\n`);
  return BAD_INPUT;
}

async function prepare(
  file: string,
  options: RunOptions,
): Promise<Prepared | { problems: readonly Problem[] }> {
  const input = readInput(file);
  if ('problem' in input) return { problems: [input.problem] };
  const loaded = loadScenario(input.text, file, options.set ?? []);
  if ('problems' in loaded) return loaded;
  const seed = options.seed === undefined ? loaded.scenario.seed : parseSeed(options.seed);
  if (typeof seed !== 'number') return { problems: [seed] };
  const scenario = { ...loaded.scenario, seed };
  const platforms = platformsOf(options.platform?.split(',') ?? scenarioPlatforms(scenario));
  if ('problems' in platforms) return platforms;
  const built = await Promise.all(
    platforms.map((name) => inputFor({ ...loaded, scenario }, name, options)),
  );
  const problems = built.flatMap((one) => ('problems' in one ? one.problems : []));
  if (problems.length > 0) return { problems };
  return { inputs: built.flatMap((one) => ('problems' in one ? [] : [one])), text: input.text };
}

const MOST_SEED = 0xffff_ffff;

function parseSeed(text: string): number | Problem {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seed <= MOST_SEED) return seed;
  const message = `a seed is a whole number from 0 to ${MOST_SEED}`;
  return { file: `--seed ${text}`, path: '', message };
}

function platformsOf(
  list: readonly string[],
): readonly string[] | { problems: readonly Problem[] } {
  const names = list.map((name) => name.trim());
  const problems = names
    .filter((name) => platformNamed(name) === undefined)
    .map((name): Problem => {
      const near = nearestWord(name, profileIds());
      const suggestion =
        near === undefined ? `known: ${profileIds().join(', ')}` : `did you mean \`${near}\`?`;
      return { file: 'platform', path: '', message: `unknown platform "${name}"`, suggestion };
    });
  return problems.length > 0 ? { problems } : [...new Set(names)];
}

async function inputFor(
  { scenario, source }: LoadedScenario,
  platform: string,
  { audit = false }: RunOptions,
): Promise<RunInput | { problems: readonly Problem[] }> {
  const { profile, newSurface } = await loadPlatform(platform);
  const built = buildHost(scenario, profile);
  if ('problems' in built) {
    const problems = built.problems.map(({ path, message, suggestion }) =>
      source.problemAt({
        path: path === 'options' ? ['options'] : ['parent'],
        message: path === 'options' ? message : `${path}: ${message}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      }),
    );
    return { problems };
  }
  const { host, provenance } = built;
  const file = basename(source.file);
  return { scenario, file, host, provenance, surface: newSurface(), audit };
}

function oneOrAll(records: readonly RunRecord[]): RunRecord | readonly RunRecord[] {
  return records.length === 1 ? records[0] : records;
}

function reportText(records: readonly RunRecord[], full: boolean, { style }: Streams): string {
  const reports = records.map((record) => renderRun(record, style, { full }));
  if (records.length > 1) reports.unshift(renderComparison(records, style));
  return reports.join('\n');
}
