/**
 * The plan of a sweep: everything that its tables depend on, and its tasks.
 *
 * A task is a block of seeds of one variant. Tasks are numbered round by round (all variants of a
 * block of seeds), which is the canonical order of everything stored. Invariant: the plan is made
 * from the file, the engine's version and build, and nothing else, so every process that has it (a worker, a
 * shard, a merge, a resumed run) names the same tasks by the same content hashes.
 */
import { runId } from '../../core/journal/journal.js';
import { mixedSeed } from '../../core/units/seeded-stream.js';
import { ENGINE_VERSION } from '../../core/version.js';
import type { LeftOutVariant } from '../../reports/sweep/left-out.js';
import type { MetricName } from '../../reports/sweep/metrics.js';
import { dependsOnSeed } from '../engine/seed-use.js';
import type { Warmup } from '../engine/warm-up.js';
import { formatPath } from '../schema/path.js';
import { type Level, readAxes } from './axes.js';
import { blockSize } from './block-size.js';
import { engineBuild } from './engine-build.js';
import type { LoadedSweep } from './load-sweep.js';
import type { SweepFile } from './schema.js';

/**
 * The layout of the run folder and of its blocks; 2: no `waiting`, with groups and reservations; 3: with
 * remarks and late events; 4: with variants left out; 5: with asks that were too large; 6: with the
 * build that computes; 7: with what each level sets.
 */
export const FOLDER_VERSION = 7;

export interface PlannedVariant {
  readonly name: string;
  readonly levels: Readonly<Record<string, string>>;
  /** Hash of its fleet and of the files that the fleet names. */
  readonly inputHash: string;
  /** Nothing in it is drawn: it runs the same under every seed. */
  readonly seedless: boolean;
  /** Why nothing can run on some of its parents, and what a trace's times leave without effect, a line each; the same under every seed. */
  readonly remarks: readonly string[];
}

export interface StopRule {
  readonly metric: MetricName;
  /** What is to be precise: each variant's mean, or each difference to the baseline. */
  readonly of: 'mean' | 'difference';
  readonly within?: number;
  readonly withinShareOfMean?: number;
  readonly least: number;
}

export interface Plan {
  readonly folderVersion: number;
  readonly engine: string;
  /** Hash of the code that computes: runs of two builds are never put together. */
  readonly build: string;
  readonly sweepId: string;
  readonly title: string;
  readonly axes: Readonly<Record<string, readonly string[]>>;
  /** Axis → what each of its levels sets, in their order: path in the fleet → value as in the sweep file. */
  readonly settings: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** Those that are run; their numbers are positions in here. */
  readonly variants: readonly PlannedVariant[];
  /** Those that are not: absent where all are. */
  readonly leftOut?: readonly LeftOutVariant[];
  readonly baseline: number;
  readonly metrics: readonly MetricName[];
  readonly warmup: Warmup | null;
  readonly seeds: {
    readonly first: number;
    /** Replications of each variant; with a stop rule the most there can be; 1 where all are seedless. */
    readonly count: number;
    /** Replications in a task. */
    readonly block: number;
    readonly until: StopRule | null;
  };
}

export interface Replication {
  readonly replication: number;
  readonly seed: number;
}

export interface PlannedTask {
  readonly id: string;
  readonly variant: number;
  /** Block of seeds, from 0. */
  readonly round: number;
  readonly replications: readonly Replication[];
}

export function planOf({ sweep, variants, leftOut, baseline }: LoadedSweep): Plan {
  const { seeds, warmup, axes, title, metrics } = sweep;
  const planned = variants.map(({ name, levels, fleet, contents, remarks }) => ({
    name,
    levels,
    inputHash: runId({ fleet, contents }),
    seedless: !dependsOnSeed(fleet),
    remarks,
  }));
  const once = planned.every(({ seedless }) => seedless);
  const count = once ? 1 : 'until' in seeds ? seeds.until.most : seeds.count;
  const isWhole = leftOut.length === 0;
  const plan: Omit<Plan, 'sweepId'> = {
    folderVersion: FOLDER_VERSION,
    engine: ENGINE_VERSION,
    build: engineBuild(),
    title,
    ...levelsOf(axes),
    variants: planned,
    ...(isWhole ? {} : { leftOut }),
    baseline,
    metrics,
    warmup: warmupOf(warmup),
    seeds: {
      first: seeds.first,
      count,
      block: Math.min(seeds.block ?? blockSize(sweep, variants), count),
      until: once ? null : stopRuleOf(seeds),
    },
  };
  return { ...plan, sweepId: runId({ ...plan }) };
}

/** The seed of a replication: mixed one to one, so that no two replications of a sweep share one. */
export function replicationSeed(first: number, replication: number): number {
  return mixedSeed(first + replication);
}

export function roundCount({ seeds: { count, block } }: Plan): number {
  return Math.ceil(count / block);
}

export function taskCount(plan: Plan): number {
  return roundCount(plan) * plan.variants.length;
}

/** The task at a position of the canonical order. */
export function taskAt(plan: Plan, position: number): PlannedTask {
  const { sweepId, engine, variants, seeds } = plan;
  const variant = position % variants.length;
  const round = Math.floor(position / variants.length);
  const from = round * seeds.block;
  const replications = Array.from(
    { length: Math.min(seeds.block, seeds.count - from) },
    (_, i) => ({ replication: from + i, seed: replicationSeed(seeds.first, from + i) }),
  );
  const { inputHash } = variants[variant];
  return {
    id: runId({ engine, sweep: sweepId, variant, inputHash, replications }),
    variant,
    round,
    replications,
  };
}

/** Also those of which every variant is left out. */
function levelsOf(axes: SweepFile['axes']): Pick<Plan, 'axes' | 'settings'> {
  const read = readAxes(axes).axes;
  const ofEach = <T>(tell: (level: Level) => T) =>
    Object.fromEntries(read.map(({ name, levels }) => [name, levels.map(tell)]));
  return { axes: ofEach(({ label }) => label), settings: ofEach(settingsOf) };
}

function settingsOf({ settings }: Level): Readonly<Record<string, unknown>> {
  return Object.fromEntries(settings.map(({ path, value }) => [formatPath(path), value]));
}

function warmupOf(warmup: SweepFile['warmup']): Plan['warmup'] {
  if (warmup === undefined) return null;
  return 'requests' in warmup ? warmup : { timeMs: warmup.time };
}

function stopRuleOf(seeds: SweepFile['seeds']): StopRule | null {
  if (!('until' in seeds)) return null;
  const { metric, of, within, withinShareOfMean, least } = seeds.until;
  return {
    metric,
    of,
    ...(within === undefined ? {} : { within }),
    ...(withinShareOfMean === undefined ? {} : { withinShareOfMean }),
    least,
  };
}
