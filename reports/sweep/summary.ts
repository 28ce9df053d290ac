/**
 * A finished sweep in one document: each variant's metrics with their intervals, and the differences
 * to the baseline, pair by pair of equal seeds.
 *
 * Invariant: an interval stands only where a seed changes something, since the same run again is no
 * evidence; made from the rows in the order of variants and seeds; no clock and no machine in it.
 */
import { type Interval, intervalOf, pairedInterval } from './interval.js';
import type { LeftOutVariant } from './left-out.js';
import { type MetricName, measure } from './metrics.js';
import type { RunRows } from './packed-rows.js';
import type { RunRow } from './run-row.js';

/** 4: with the variants left out; 5: with the asks that were too large; 6: with the warm-up. */
const SUMMARY_VERSION = 6;

/** The asks of each run that are not counted: the first so many, or those that come before a time. */
export type UncountedAsks = { readonly requests: number } | { readonly timeMs: number };

/** What the rows do not say of the sweep. */
export interface SweepHead {
  readonly sweepId: string;
  readonly engine: string;
  readonly title: string;
  readonly variants: readonly {
    readonly name: string;
    readonly levels: Readonly<Record<string, string>>;
    /** It runs the same under every seed, so repetitions say nothing of its precision. */
    readonly seedless: boolean;
    /** Why nothing can run on some of its parents, and what a trace's times leave without effect, a line each. */
    readonly remarks: readonly string[];
  }[];
  /** Those that were not run: absent where all were. */
  readonly leftOut?: readonly LeftOutVariant[];
  readonly baseline: number;
  readonly metrics: readonly MetricName[];
  /** null = all are counted. */
  readonly warmup: UncountedAsks | null;
  /**
   * Why there are no more seeds: as many as asked for, precise enough, the most allowed, or because
   * no variant depends on the seed.
   */
  readonly stoppedBy: 'count' | 'precision' | 'most' | 'seedless';
}

export interface MeasuredMetric extends Interval {
  /** Variant minus baseline, paired by seed; absent for the baseline itself. */
  readonly difference?: Interval;
}

export interface VariantSummary {
  readonly name: string;
  readonly levels: Readonly<Record<string, string>>;
  /** Exact, the same under every seed: no intervals. */
  readonly seedless: boolean;
  readonly metrics: Readonly<Partial<Record<MetricName, MeasuredMetric>>>;
  /** Rule → asks over all seeds. */
  readonly refusedBy: Readonly<Record<string, number>>;
  /** Rule → reservations refused at a boot, over all seeds. */
  readonly refusedReservations: Readonly<Record<string, number>>;
  /** Asks in groups whose rule is kept, or is not, over all seeds: absent where there are none. */
  readonly groups?: { readonly kept: number; readonly notKept: number };
  /** Asks that got nowhere, of more than any parent has to give even empty, over all seeds. */
  readonly tooLarge: number;
  /** Events of parents after a run's last ask and last end, which nobody felt, over all seeds. */
  readonly eventsAfterEnd: number;
  readonly violations: number;
  /** Why nothing can run on some of its parents, and what a trace's times leave without effect, a line each. */
  readonly remarks: readonly string[];
}

export interface SweepSummary {
  readonly summaryVersion: number;
  readonly sweepId: string;
  readonly engine: string;
  readonly title: string;
  readonly baseline: string;
  readonly seeds: number;
  readonly runs: number;
  readonly stoppedBy: SweepHead['stoppedBy'];
  readonly warmup: SweepHead['warmup'];
  readonly variants: readonly VariantSummary[];
  /** Those that were not run, in the order of the file: absent where all were. */
  readonly leftOut?: readonly LeftOutVariant[];
}

/** `rows`: per variant, in the order of seeds; equally many each, at least one. */
export function summarize(head: SweepHead, rows: readonly RunRows[]): SweepSummary {
  const { sweepId, engine, title, stoppedBy, warmup, variants, baseline, leftOut } = head;
  return {
    summaryVersion: SUMMARY_VERSION,
    sweepId,
    engine,
    title,
    baseline: variants[baseline].name,
    seeds: rows[0].length,
    runs: rows.reduce((sum, { length }) => sum + length, 0),
    stoppedBy,
    warmup,
    variants: variants.map(({ name, levels, seedless, remarks }, v) => ({
      name,
      levels,
      seedless,
      metrics: metricsOf(head, rows, v),
      refusedBy: sumsOf(rows[v], ({ refusedBy }) => refusedBy),
      refusedReservations: sumsOf(rows[v], ({ refusedReservations: refused }) => refused),
      ...groupsOf(rows[v]),
      tooLarge: totalOf(rows[v], (row) => row.tooLarge),
      eventsAfterEnd: totalOf(rows[v], (row) => row.eventsAfterEnd),
      violations: totalOf(rows[v], (row) => row.violations),
      remarks,
    })),
    ...(leftOut === undefined ? {} : { leftOut }),
  };
}

function metricsOf(
  { metrics, baseline, variants }: SweepHead,
  rows: readonly RunRows[],
  v: number,
): VariantSummary['metrics'] {
  const exact = variants[v].seedless;
  const bothExact = exact && variants[baseline].seedless;
  const entries = metrics.map((metric): [MetricName, MeasuredMetric] => {
    const values = Array.from(rows[v], (row) => measure(metric, row));
    const measured = exact ? intervalOf(values.slice(0, 1)) : intervalOf(values);
    if (v === baseline) return [metric, measured];
    const against = Array.from(rows[baseline], (row) => measure(metric, row));
    const pairs = bothExact ? 1 : values.length;
    const difference = pairedInterval(values.slice(0, pairs), against.slice(0, pairs));
    return [metric, { ...measured, difference }];
  });
  return Object.fromEntries(entries);
}

function groupsOf(rows: RunRows): Pick<VariantSummary, 'groups'> {
  const kept = totalOf(rows, ({ groupsKept }) => groupsKept);
  const notKept = totalOf(rows, ({ groupsNotKept }) => groupsNotKept);
  return kept + notKept === 0 ? {} : { groups: { kept, notKept } };
}

function totalOf(rows: RunRows, of: (row: RunRow) => number): number {
  let total = 0;
  for (const row of rows) total += of(row);
  return total;
}

/** By rule, most first; equal ones by name. */
function sumsOf(
  rows: RunRows,
  of: (row: RunRow) => Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    for (const [rule, n] of Object.entries(of(row))) sums.set(rule, (sums.get(rule) ?? 0) + n);
  }
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  return Object.fromEntries([...sums].sort(([a, m], [b, n]) => n - m || byName(a, b)));
}
