/**
 * When a sweep has seen enough.
 *
 * The rule is asked after each whole round (a block of seeds on all variants), rounds in order, on
 * nothing but their rows. Invariant: so where it stops does not depend on who was quick, on how many
 * workers there were, or on what had been begun beyond. Trade-off: rounds begun too early are lost.
 */
import { intervalOf } from '../../reports/sweep/interval.js';
import { measure } from '../../reports/sweep/metrics.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import type { Plan } from './plan.js';

/** Half-width reached, of the variant that is least precise; undefined below two seeds. */
export function leastPrecise(plan: Plan, rows: RowsByVariant): number | undefined {
  const metric = plan.seeds.until?.metric ?? plan.metrics[0];
  let worst: number | undefined;
  for (const variant of rows) {
    if (variant.length < 2) return undefined;
    const { halfWidth = 0 } = intervalOf(variant.map((row) => measure(metric, row)));
    worst = Math.max(worst ?? 0, halfWidth);
  }
  return worst;
}

/** Rows of whole rounds, per variant in the order of seeds. */
export type RowsByVariant = readonly (readonly RunRow[])[];

export function isPreciseEnough({ seeds: { until } }: Plan, rows: RowsByVariant): boolean {
  if (until === null) return false;
  const { metric, within, withinShareOfMean = 0, least } = until;
  return rows.every((variant) => {
    if (variant.length < Math.max(2, least)) return false;
    const { mean, halfWidth = 0 } = intervalOf(variant.map((row) => measure(metric, row)));
    return halfWidth <= (within ?? withinShareOfMean * Math.abs(mean));
  });
}
