/**
 * `verify`: explores every reachable state of small hosts, or shows that the search can fail.
 *
 * Progress goes to standard error, the table to standard output; with --json one document instead.
 * Invariant: exit code 0 means that every named scope was explored whole, no property was broken and
 * each one that must be reached was. A breach is shown as its shortest path and can be written as a
 * trail, which `--replay` runs again on a fresh host.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { PLANTED_FAULTS, plant } from '../../core/explore/planted-faults.js';
import type { Scope } from '../../core/explore/scope.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import type { Progress } from '../../core/explore/search.js';
import { selfTest, type Tested } from '../../core/explore/self-test.js';
import {
  decodeTrail,
  encodeTrail,
  followTrail,
  type Trail,
  trailOf,
} from '../../core/explore/trail.js';
import { canonicalJson, encodeCommand } from '../../core/journal/codec.js';
import { runScope, type ScopeRun } from '../verify/run-scope.js';
import { verifyTable } from '../verify/table.js';
import { BAD_INPUT, type ExitCode, FAILED, OK } from './exit-code.js';
import type { Streams } from './streams.js';

export interface VerifyOptions {
  readonly platform?: string;
  readonly scope?: string;
  readonly selfTest?: boolean;
  readonly reduced?: boolean;
  readonly maxStates?: string;
  readonly trail?: string;
  readonly replay?: string;
  readonly json?: boolean;
}

export async function verify(options: VerifyOptions, streams: Streams): Promise<ExitCode> {
  if (options.replay !== undefined) return replayTrail(options.replay, streams);
  if (options.selfTest === true) return testSelf(options, streams);
  const scopes = chosenScopes(options);
  const maxStates = options.maxStates === undefined ? undefined : Number(options.maxStates);
  if (scopes.length === 0 || (maxStates !== undefined && !(maxStates > 0))) {
    streams.err(`${complaint(options, scopes)}\n`);
    return BAD_INPUT;
  }
  const runs = scopes.map((scope) => exploreOne(scope, options, maxStates, streams));
  if (options.json === true) streams.out(`${canonicalJson({ runs: runs.map(withoutPath) })}\n`);
  else streams.out(verifyTable(runs));
  return runs.every((run) => run.complete && run.problems.length === 0) ? OK : FAILED;
}

function chosenScopes({ platform, scope }: VerifyOptions): readonly Scope[] {
  if (scope !== undefined) {
    const found = findScope(scope);
    return found === undefined || (platform ?? found.platform) !== found.platform ? [] : [found];
  }
  return SCOPES.filter(
    (one) => one.size === 'small' && (platform === undefined || one.platform === platform),
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
  const run = runScope(scope, {
    clock: processorSeconds,
    onProgress: (progress, reduced) => {
      streams.err(progressLine(scope, progress, reduced, processorSeconds() - began));
    },
    ...(maxStates === undefined ? {} : { maxStates }),
    reducedOnly: options.reduced === true,
  });
  if (run.found !== undefined && options.reduced !== true) {
    tellPath(scope, trailOf(scope, run.found.path), options, streams);
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

function tellPath(scope: Scope, trail: Trail, options: VerifyOptions, streams: Streams): void {
  streams.err(`${scope.name}: shortest path to the breach\n`);
  for (const command of trail.commands) streams.err(`  ${encodeCommand(command)}\n`);
  if (options.trail === undefined) return;
  writeFileSync(options.trail, encodeTrail(trail));
  streams.err(`written to ${options.trail}; hypercarve verify --replay runs it again\n`);
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
  else streams.out(`${tested.length - missed} planted faults found, ${missed} missed\n`);
  return missed === 0 ? OK : FAILED;
}

function testedLine({ fault, noticed, properties, trail, states }: Tested): string {
  const length = trail?.commands.length ?? 0;
  const how = noticed
    ? `found by ${fault.noticedBy} after ${length} commands, ${states} states`
    : `NOT noticed by ${fault.noticedBy}; found: ${properties.join(', ') || 'nothing'}`;
  return `${fault.id} (${fault.platform}): ${how}\n`;
}

function replayTrail(file: string, streams: Streams): ExitCode {
  let trail: Trail;
  try {
    trail = decodeTrail(readFileSync(file, 'utf8'));
  } catch (error) {
    streams.err(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return BAD_INPUT;
  }
  const scope = findScope(trail.scope);
  const fault = PLANTED_FAULTS.find(({ id }) => id === trail.fault);
  if (scope === undefined || (trail.fault !== undefined && fault === undefined)) {
    streams.err(`${file}: unknown scope ${trail.scope} or fault ${trail.fault ?? 'none'}\n`);
    return BAD_INPUT;
  }
  const host = fault === undefined ? scope.build() : plant(scope.build(), fault);
  const met = followTrail(host, trail.commands);
  if (met === undefined) {
    streams.out(`${trail.commands.length} commands, no breach\n`);
    return OK;
  }
  for (const { invariant, message } of met.violations) {
    streams.out(`after command ${met.after}: ${invariant}: ${message}\n`);
  }
  return FAILED;
}

function withoutPath({ found: _, ...run }: ScopeRun): Omit<ScopeRun, 'found'> {
  return run;
}

function processorSeconds(): number {
  return process.cpuUsage().user / 1e6;
}
