/**
 * `verify`: explores every reachable state of small hosts, or shows that the search can fail.
 *
 * Progress goes to standard error, the table to standard output; with --json one document instead.
 * Invariant: exit code 0 means that every named scope was explored whole, no property was broken, each
 * one that must be reached was, and the counts of shipped scopes are the pinned ones. A breach (a command that
 * throws is one, too) is shown as its shortest path, a scenario file that `run --audit` takes on a fresh host.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, format, parse } from 'node:path';
import type { Scope } from '../../core/explore/scope.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { FEW, selfTest, type Tested } from '../../core/explore/self-test.js';
import { canonicalJson } from '../../core/journal/codec.js';
import { counted } from '../../core/units/counted.js';
import { nearestWord } from '../../core/units/nearest-word.js';
import { writeNewFile } from '../schema/new-file.js';
import { formatProblem } from '../schema/problem.js';
import { commandsTried } from '../verify/commands-tried.js';
import { type PinDifferences, readPins } from '../verify/pinned.js';
import { explorationWatch } from '../verify/progress.js';
import { rulesMet } from '../verify/rules-met.js';
import { type PathToBreach, runScope, type ScopeRun } from '../verify/run-scope.js';
import { verifyTable } from '../verify/table.js';
import { trailScenario } from '../verify/trail-scenario.js';
import { BAD_INPUT, type ExitCode, FAILED, OK } from './exit-code.js';
import type { Streams } from './streams.js';

export interface VerifyOptions {
  /** Names of platforms; by default all. */
  readonly platform?: readonly string[];
  /** Names of scopes; by default all small ones. */
  readonly scope?: readonly string[];
  readonly selfTest?: boolean;
  readonly reduced?: boolean;
  readonly maxStates?: string;
  /** Name what was checked always and reached sometimes. */
  readonly properties?: boolean;
  /** File to write the path to a breach to. */
  readonly trail?: string;
  readonly json?: boolean;
}

/** What asks for scopes, beside the words for it. */
const NOT_OF_SELF_TEST = [
  ['platform', '--platform'],
  ['scope', '--scope'],
  ['reduced', '--reduced'],
  ['maxStates', '--max-states'],
  ['trail', '--trail'],
  ['properties', '--properties'],
] as const satisfies readonly (readonly [keyof VerifyOptions, string])[];

/**
 * @param all the scopes to choose from
 * @param kept folder of the pinned counts; by default the package's
 */
export async function verify(
  options: VerifyOptions,
  streams: Streams,
  all: readonly Scope[] = SCOPES,
  kept?: string,
): Promise<ExitCode> {
  if (options.selfTest === true) {
    const [other] = NOT_OF_SELF_TEST.filter(([key]) => options[key] !== undefined);
    if (other === undefined) return testSelf(options, streams);
    streams.err(`${other[1]}: --self-test has scopes and faults of its own\n`);
    return BAD_INPUT;
  }
  const scopes = chosenScopes(options, all);
  const maxStates = options.maxStates === undefined ? undefined : Number(options.maxStates);
  const pins = readPins(kept);
  const wrong = complaint(options, scopes) ?? (typeof pins === 'string' ? pins : undefined);
  if (wrong !== undefined || typeof pins === 'string') {
    streams.err(`${wrong}\n`);
    return BAD_INPUT;
  }
  let breaches = 0;
  const runs = scopes.map((scope) => {
    const run = exploreOne(scope, { options, maxStates, streams, pins });
    if (run.breach !== undefined)
      tellPath(scope, run.breach, trailFile(options, ++breaches), streams);
    return run;
  });
  const rules = rulesMet(runs, scopes);
  const commands = commandsTried(runs, scopes);
  if (options.json === true) streams.out(`${canonicalJson({ runs, rules, commands })}\n`);
  else streams.out(verifyTable({ runs, rules, commands }, streams.style, options.properties));
  return runs.every((run) => run.complete && run.problems.length === 0) ? OK : FAILED;
}

function chosenScopes({ platform, scope }: VerifyOptions, all: readonly Scope[]): readonly Scope[] {
  return all.filter(
    (one) =>
      (scope === undefined ? one.size === 'small' : scope.includes(one.name)) &&
      (platform === undefined || platform.includes(one.platform)),
  );
}

/** What is wrong with the options, in words; undefined = nothing. */
function complaint(options: VerifyOptions, scopes: readonly Scope[]): string | undefined {
  const { maxStates, platform, scope, trail } = options;
  const there = scopes.map((_, at) => trailFile(options, at + 1) ?? '').find(existsSync);
  if (there !== undefined) return `${there}: is there already; not overwritten`;
  if (trail !== undefined && !isFolder(dirname(trail))) {
    return `${trail}: there is no folder ${dirname(trail)}`;
  }
  const missing = scope?.find((name) => !scopes.some((one) => one.name === name));
  const strange = platform?.find((name) => !PLATFORMS.includes(name));
  if (strange !== undefined) return noPlatform(strange);
  if (scopes.length === 0 || missing !== undefined) return noScope(platform, missing);
  if (
    maxStates === undefined ||
    (Number.isSafeInteger(Number(maxStates)) && Number(maxStates) > 0)
  ) {
    return undefined;
  }
  return `--max-states ${maxStates}: not a positive whole number`;
}

const PLATFORMS: readonly string[] = [...new Set(SCOPES.map(({ platform }) => platform))];

function noPlatform(name: string): string {
  const hint = meant('--platform', name, PLATFORMS);
  return `--platform ${name}: no platform with scopes${hint}; there are ${PLATFORMS.join(', ')}`;
}

/** Why nothing was chosen, with the scopes that there are. */
function noScope(platforms: readonly string[] = [], scope: string | undefined): string {
  const known = SCOPES.map(({ name, sentence }) => `  ${name}: ${sentence}`).join('\n');
  const named = [
    ...platforms.map((name) => `--platform ${name}`),
    ...(scope === undefined ? [] : [`--scope ${scope}`]),
  ];
  const names = SCOPES.map(({ name }) => name);
  return `${named.join(' ')}: no such scope${meant('--scope', scope, names)}; there are:\n${known}`;
}

/** " (did you mean …?)" of a word that was misspelt, else nothing. */
function meant(option: string, word: string | undefined, words: readonly string[]): string {
  if (word === undefined || words.includes(word)) return '';
  const near = nearestWord(word, words);
  return near === undefined ? '' : ` (did you mean \`${option} ${near}\`?)`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** File for the path to the `nth` breach: `--trail t.yaml` means t.yaml, t-2.yaml, t-3.yaml … */
function trailFile({ trail }: VerifyOptions, nth: number): string | undefined {
  if (trail === undefined || nth === 1) return trail;
  const { dir, name, ext } = parse(trail);
  return format({ dir, name: `${name}-${nth}`, ext });
}

interface Exploring {
  readonly options: VerifyOptions;
  readonly maxStates: number | undefined;
  readonly streams: Streams;
  readonly pins: PinDifferences;
}

function exploreOne(scope: Scope, { options, maxStates, streams, pins }: Exploring): ScopeRun {
  const clocks = { seconds: processorSeconds, nowMs: () => performance.now() };
  return runScope(scope, {
    clock: processorSeconds,
    onProgress: explorationWatch(scope.name, streams.err, clocks),
    ...(maxStates === undefined ? {} : { maxStates }),
    reducedOnly: options.reduced === true,
    countsReached: options.properties === true,
    pins,
  });
}

function tellPath(
  scope: Scope,
  { commands, message }: PathToBreach,
  trail: string | undefined,
  streams: Streams,
): void {
  const text = trailScenario({ scope: scope.name, commands }, scope.build(), message);
  const file = trail ?? 'trail.yaml';
  streams.err(`${scope.name}: a shortest path to the breach, for hypercarve run ${file} --audit\n`);
  streams.errAsIs(text);
  const problem = trail === undefined ? undefined : writeNewFile(trail, text);
  if (problem !== undefined) streams.err(`${formatProblem(problem)}\n`);
}

function testSelf({ json = false }: VerifyOptions, streams: Streams): ExitCode {
  const tested = selfTest((one) => {
    if (!json) streams.out(testedLine(one));
  });
  const missed = tested.filter(({ noticed }) => !noticed).length;
  const faults = tested.map(({ fault, trail, ...told }) => {
    const { id, noticedBy } = fault;
    return { id, noticedBy, ...told, path: trail?.commands ?? [] };
  });
  if (json) streams.out(`${canonicalJson({ found: tested.length - missed, missed, faults })}\n`);
  else {
    const found = `${counted(tested.length - missed, 'planted fault')} found in ${FEW} commands or fewer`;
    streams.out(`${found} from a fresh parent, ${missed} missed\n`);
  }
  return missed === 0 ? OK : FAILED;
}

function testedLine({ fault, noticed, properties, trail, states, gaveUp }: Tested): string {
  const { id, platform, noticedBy } = fault;
  const commands = counted(trail?.commands.length ?? 0, 'command');
  if (noticed)
    return `${id} (${platform}): found by ${noticedBy} after ${commands}, ${states} states\n`;
  const instead =
    trail === undefined
      ? `nothing is broken in ${gaveUp ? `the first ${states} states` : `all ${states} states`}`
      : `broken after ${commands}: ${properties.join(', ')}`;
  return `NOT FOUND: fault ${id} (invariant ${noticedBy}), ${platform}: ${instead}\n`;
}

function processorSeconds(): number {
  return process.cpuUsage().user / 1e6;
}
