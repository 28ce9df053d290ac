/**
 * `run`: one scenario on one or several platforms.
 *
 * Input, `--set`, platforms and hosts are all checked before anything runs, so bad input has written
 * nothing. Invariant: exit code 1 exactly when an expectation failed or an invariant was violated;
 * the report folder is written before the report is printed. With --watch see watch.ts.
 */
import { basename } from 'node:path';
import { platformNamed, profileIds } from '../../core/platform/names.js';
import { suggestWord } from '../../core/units/nearest-word.js';
import { renderJson } from '../../reports/json.js';
import type { RunRecord } from '../../reports/record.js';
import { renderComparison } from '../../reports/terminal/comparison.js';
import { renderRun } from '../../reports/terminal/run-report.js';
import { buildHost, optionFindings, type ParentScenario } from '../run/build-host.js';
import { notApplying } from '../run/not-applying.js';
import { loadPlatform, type Platform } from '../run/platform.js';
import { type RunInput, runScenario } from '../run/run.js';
import { ThrownInRun } from '../run/thrown.js';
import { unknownIds } from '../run/unknown-ids.js';
import { expectedIds } from '../schema/expected-ids.js';
import { readInput } from '../schema/files.js';
import { loadScenario, type ReadableParts, type ScenarioSource } from '../schema/load.js';
import { scenarioPlatforms } from '../schema/platforms.js';
import {
  formatProblem,
  formatProblems,
  type Problem,
  quoteValue,
  sortProblems,
} from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, FAILED, OK } from './exit-code.js';
import { RUN_FILES, writeRunFolders } from './run-folder.js';
import type { Streams } from './streams.js';
import { watched } from './watch.js';

export interface RunOptions {
  readonly seed?: string;
  readonly set?: readonly string[];
  /** Names separated by commas. */
  readonly platform?: string;
  /** Folder to write. */
  readonly report?: string;
  /** Also where the folder holds another run. */
  readonly replace?: boolean;
  readonly audit?: boolean;
  readonly json?: boolean;
  readonly full?: boolean;
  /** Run again whenever the file changes. */
  readonly watch?: boolean;
}

interface Prepared {
  readonly inputs: readonly RunInput[];
  readonly text: string;
  readonly source: ScenarioSource;
  /** What does not apply, on platforms that the file is not for. */
  readonly notes: readonly Problem[];
}

export async function run(file: string, options: RunOptions, streams: Streams): Promise<ExitCode> {
  const apart = optionsApart(options);
  if (apart !== undefined) return badInput([{ ...apart, path: '' }], streams);
  if (options.watch !== true) return runOnce(file, options, streams);
  // What a watch wrote itself it replaces; what was there before it does not.
  let own = options.replace ?? false;
  const again = async (): Promise<ExitCode> => {
    const code = await runOnce(file, { ...options, replace: own }, streams);
    own ||= code !== BAD_INPUT;
    return code;
  };
  return watched(file, again, streams);
}

/** Options that say nothing together, or nothing alone. */
function optionsApart({ watch, json, replace, report }: RunOptions) {
  if (watch === true && json === true) {
    const message = '--json prints one document, and --watch would print one after another';
    return { file: '--watch --json', message };
  }
  if (replace !== true || report !== undefined) return undefined;
  return { file: '--replace', message: 'it says that --report may replace a run; name the folder' };
}

async function runOnce(file: string, options: RunOptions, streams: Streams): Promise<ExitCode> {
  const { json = false, full = false, replace = false, report } = options;
  const prepared = await prepare(file, options);
  if ('problems' in prepared) return badInput(prepared.problems, streams);
  const records = prepared.inputs.map((one) => runTold(one, prepared.source));
  const input = { text: prepared.text, set: options.set ?? [] };
  const kept = report === undefined ? undefined : writeRunFolders(report, records, input, replace);
  if (kept !== undefined && 'problem' in kept) return badInput([kept.problem], streams);
  streams.out(json ? renderJson(oneOrAll(records)) : reportText(records, full, streams));
  for (const folder of kept?.written ?? []) {
    streams.err(`run: wrote ${RUN_FILES.join(', ')} to ${folder}\n`);
  }
  for (const note of prepared.notes) streams.err(`run: note: ${formatProblem(note)}\n`);
  return records.every(({ verdict }) => verdict.ok) ? OK : FAILED;
}

/** A throw in it is the program's fault, and is told with the line and the command that it came of. */
function runTold(input: RunInput, source: ScenarioSource): RunRecord {
  try {
    return runScenario(input);
  } catch (error) {
    if (!(error instanceof ThrownInRun)) throw error;
    const told = new Error(formatProblem(source.problemAt(error.finding)), { cause: error.cause });
    const { stack } = error.cause instanceof Error ? error.cause : error;
    told.stack = `${told.message}\n${stack}`;
    throw told;
  }
}

function badInput(problems: readonly Problem[], streams: Streams): ExitCode {
  streams.err(`${formatProblems(problems)}\n`);
  return BAD_INPUT;
}

/** Everything wrong is told at once: with the options, the file, and what its platforms say. */
async function prepare(
  file: string,
  options: RunOptions,
): Promise<Prepared | { problems: readonly Problem[] }> {
  const seed = seedOf(options.seed);
  const named = options.platform === undefined ? undefined : namedPlatforms(options.platform);
  const problems = [...(seed.problems ?? []), ...(named?.problems ?? [])];
  const input = readInput(file);
  if ('problem' in input) return { problems: [...problems, input.problem] };
  const loaded = loadScenario(input.text, file, options.set ?? []);
  if ('problems' in loaded) {
    problems.push(...loaded.problems);
    const { readable } = loaded;
    if (readable === undefined) return { problems };
    const platforms = await platformsOf(named?.names ?? readable.platforms);
    problems.push(...platforms.flatMap((one) => remarks(one, readable)));
    const unknown = await unknownIds(readable.expected, platforms, readable.platforms);
    return { problems: [...problems, ...unknown.map(readable.source.problemAt)] };
  }
  const { source } = loaded;
  const scenario = { ...loaded.scenario, seed: seed.value ?? loaded.scenario.seed };
  const stated = scenarioPlatforms(scenario);
  const expected = expectedIds(scenario);
  const platforms = await platformsOf(named?.names ?? stated);
  const hosts = platforms.map((platform) => hostOn(platform, scenario, source));
  problems.push(...hosts.flatMap((one) => ('problems' in one ? one.problems : [])));
  const unknown = await unknownIds(expected, platforms, stated);
  problems.push(...unknown.map(source.problemAt));
  if (problems.length > 0) return { problems };
  const whole = { scenario, file: basename(file), audit: options.audit ?? false };
  const inputs = hosts.flatMap((one) => ('problems' in one ? [] : [{ ...whole, ...one }]));
  const apart = await notApplying(scenario, expected, stated, platforms);
  return { inputs, text: input.text, source, notes: sortProblems(apart.map(source.problemAt)) };
}

const MOST_SEED = 0xffff_ffff;

function seedOf(text: string | undefined): { value?: number; problems?: readonly Problem[] } {
  if (text === undefined) return {};
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seed <= MOST_SEED) return { value: seed };
  const message = `a seed is a whole number from 0 to ${MOST_SEED}`;
  return { problems: [{ file: `--seed ${text}`, path: '', message }] };
}

/** The names of `--platform a,b`. */
function namedPlatforms(text: string): {
  readonly names?: readonly string[];
  readonly problems?: readonly Problem[];
} {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) {
    const message = 'the name of a platform is missing';
    return { names, problems: [{ file: `--platform ${text}`, path: '', message }] };
  }
  const problems = names
    .filter((name) => !isPlatform(name))
    .map((name): Problem => {
      const message = `unknown platform ${quoteValue(name)}`;
      const suggestion = suggestWord(name, profileIds());
      return { file: `--platform ${text}`, path: '', message, suggestion };
    });
  return problems.length > 0 ? { names, problems } : { names };
}

function isPlatform(name: string): boolean {
  return platformNamed(name) !== undefined;
}

/** Those that exist, one of each profile: `nitro` and its dated name are the same. */
async function platformsOf(names: readonly string[]): Promise<readonly Platform[]> {
  const loaded = await Promise.all(names.filter(isPlatform).map(loadPlatform));
  return [...new Map(loaded.map((one) => [one.profile.id, one])).values()];
}

/** What a platform says of the readable parts of a file that is malformed elsewhere. */
function remarks(platform: Platform, { parent, options, source }: ReadableParts): Problem[] {
  if (parent === undefined) {
    return optionFindings(options, platform.profile).map(source.problemAt);
  }
  const host = hostOn(platform, { parent, options, seed: 1 }, source);
  return 'problems' in host ? [...host.problems] : [];
}

function hostOn(
  { profile, newSurface }: Platform,
  scenario: ParentScenario,
  source: ScenarioSource,
): Pick<RunInput, 'host' | 'provenance' | 'surface'> | { problems: readonly Problem[] } {
  const built = buildHost(scenario, profile);
  if (!('problems' in built)) return { ...built, surface: newSurface() };
  const findings = built.problems
    .filter(({ path }) => path !== 'options')
    .map(({ path, message, suggestion }) => ({
      path: ['parent'],
      message: `${path}: ${message}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    }));
  const all = [...optionFindings(scenario.options, profile), ...findings];
  return { problems: all.map(source.problemAt) };
}

function oneOrAll(records: readonly RunRecord[]): RunRecord | readonly RunRecord[] {
  return records.length === 1 ? records[0] : records;
}

function reportText(records: readonly RunRecord[], full: boolean, { style }: Streams): string {
  const reports = records.map((record) => renderRun(record, style, { full }));
  if (records.length > 1) reports.unshift(renderComparison(records, style));
  return reports.join('\n');
}
