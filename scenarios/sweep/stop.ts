/**
 * When a sweep has seen enough.
 *
 * The rule is asked after each whole round (a block of seeds on all variants), rounds in order, on
 * nothing but their rows: of each variant's mean, or of each difference to the baseline, paired by
 * seed. Invariant: so where it stops does not depend on who was quick, on how many workers there
 * were, or on what had been begun beyond. Trade-off: rounds begun too early are lost; and where all values
 * are one to the end, it goes on to `LEAST_ALIKE` seeds, since a few equal ones say nothing of a rare other.
 */
import { type Interval, intervalOf, pairedInterval } from '../../reports/sweep/interval.js';
import { type MetricName, measure } from '../../reports/sweep/metrics.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import type { Plan } from './plan.js';

/** What is judged of whole rounds, per variant in the order of seeds: a number of each run. */
export type Judged = readonly (readonly number[])[];

type Rule = Pick<Plan, 'seeds' | 'metrics'>;

/** What is judged of some rows. */
export function judgedOf({ seeds: { until }, metrics }: Rule, rows: Iterable<RunRow>): number[] {
  const metric: MetricName = until?.metric ?? metrics[0];
  return Array.from(rows, (row) => measure(metric, row));
}

/** Half-width reached, of what is least precise; undefined below two seeds, or when all is exact. */
export function leastPrecise(plan: Plan, values: Judged): number | undefined {
  if (values.some(({ length }) => length < 2)) return undefined;
  let least: number | undefined;
  for (const { halfWidth = 0 } of intervals(plan, values)) {
    least = Math.max(least ?? 0, halfWidth);
  }
  return least;
}

export function isPreciseEnough(plan: Plan, values: Judged): boolean {
  const { until } = plan.seeds;
  if (until === null) return false;
  const { within, withinShareOfMean = 0, least } = until;
  if (values.some(({ length }) => length < Math.max(2, least))) return false;
  for (const interval of intervals(plan, values)) {
    const { mean, halfWidth = 0 } = interval;
    if (isAlike(interval) && interval.n < LEAST_ALIKE) return false;
    // Said so that what is no number is not narrow, either.
    if (!(halfWidth <= (within ?? withinShareOfMean * Math.abs(mean)))) return false;
  }
  return true;
}

/**
 * Equal values are believed from so many seeds on: what a tenth of all seeds would change shows under one of
 * them then in 95.8 % of sweeps (1 - 0.9^30), under one of five in 41 %.
 */
const LEAST_ALIKE = 30;

/** Differences of equal shares may be off by a last digit. */
const ROUNDING = 1e-12;

/** Every seed gave the same. */
function isAlike({ mean, deviation = 0 }: Interval): boolean {
  return deviation <= ROUNDING * Math.max(1, Math.abs(mean));
}

/** The intervals that are to become narrow, one after the other; what no seed changes has none. */
function* intervals(plan: Plan, values: Judged): Generator<Interval> {
  const { seeds, variants, baseline } = plan;
  const { of = 'mean' } = seeds.until ?? {};
  const base = variants[baseline];
  for (const [v, own] of values.entries()) {
    if (of === 'mean') {
      if (!variants[v].seedless) yield intervalOf(own);
    } else if (v !== baseline && !(variants[v].seedless && base.seedless)) {
      yield pairedInterval(own, values[baseline]);
    }
  }
}
