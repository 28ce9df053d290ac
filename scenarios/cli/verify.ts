/**
 * `verify`: explores every reachable state of small hosts, or shows that the search can fail.
 *
 * Progress goes to standard error, the table to standard output; with --json one document instead.
 * Invariant: exit code 0 means that every named scope was explored whole, no property was broken and
 * each one that must be reached was. A breach is shown as its shortest path, a scenario file that
 * `run --audit` takes on a fresh host.
 */
import { existsSync } from 'node:fs';
import type { Scope } from '../../core/explore/scope.js';
import { SCOPES } from '../../core/explore/scopes.js';
import type { Found, Progress } from '../../core/explore/search.js';
import { FEW, selfTest, type Tested } from '../../core/explore/self-test.js';
import { trailOf } from '../../core/explore/trail.js';
import { canonicalJson } from '../../core/journal/codec.js';
import { writeNewFile } from '../schema/new-file.js';
import { formatProblem } from '../schema/problem.js';
import { runScope, type ScopeRun } from '../verify/run-scope.js';
import { verifyTable } from '../verify/table.js';
import { trailScenario } from '../verify/trail-scenario.js';
import { BAD_INPUT, type ExitCode, FAILED, OK } from './exit-code.js';
import type { Streams } from './streams.js';

export interface VerifyOptions {
  readonly platform?: string;
  readonly scope?: string;
  readonly selfTest?: boolean;
  readonly reduced?: boolean;
  readonly maxStates?: string;
  /** File to write the path to a breach to. */
  readonly trail?: string;
  readonly json?: boolean;
}

const LINE_EVERY_MS = 1000;

/** @param all the scopes to choose from */
export async function verify(
  options: VerifyOptions,
  streams: Streams,
  all: readonly Scope[] = SCOPES,
): Promise<ExitCode> {
  if (options.selfTest === true) return testSelf(options, streams);
  const scopes = chosenScopes(options, all);
  const maxStates = options.maxStates === undefined ? undefined : Number(options.maxStates);
  const { trail } = options;
  if (trail !== undefined && existsSync(trail)) {
    streams.err(`${trail}: is there already; not overwritten\n`);
    return BAD_INPUT;
  }
  if (scopes.length === 0 || (maxStates !== undefined && !(maxStates > 0))) {
    streams.err(`${complaint(options, scopes)}\n`);
    return BAD_INPUT;
  }
  const runs = scopes.map((scope) => exploreOne(scope, options, maxStates, streams));
  if (options.json === true) streams.out(`${canonicalJson({ runs: runs.map(withoutPath) })}\n`);
  else streams.out(verifyTable(runs));
  return runs.every((run) => run.complete && run.problems.length === 0) ? OK : FAILED;
}

function chosenScopes({ platform, scope }: VerifyOptions, all: readonly Scope[]): readonly Scope[] {
  return all.filter(
    (one) =>
      (scope === undefined ? one.size === 'small' : one.name === scope) &&
      (platform === undefined || one.platform === platform),
  );
}

function complaint(options: VerifyOptions, scopes: readonly Scope[]): string {
  if (scopes.length > 0) return `--max-states ${options.maxStates}: not a positive number`;
  const known = SCOPES.map(({ name, sentence }) => `  ${name}: ${sentence}`).join('\n');
  return `no such scope; there are:\n${known}`;
}

function exploreOne(
  scope: Scope,
  options: VerifyOptions,
  maxStates: number | undefined,
  streams: Streams,
): ScopeRun {
  const began = processorSeconds();
  let lastMs = performance.now();
  const run = runScope(scope, {
    clock: processorSeconds,
    onProgress: (progress, reduced) => {
      if (performance.now() - lastMs < LINE_EVERY_MS) return;
      lastMs = performance.now();
      streams.err(progressLine(scope, progress, reduced, processorSeconds() - began));
    },
    ...(maxStates === undefined ? {} : { maxStates }),
    reducedOnly: options.reduced === true,
  });
  if (run.found !== undefined && options.reduced !== true) {
    tellPath(scope, run.found, options, streams);
  }
  return run;
}

function progressLine(scope: Scope, progress: Progress, reduced: boolean, seconds: number): string {
  const { unique, expanded, transitions, depth } = progress;
  const rate = Math.round(expanded / Math.max(seconds, 1e-6));
  const what = reduced ? 'reduced' : 'full';
  return (
    `${scope.name} (${what}): ${unique} states, ${unique - expanded} to expand, depth ${depth}, ` +
    `${transitions} transitions, ${rate} states/s\n`
  );
}

function tellPath(scope: Scope, found: Found, { trail }: VerifyOptions, streams: Streams): void {
  const text = trailScenario(trailOf(scope, found.path), scope.build(), found.breach.message);
  const file = trail ?? 'trail.yaml';
  streams.err(`${scope.name}: a shortest path to the breach, for hypercarve run ${file} --audit\n`);
  streams.err(text);
  const problem = trail === undefined ? undefined : writeNewFile(trail, text);
  if (problem !== undefined) streams.err(`${formatProblem(problem)}\n`);
}

function testSelf({ json = false }: VerifyOptions, streams: Streams): ExitCode {
  const tested = selfTest((one) => {
    if (!json) streams.out(testedLine(one));
  });
  const missed = tested.filter(({ noticed }) => !noticed).length;
  const faults = tested.map(({ fault, scope, noticed, properties, states, trail }) => {
    const { id, noticedBy } = fault;
    return { id, scope, noticedBy, noticed, properties, states, path: trail?.commands ?? [] };
  });
  if (json) streams.out(`${canonicalJson({ found: tested.length - missed, missed, faults })}\n`);
  else {
    const found = `${tested.length - missed} planted faults found in ${FEW} commands or fewer`;
    streams.out(`${found} from a fresh parent, ${missed} missed\n`);
  }
  return missed === 0 ? OK : FAILED;
}

function testedLine({ fault, noticed, properties, trail, states }: Tested): string {
  const length = trail?.commands.length ?? 0;
  const how = noticed
    ? `found by ${fault.noticedBy} after ${length} commands, ${states} states`
    : `NOT noticed by ${fault.noticedBy} in ${FEW} commands; found after ${length}: ` +
      (properties.join(', ') || 'nothing');
  return `${fault.id} (${fault.platform}): ${how}\n`;
}

function withoutPath({ found: _, ...run }: ScopeRun): Omit<ScopeRun, 'found'> {
  return run;
}

function processorSeconds(): number {
  return process.cpuUsage().user / 1e6;
}
