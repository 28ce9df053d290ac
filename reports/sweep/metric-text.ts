/**
 * A number of a metric in words: a share to four digits, memory in binary units, anything else a count.
 *
 * Invariant: for eyes only; what is stored (summary.json, the tables) stays in the metric's own unit.
 * The numbers of a column have one unit: GiB where the largest comes to one, unless another would then look
 * like nothing. Trade-off: columns choose apart, so narrow intervals are in MiB beside means in GiB.
 */
import { type MetricName, unitOf } from './metrics.js';

const MIB_PER_GIB = 1024;

/** How the numbers of a column are told; a negative one, of a difference, keeps its sign. */
export function columnText(
  metric: MetricName,
  values: readonly number[],
): (value: number) => string {
  switch (unitOf(metric)) {
    case 'share':
      return (value) => value.toFixed(4);
    case 'MiB':
      return inGib(values) ? gibText : mibText;
    default:
      return (value) => value.toFixed(2);
  }
}

/** How precise something is so far: three digits, since it may be far below a share's fourth. */
export function widthText(metric: MetricName, width: number): string {
  return unitOf(metric) === 'MiB' ? columnText(metric, [width])(width) : width.toPrecision(3);
}

/** What stands beside the metric's name, above its numbers. */
export function unitText(metric: MetricName): string {
  const unit = unitOf(metric);
  return unit === 'MiB' ? 'memory; the tables have MiB' : unit;
}

function inGib(values: readonly number[]): boolean {
  const hasGib = values.some((mib) => Math.abs(Number(mib.toFixed(2))) >= MIB_PER_GIB);
  const vanishes = values.some((mib) => mib !== 0 && Number((mib / MIB_PER_GIB).toFixed(2)) === 0);
  return hasGib && !vanishes;
}

function gibText(mib: number): string {
  return `${(mib / MIB_PER_GIB).toFixed(2)} GiB`;
}

function mibText(mib: number): string {
  return `${mib.toFixed(2)} MiB`;
}
