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
import { measure } from '../../reports/sweep/metrics.js';
import type { RunRows } from '../../reports/sweep/packed-rows.js';
import type { Plan } from './plan.js';

/** Rows of whole rounds, per variant in the order of seeds. */
export type RowsByVariant = readonly RunRows[];

/** Half-width reached, of what is least precise; undefined below two seeds, or when all is exact. */
export function leastPrecise(plan: Plan, rows: RowsByVariant): number | undefined {
  if (rows.some(({ length }) => length < 2)) return undefined;
  const widths = judged(plan, rows).map(({ halfWidth = 0 }) => halfWidth);
  return widths.length === 0 ? undefined : Math.max(...widths);
}

export function isPreciseEnough(plan: Plan, rows: RowsByVariant): boolean {
  const { until } = plan.seeds;
  if (until === null) return false;
  const { within, withinShareOfMean = 0, least } = until;
  if (rows.some(({ length }) => length < Math.max(2, least))) return false;
  return judged(plan, rows).every((interval) => {
    const { mean, halfWidth = 0 } = interval;
    if (isAlike(interval) && interval.n < LEAST_ALIKE) return false;
    return halfWidth <= (within ?? withinShareOfMean * Math.abs(mean));
  });
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

/** The intervals that are to become narrow; what no seed changes has none. */
function judged({ seeds: { until }, metrics, variants, baseline }: Plan, rows: RowsByVariant) {
  const { metric = metrics[0], of = 'mean' } = until ?? {};
  const values = rows.map((variant) => Array.from(variant, (row) => measure(metric, row)));
  const base = variants[baseline];
  return values.flatMap((own, v): Interval[] => {
    if (of === 'mean') return variants[v].seedless ? [] : [intervalOf(own)];
    const isExact = variants[v].seedless && base.seedless;
    return v === baseline || isExact ? [] : [pairedInterval(own, values[baseline])];
  });
}
