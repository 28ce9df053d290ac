/**
 * A number of a metric in words: a share to four digits, memory in binary units, anything else a count.
 *
 * Invariant: for eyes only; what is stored (summary.json, the tables) stays in the metric's own unit.
 * Trade-off: each number has the unit that suits it, so a narrow interval is in MiB beside a mean in GiB.
 */
import { type MetricName, unitOf } from './metrics.js';

const MIB_PER_GIB = 1024;

/** Of a value or of a difference; a negative one keeps its sign. */
export function metricText(metric: MetricName, value: number): string {
  switch (unitOf(metric)) {
    case 'share':
      return value.toFixed(4);
    case 'MiB':
      return memoryText(value);
    default:
      return value.toFixed(2);
  }
}

/** How precise something is so far: three digits, since it may be far below a share's fourth. */
export function widthText(metric: MetricName, width: number): string {
  return unitOf(metric) === 'MiB' ? memoryText(width) : width.toPrecision(3);
}

/** What stands beside the metric's name, above its numbers. */
export function unitText(metric: MetricName): string {
  const unit = unitOf(metric);
  return unit === 'MiB' ? 'memory; the tables have MiB' : unit;
}

function memoryText(mib: number): string {
  const inMib = mib.toFixed(2);
  if (Math.abs(Number(inMib)) < MIB_PER_GIB) return `${inMib} MiB`;
  return `${(mib / MIB_PER_GIB).toFixed(2)} GiB`;
}
