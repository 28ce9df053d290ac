/**
 * Runs one scenario on one platform and records everything a report shows.
 *
 * The run walks the moments in order, asks the platform's surface for a program of steps, and runs it
 * in place on the host; every command goes into the journal. Invariant: the record depends only on
 * the scenario, the platform and the seed; the invariants hold at the end (with `audit` after every
 * command), and a violation is part of the record, never a crash.
 */

import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { interleave, type Runner, runProgram } from '../../core/host/program.js';
import { recordOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { type Before, noteBefore } from '../../core/invariants/before.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { type JournalEntry, journalEntry, resultHash, runId } from '../../core/journal/journal.js';
import { ENGINE_VERSION } from '../../core/version.js';
import type {
  HostPicture,
  RunRecord,
  Snapshot,
  TimelineEntry,
  ViolationRecord,
} from '../../reports/record.js';
import { RECORD_VERSION } from '../../reports/record.js';
import type { Finding } from '../schema/problem.js';
import type { LaunchRequest, Scenario, TimelineItem } from '../schema/scenario.js';
import { atTheEnd } from './at-the-end.js';
import { type Moment, momentsOf } from './clock.js';
import { cpuIdsOf } from './cpu-ids.js';
import { checkExpectations } from './expect.js';
import { imageOf } from './image.js';
import { hostPicture, snapshot } from './picture.js';
import { groupRefusals } from './refusals.js';
import type { LaunchAsk, Launched, LaunchOutcome, Refused, Surface } from './surface.js';
import { type Doing, ThrownInRun } from './thrown.js';
import { describeAsk, describeCommand, entryOf, verdictOf } from './timeline.js';

export interface RunInput {
  readonly scenario: Scenario;
  /** File name shown in the record; "-" for standard input. */
  readonly file: string;
  readonly host: Host;
  readonly provenance: readonly string[];
  readonly surface: Surface;
  /** Check every invariant after every command, not only at the end. */
  readonly audit: boolean;
}

/** Snapshots taken by themselves over a churn, for the occupancy line. */
const CHURN_SAMPLES = 24;

/** The moving parts of one run. */
export class Run {
  readonly timeline: TimelineEntry[] = [];
  readonly snapshots: Snapshot[] = [];
  readonly names = new Map<number, { name: string; askedMib: number }>();
  readonly live = new Map<string, Launched>();
  readonly outcomes = new Map<string, LaunchOutcome>();
  readonly journal: JournalEntry[] = [];
  readonly violations: ViolationRecord[] = [];
  readonly input: RunInput;
  private doing: Doing | undefined;
  /** The parent before anything was reserved. */
  readonly parent: HostPicture;

  constructor(input: RunInput) {
    this.input = input;
    this.parent = hostPicture(input.host, input.provenance);
  }

  /** Runs every command of the scenario; an audit also judges the move that it made. */
  readonly take: Runner = (host, command) => {
    const { kind } = command;
    const number = this.journal.length + 1;
    this.doing = { what: 'carrying out', number, kind };
    const before = this.input.audit ? noteBefore(host, command) : undefined;
    const decision = runInPlace(host, command);
    this.journal.push(journalEntry(command, decision));
    if (before !== undefined) {
      this.doing = { what: 'auditing', number, kind };
      this.check(before);
    }
    this.doing = undefined;
    return decision;
  };

  /** What the scenario says at a place; a throw is told as of there. */
  at(path: Finding['path'], act: () => void): void {
    try {
      act();
    } catch (error) {
      throw new ThrownInRun(path, this.doing, this.input.host.profile.id, error);
    }
  }

  check(before?: Before): void {
    const afterCommand = this.journal.length;
    for (const { invariant, message, quirk } of checkInvariants(this.input.host, before)) {
      if (quirk === undefined) this.violations.push({ invariant, message, afterCommand });
      else if (!this.violations.some((known) => known.message === message)) {
        this.violations.push({ invariant, message, afterCommand, quirk });
      }
    }
  }

  picture(at: number, title: string): void {
    this.snapshots.push(snapshot(this.input.host, this.names, at, title));
  }
}

export function runScenario(input: RunInput): RunRecord {
  const run = new Run(input);
  const { scenario } = input;
  const { reservation } = scenario;
  if (reservation !== undefined) run.at(['reservation'], () => reserve(run, 0, reservation));
  run.picture(0, 'after the reservation');
  const moments = momentsOf(scenario);
  const churn = moments.filter((moment) => moment.churn);
  const sampleEvery = Math.max(1, Math.floor(churn.length / CHURN_SAMPLES));
  let churned = 0;
  for (const moment of moments) {
    run.at(moment.path, () => happen(run, moment));
    if (moment.churn && ++churned % sampleEvery === 0) run.picture(moment.at, 'churn');
  }
  run.picture(moments.at(-1)?.at ?? 0, 'at the end');
  if (!input.audit) run.at([], () => run.check());
  return reportOf(run);
}

function happen(run: Run, { at, item, churn }: Moment): void {
  if ('launch' in item) launchTogether(run, at, [item.launch]);
  else if ('together' in item) launchTogether(run, at, item.together);
  else if ('terminate' in item) end(run, at, item.terminate, 'terminate', churn);
  else if ('crash' in item) end(run, at, item.crash, 'crash', churn);
  else if ('reserve' in item) reserve(run, at, item.reserve);
  else if ('snapshot' in item) run.picture(at, item.snapshot);
  else parentOrCpu(run, at, item);
}

function parentOrCpu(run: Run, at: number, item: TimelineItem): void {
  const { host, surface } = run.input;
  if ('parent' in item) {
    parent(run, at, item.parent);
  } else if ('command' in item) {
    command(run, at, item.command);
  } else if ('unreserve' in item) {
    const outcome = runProgram(host, surface.unreserve(host), run.take);
    run.timeline.push(entryOf(at, 'unreserve', undefined, 'stop the reservation service', outcome));
  } else if ('cpuOffline' in item || 'cpuOnline' in item) {
    const online = 'cpuOnline' in item;
    const cpu = online ? item.cpuOnline : item.cpuOffline;
    const failed = runProgram(host, surface.setOnline(host, cpu, online), run.take);
    const kind = online ? 'cpu-online' : 'cpu-offline';
    run.timeline.push(entryOf(at, kind, undefined, `CPU ${cpu}`, failed));
  }
}

function reserve(run: Run, at: number, input: NonNullable<Scenario['reservation']>): void {
  const { host, surface } = run.input;
  const outcome = runProgram(host, surface.reserve(host, input), run.take);
  const text = outcome.ok ? outcome.text : 'reservation';
  run.timeline.push(entryOf(at, 'reserve', undefined, text, outcome));
}

function launchTogether(run: Run, at: number, requests: readonly LaunchRequest[]): void {
  const { host, surface } = run.input;
  const together = requests.length > 1;
  const asks = requests.map((request) => askOf(run, request, together));
  const programs = asks.map((ask) => surface.launch(host, ask));
  // QingTian's tools queue starts unless an option says otherwise (its README: serialise).
  const queued = !together || host.options.concurrency === 'serialise';
  const outcomes = queued
    ? programs.map((program) => runProgram(host, program, run.take))
    : interleave(host, programs, run.take);
  for (const [i, outcome] of outcomes.entries()) {
    const ask = asks[i];
    run.outcomes.set(ask.name, outcome);
    if (outcome.ok) {
      run.names.set(outcome.uid, { name: ask.name, askedMib: outcome.askedMib });
      run.live.set(ask.name, outcome);
    }
    run.timeline.push(entryOf(at, 'launch', ask.name, describeAsk(ask), outcome));
  }
}

function askOf(run: Run, request: LaunchRequest, together: boolean): LaunchAsk {
  const { name, vcpus, cid, debug, heartbeat } = request;
  return {
    name,
    image: imageOf(run.input.scenario, request.image),
    vcpus,
    cpuIds: request.cpuIds === undefined ? undefined : cpuIdsOf(request.cpuIds),
    memoryMib: request.memory,
    cid,
    debug,
    heartbeat,
    together,
  };
}

function end(run: Run, at: number, name: string, kind: 'terminate' | 'crash', churn: boolean) {
  const enclave = run.live.get(name);
  if (enclave === undefined) {
    if (!churn) run.timeline.push(notRunning(at, kind, name));
    return;
  }
  const { host, surface } = run.input;
  const failed = runProgram(host, surface[kind](host, enclave), run.take);
  if (failed === undefined) forget(run, name);
  const text = kind === 'crash' ? 'ends by itself' : 'ended on request';
  run.timeline.push(entryOf(at, kind, name, text, failed));
}

function notRunning(at: number, kind: 'terminate' | 'crash', name: string): TimelineEntry {
  return { at, kind, name, ok: true, text: 'is not running: nothing to do' };
}

/** An entry for every named enclave that is no more. */
function forgetEnded(run: Run, at: number, by: string): void {
  for (const [name, { uid }] of [...run.live]) {
    if (recordOf(run.input.host.tree, uid) !== undefined) continue;
    forget(run, name);
    run.timeline.push({ at, kind: 'event', name, ok: true, text: `ended: ${by}` });
  }
}

function forget(run: Run, name: string): void {
  run.live.delete(name);
}

/**
 * A step as written; the enclaves it makes have no name in the scenario. Where a platform's whole
 * reservation is one command, it counts as one.
 */
function command(run: Run, at: number, given: Command): void {
  const { refusal } = run.take(run.input.host, given);
  const failed: Refused | undefined =
    refusal === undefined ? undefined : { ok: false, refusal, stage: given.kind, leftBehind: [] };
  const kind = given.kind === run.input.surface.reservation ? 'reserve' : 'command';
  run.timeline.push(entryOf(at, kind, undefined, describeCommand(given), failed));
  forgetEnded(run, at, given.kind);
}

/** Parent commands go straight to the host; enclaves that ended with it get an entry each. */
function parent(run: Run, at: number, what: 'stop' | 'start' | 'crash' | 'terminate'): void {
  const { host } = run.input;
  const command: Command = { kind: what === 'start' ? 'parent.boot' : `parent.${what}` };
  const decision = run.take(host, command);
  forgetEnded(run, at, `parent ${what}`);
  const { refusal } = decision;
  const failed: Refused | undefined =
    refusal === undefined ? undefined : { ok: false, refusal, stage: what, leftBehind: [] };
  run.timeline.push(entryOf(at, 'parent', undefined, `parent VM: ${what}`, failed));
}

function reportOf(run: Run): RunRecord {
  const { scenario, file, host, surface, audit } = run.input;
  const { title, teaches, source, derived, differs, seed } = scenario;
  const platform = host.profile.id;
  const { timeline, violations } = run;
  const parentMib = run.snapshots.at(-1)?.capacity.memoryMib.parent ?? 0;
  const expectations = checkExpectations({ host, timeline, parentMib }, scenario.expect);
  const plain = { title, teaches, file, platform, seed, options: scenario.options, derived };
  const head = differs.length === 0 ? plain : { ...plain, differs };
  return {
    recordVersion: RECORD_VERSION,
    engine: { name: 'hypercarve', version: ENGINE_VERSION },
    runId: runId({ engine: ENGINE_VERSION, scenario, platform, seed }),
    resultHash: resultHash(run.journal),
    scenario: source === undefined ? head : { ...head, source },
    host: run.parent,
    timeline,
    snapshots: run.snapshots,
    refusals: groupRefusals([...host.profile.rules, ...surface.rules], timeline),
    expectations,
    violations,
    audited: audit ? 'every-command' : 'end',
    commands: run.journal.length,
    verdict: verdictOf(timeline, atTheEnd(host), expectations, violations),
  };
}
