/**
 * `fleet`: a workload or a trace on many parents.
 *
 * The input is checked as a whole before anything runs. Invariant: with --json standard output is one
 * document that equal inputs make equal; the rate, which is no result, is shown on the terminal only.
 */
import { runId } from '../../core/journal/journal.js';
import { isShippedPolicy } from '../../core/placement/fleet-policies.js';
import { ENGINE_VERSION } from '../../core/version.js';
import { CheckProgress } from '../engine/check-progress.js';
import { fleetWatch } from '../engine/fleet-progress.js';
import { type FleetReport, renderFleet } from '../engine/fleet-report.js';
import type { FleetRunInput } from '../engine/fleet-run-input.js';
import { loadFleet } from '../engine/load-fleet.js';
import type { FleetResult } from '../engine/result.js';
import { runStartedWatched } from '../engine/run-started.js';
import { type StartedFleet, startFleet } from '../engine/start-fleet.js';
import { writeDemand } from '../engine/trace/write-demand.js';
import { readInput } from '../schema/files.js';
import { formatProblems, type Problem } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, FAILED, INTERRUPTED, OK } from './exit-code.js';
import { hearingSignals } from './signals.js';
import type { Streams } from './streams.js';

export interface FleetOptions {
  readonly json?: boolean;
  readonly audit?: boolean;
  /** CSV file to write the workload to, instead of a run. */
  readonly demand?: string;
  /** Columns of that file, by the name of a trace format. */
  readonly columns?: string;
}

const MICROS = 1e6;

export async function fleet(
  file: string,
  options: FleetOptions,
  streams: Streams,
): Promise<ExitCode> {
  const { json = false, audit = false, demand } = options;
  if (options.columns !== undefined && demand === undefined) {
    const message = 'they are columns of the trace that --demand writes; a run has none';
    return badInput([{ file: `--columns ${options.columns}`, path: '', message }], streams);
  }
  const text = readInput(file);
  if ('problem' in text) return badInput([text.problem], streams);
  const loaded = loadFleet(text.text, file);
  if ('problems' in loaded) return badInput(loaded.problems, streams);
  const progress = new CheckProgress('fleet', streams.err);
  const started = await startFleet(loaded, file, progress);
  if ('problems' in started) return badInput(started.problems, streams);
  const { input, contents } = started;
  if (demand !== undefined) {
    const asked = loaded.fleet.workload;
    const groups = 'trace' in asked ? asked.trace.groups : 'ignore';
    const columns = options.columns ?? 'hypercarve';
    const written = progress.steps('requests written');
    const end = await heedingSignals((isStopping) =>
      writeDemand(demand, input.requests, columns, groups, (rows) => {
        written(rows, started.requests);
        return !isStopping();
      }),
    );
    if (end === 'stopped') return stopped(streams);
    if (end !== undefined) return badInput([end], streams);
    streams.out(`wrote ${demand}\n`);
    return OK;
  }
  for (const remark of started.remarks) streams.err(`fleet: ${remark}\n`);
  const { title, platform, seed } = loaded.fleet;
  const before = process.cpuUsage();
  const audited = audit || input.audit === true;
  const changes = { audit: audited };
  const result = await watched(started, changes, streams);
  if (result === undefined) return stopped(streams);
  if ('problems' in result) return badInput(result.problems, streams);
  const { user, system } = process.cpuUsage(before);
  const report: FleetReport = {
    title,
    engine: ENGINE_VERSION,
    runId: runId({ engine: ENGINE_VERSION, fleet: loaded.fleet, contents }),
    platform,
    policy: input.policy.name,
    seed,
    parents: input.hosts.length,
    audited,
    result,
  };
  streams.out(
    json
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderFleet(report, (user + system) / MICROS, streams.style),
  );
  return result.violations.count === 0 ? OK : FAILED;
}

/** undefined = Ctrl-C came first. */
async function watched(
  started: StartedFleet,
  changes: Partial<FleetRunInput>,
  { err }: Streams,
): Promise<FleetResult | { readonly problems: readonly Problem[] } | undefined> {
  const run = (isStopping: () => boolean) =>
    runStartedWatched(started, changes, fleetWatch(started.requests, err, isStopping));
  // A policy of the user's that never answers keeps this thread from hearing a signal: the signal ends the
  // process then, as it does a process that does not ask for it. Nothing is written before the end.
  return isShippedPolicy(started.input.policy) ? heedingSignals(run) : run(() => false);
}

/** What asks at its pauses whether a signal came. */
function heedingSignals<T>(work: (isStopping: () => boolean) => Promise<T>): Promise<T> {
  let stopping = false;
  const stop = () => {
    stopping = true;
  };
  return hearingSignals(stop, () => work(() => stopping));
}

function stopped(streams: Streams): ExitCode {
  streams.err('fleet: stopped; nothing was written\n');
  return INTERRUPTED;
}

function badInput(problems: readonly Problem[], streams: Streams): ExitCode {
  streams.err(`${formatProblems(problems)}\n`);
  return BAD_INPUT;
}
