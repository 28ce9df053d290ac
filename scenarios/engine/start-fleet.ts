/**
 * From a fleet file to a run ready to start: parents built and prepared, workload and policy opened.
 *
 * Invariant: everything that can be wrong with the input is found here, before the run: parents that
 * cannot be built, reservations a platform refuses, traces with bad lines, modules that are no
 * policy. Paths in a fleet file are relative to it.
 */
import { dirname, resolve } from 'node:path';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import type { Finding, Problem } from '../schema/problem.js';
import { earlyEvents } from './before-first-ask.js';
import { buildParents, type RefusedEntry } from './build-parents.js';
import type { CheckProgress } from './check-progress.js';
import type { FleetRunInput } from './fleet-run-input.js';
import { type LoadedFleet, strayEvents } from './load-fleet.js';
import { openPolicyModule } from './policy-module.js';
import { OPENB_LIFETIMES, recordedMix } from './recorded-workloads.js';
import type { FleetRequest, OnRefusal } from './request.js';
import { roundedUp } from './round-up.js';
import type { FleetFile } from './schema.js';
import { checkedTrace } from './trace/checked-trace.js';
import { TRACE_FORMATS, type TraceColumns } from './trace/columns.js';
import { readTrace } from './trace/read-trace.js';
import { type Arrivals, drawRequests, type Lifetimes } from './workload.js';

export interface StartedFleet {
  readonly input: FleetRunInput;
  /** Why nothing can run on some of the parents, and what a trace's times leave without effect, a line each. */
  readonly remarks: readonly string[];
  /** SHA-256 of the trace, the tables of servers and the policy's module, where there are such: part of the run id. */
  readonly contents: Readonly<Record<string, string>>;
  /** How many requests there are. */
  readonly requests: number;
  /** Of a trace: when its first ask comes. */
  readonly firstAskMs?: number;
  /** A fault that the policy's module showed in the run, where the fleet names the module. */
  readonly policyProblem: (message: string) => Problem;
}

/** Everything that is wrong with the input. */
export type Problems = { readonly problems: readonly Problem[] };

export interface Unstarted extends Problems {
  /** The reservations that the platform refuses, where nothing else is wrong; else empty. */
  readonly refused: readonly RefusedEntry[];
}

/** `file`: of the fleet, "-" for standard input; `progress`: told of what may take long. */
export async function startFleet(
  loaded: LoadedFleet,
  file: string,
  progress?: CheckProgress,
): Promise<StartedFleet | Unstarted> {
  const started = await startFleetWatched(loaded, file, progress, async () => true);
  if (started === undefined) throw new Error('parents were left that nobody wanted left');
  return started;
}

/** `goOn`: awaited after each parent; undefined = it did not want the rest. */
export async function startFleetWatched(
  { fleet, problemAt }: LoadedFleet,
  file: string,
  progress: CheckProgress | undefined,
  goOn: () => Promise<boolean>,
): Promise<StartedFleet | Unstarted | undefined> {
  const folder = file === '-' ? '.' : dirname(file);
  const contents: Record<string, string> = {};
  const policy = await openPolicy(fleet, folder, contents);
  const requests = openWorkload(fleet, folder, contents, progress);
  const parents = await buildParents(fleet, folder, contents, progress, goOn);
  if (parents === undefined) return undefined;
  const findings: Finding[] = [];
  if ('message' in policy) findings.push(policy);
  if ('findings' in parents) findings.push(...parents.findings);
  else findings.push(...strayEvents(fleet.parentEvents, parents.hosts.length));
  const problems = findings.map(problemAt);
  if ('findings' in parents) problems.push(...parents.problems);
  if ('problems' in requests) problems.push(...requests.problems);
  if (
    problems.length > 0 ||
    'message' in policy ||
    'findings' in parents ||
    'problems' in requests
  ) {
    const refused = 'findings' in parents ? parents.refused : [];
    return { problems, refused: problems.length === refused.length ? refused : [] };
  }
  const { blind, audit, parentEvents } = fleet;
  const { hosts, carriers, remarks } = parents;
  const input: FleetRunInput = {
    hosts,
    carriers,
    requests: requests.requests,
    policy,
    onRefusal: onRefusalOf(fleet),
    parentEvents: parentEvents.map(({ at, parent, ...event }) => {
      return { atMs: at, host: parent, ...event };
    }),
    blind,
    audit,
  };
  const policyProblem = (message: string): Problem => {
    const where =
      typeof fleet.policy === 'string' ? '' : `${resolve(folder, fleet.policy.module)}: `;
    return problemAt({ path: MODULE, message: `${where}${message}` });
  };
  const { count, firstAskMs } = requests;
  const times = parentEvents.map(({ at }) => at);
  const early = firstAskMs === undefined ? [] : earlyEvents(times, firstAskMs);
  return {
    ...{ input, contents, policyProblem },
    remarks: [...remarks, ...early],
    requests: count,
    ...(firstAskMs === undefined ? {} : { firstAskMs }),
  };
}

const MODULE = ['policy', 'module'];

function openWorkload(
  file: FleetFile,
  folder: string,
  contents: Record<string, string>,
  progress: CheckProgress | undefined,
): Opened | Problems {
  const opened = openAsIs(file, folder, contents, progress);
  const { roundUp } = file.workload;
  if (roundUp === undefined || 'problems' in opened) return opened;
  const { vcpus, memory: memoryMib } = roundUp;
  return { ...opened, requests: roundedUp(opened.requests, { vcpus, memoryMib }) };
}

interface Opened {
  readonly requests: Iterable<FleetRequest>;
  readonly count: number;
  readonly firstAskMs?: number;
}

function openAsIs(
  { workload, seed }: FleetFile,
  folder: string,
  contents: Record<string, string>,
  progress: CheckProgress | undefined,
): Opened | Problems {
  if ('trace' in workload) {
    const file = resolve(folder, workload.trace.file);
    const { columns, groups } = workload.trace;
    const mapped: TraceColumns = typeof columns === 'string' ? TRACE_FORMATS[columns] : columns;
    const checked = checkedTrace(file, mapped, groups, progress);
    if (checked.problems.length > 0) return { problems: checked.problems };
    contents.trace = checked.sha256;
    const { requests: count, firstAskMs } = checked;
    return { requests: readTrace(file, mapped, groups), count, firstAskMs };
  }
  const { requests, arrivals, lifetime, mix, crashes } = workload;
  const sizes =
    typeof mix === 'string'
      ? recordedMix(mix)
      : mix.map(({ memory, ...rest }) => ({ ...rest, memoryMib: memory }));
  const drawn = {
    requests,
    arrivals: arrivalsOf(arrivals),
    lifetimes: lifetimesOf(lifetime),
    mix: sizes,
    crashMilli: crashes,
  };
  return { requests: drawRequests(drawn, seed), count: requests };
}

type Drawn = Exclude<FleetFile['workload'], { readonly trace: unknown }>;

function arrivalsOf({ every, rate, ...rest }: Drawn['arrivals']): Arrivals {
  const gap = every ?? rate;
  if (gap === undefined) throw new Error('arrivals say neither `every` nor `rate`');
  return { ...rest, everyMs: gap.ms, per: gap.per } as Arrivals;
}

function lifetimesOf(lifetime: Drawn['lifetime']): Lifetimes {
  switch (lifetime.kind) {
    case 'forever':
      return lifetime;
    case 'quantiles':
      return lifetime;
    case 'recorded': {
      const points = OPENB_LIFETIMES.map(([milli, seconds]) => [milli, seconds * 1000] as const);
      return { kind: 'quantiles', points };
    }
    default:
      return { kind: lifetime.kind, meanMs: lifetime.mean.ms, per: lifetime.mean.per };
  }
}

function onRefusalOf({ onRefusal }: FleetFile): OnRefusal {
  switch (onRefusal.kind) {
    case 'refuse':
      return onRefusal;
    case 'retry':
      return { kind: 'retry', everyMs: onRefusal.every, times: onRefusal.times };
    case 'queue':
      return { kind: 'queue', most: onRefusal.most, patienceMs: onRefusal.patience };
  }
}

async function openPolicy(
  { policy }: FleetFile,
  folder: string,
  contents: Record<string, string>,
): Promise<FleetPolicy | Finding> {
  if (typeof policy === 'string') {
    return fleetPolicy(policy) ?? { path: ['policy'], message: `unknown policy "${policy}"` };
  }
  const opened = await openPolicyModule(resolve(folder, policy.module));
  if ('message' in opened) return { path: MODULE, ...opened };
  contents.policy = opened.sha256;
  return opened.policy;
}
