/**
 * A task done: the runs of one variant under a block of seeds.
 *
 * Invariant: the rows depend on the order alone, whoever works on it; what an order cannot do here
 * (another engine version or build, a changed trace) is a problem in words, never a row. Trade-off:
 * what a row says of asks leaves the warm-up out; of parents and peaks it tells the whole run.
 */
import { runId } from '../../core/journal/journal.js';
import { ENGINE_VERSION } from '../../core/version.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import { type LoadedFleet, loadFleet } from '../engine/load-fleet.js';
import type { FleetResult } from '../engine/result.js';
import { runStartedWatched } from '../engine/run-started.js';
import { type Problems, startFleetWatched } from '../engine/start-fleet.js';
import { formatProblems, type Problem } from '../schema/problem.js';
import { encodeBlock } from './block.js';
import { engineBuild, shownBuild } from './engine-build.js';
import type { Plan, Replication } from './plan.js';

/** Plain JSON, so that it can be sent to another process or machine. */
export interface TaskOrder {
  readonly id: string;
  readonly engine: string;
  readonly build: string;
  readonly variant: number;
  readonly variantName: string;
  readonly fleetText: string;
  /** What relative paths in the fleet start from. */
  readonly fleetFile: string;
  readonly contents: Readonly<Record<string, string>>;
  readonly warmup: Plan['warmup'];
  readonly replications: readonly Replication[];
}

/** The block's text, or why the order cannot be done, or what a run of it found wrong with the sweep. */
export type TaskResult =
  | { readonly block: string }
  | { readonly problem: string }
  | { readonly fault: RunFault };

/** Problems in the variant's own text, or: no request came after the warm-up. */
export type RunFault = { readonly seed: number } & (
  | { readonly problems: readonly Problem[] }
  | { readonly isAllWarmup: true }
);

/** Whoever looks on while a task is done, in the same thread. */
export interface TaskWatch {
  /** Awaited after each run, each parent and now and then in between; false = the task is left, whole. */
  readonly goOn: () => Promise<boolean>;
  /** A run has ended. */
  readonly onRun: () => void;
}

const UNWATCHED: TaskWatch = { goOn: async () => true, onRun: () => undefined };

/** undefined = left, as `watch` wanted. */
export async function runTask(
  order: TaskOrder,
  watch: TaskWatch = UNWATCHED,
): Promise<TaskResult | undefined> {
  if (order.engine !== ENGINE_VERSION) {
    const problem = `made for hypercarve ${order.engine}, this is ${ENGINE_VERSION}`;
    return { problem: named(order, problem) };
  }
  const build = engineBuild();
  if (order.build !== build) {
    const [theirs, ours] = [shownBuild(order.build), shownBuild(build)];
    const problem = `made for build ${theirs} of hypercarve ${ENGINE_VERSION}, the worker is of build ${ours}; start workers from the same build as the sweep`;
    return { problem: named(order, problem) };
  }
  const loaded = loadFleet(order.fleetText, order.fleetFile);
  if ('problems' in loaded) return { problem: named(order, formatProblems(loaded.problems)) };
  const rows: RunRow[] = [];
  for (const replication of order.replications) {
    if (!(await watch.goOn())) return undefined;
    const row = await runOne(order, loaded, replication, watch);
    if (row === undefined) return undefined;
    if ('problem' in row) return { problem: named(order, row.problem) };
    if ('fault' in row) return row;
    rows.push(row);
    watch.onRun();
  }
  return { block: encodeBlock(order.id, rows) };
}

function named({ variantName }: TaskOrder, problem: string): string {
  return `${variantName}: ${problem}`;
}

/** Why a run has no row. */
type Undone = { readonly problem: string } | { readonly fault: RunFault };

async function runOne(
  order: TaskOrder,
  unseeded: LoadedFleet,
  { replication, seed }: Replication,
  watch: TaskWatch,
): Promise<RunRow | Undone | undefined> {
  const { contents, variant } = order;
  const loaded: LoadedFleet = { ...unseeded, fleet: { ...unseeded.fleet, seed } };
  const whole = await resultOf(loaded, order, watch);
  if (whole === undefined || 'problem' in whole) return whole;
  if ('problems' in whole) return { fault: { seed, problems: whole.problems } };
  const { resultHash, peak, lastMs, violations, counted = whole } = whole;
  if (counted.asked === 0) return { fault: { seed, isAllWarmup: true } };
  const { asked, accepted, acceptedLate, refused, expired, lost, groups, tooLarge = 0 } = counted;
  return {
    variant,
    replication,
    seed,
    runId: runId({ engine: ENGINE_VERSION, fleet: loaded.fleet, contents }),
    resultHash,
    asked,
    accepted,
    acceptedLate,
    refused,
    expired,
    lost,
    peakRunning: peak.running,
    peakVcpus: peak.vcpus,
    peakMemoryMib: peak.memoryMib,
    strandedVcpus: peak.strandedVcpus,
    strandedMib: peak.strandedMib,
    lastMs,
    violations: violations.count,
    refusedBy: counted.refusedBy,
    refusedProposals: sumBy(counted.refusedProposals, whole.refusedEvents),
    refusedReservations: byRule(whole.refusedReservations),
    groupsKept: groups?.kept ?? 0,
    groupsNotKept: groups?.notKept ?? 0,
    eventsAfterEnd: whole.eventsAfterEnd ?? 0,
    tooLarge,
  };
}

/** undefined = left. */
async function resultOf(
  loaded: LoadedFleet,
  { fleetFile, contents, warmup }: TaskOrder,
  watch: TaskWatch,
): Promise<FleetResult | Problems | { readonly problem: string } | undefined> {
  const started = await startFleetWatched(loaded, fleetFile, undefined, watch.goOn);
  if (started === undefined) return undefined;
  if ('problems' in started) return started;
  for (const [what, hash] of Object.entries(contents)) {
    if (started.contents[what] === hash) continue;
    return { problem: `the ${what} is not the one that the sweep was planned with` };
  }
  const changes = warmup === null ? {} : { warmup };
  return runStartedWatched(started, changes, watch.goOn);
}

/** Kinds of one rule that differ in their codes are one here. */
function byRule(refused: FleetResult['refusedReservations']): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule, count: n } of refused) counts[rule] = (counts[rule] ?? 0) + n;
  return counts;
}

function sumBy(
  some: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...some };
  for (const [rule, n] of Object.entries(more)) sums[rule] = (sums[rule] ?? 0) + n;
  return sums;
}
