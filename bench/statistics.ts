/** Order statistics of measured times. Invariant: the input is left as it is; empty input throws. */

export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly p99: number;
  readonly p999: number;
  /** (third quartile − first quartile) / median: how much the middle half disagrees. */
  readonly spread: number;
}

const UNSTEADY = 0.5;

/** The mark of a row whose middle half disagrees by more than half of the median; else nothing. */
export function steadiness({ spread }: Spread): { readonly unsteady?: true } {
  return spread > UNSTEADY ? { unsteady: true } : {};
}

/** The value below which a share `q` of `sorted` lies (nearest rank). */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new Error('a quantile of nothing');
  const rank = Math.ceil(q * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank))];
}

export function median(values: ArrayLike<number>): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error('a mean of nothing');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function spreadOf(values: ArrayLike<number>): Spread {
  const sorted = Float64Array.from(values).sort();
  const middle = quantile(sorted, 0.5);
  return {
    minimum: sorted[0],
    median: middle,
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    spread: middle === 0 ? 0 : (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / middle,
  };
}
