/**
 * What a sweep can measure: one number of each run.
 *
 * Invariant: a metric is a pure function of a run's row; a share is of what was asked after the
 * warm-up, and no row without a single ask is ever measured (the task that made it fails).
 */
import type { RunRow } from './run-row.js';

interface Metric {
  readonly of: (row: RunRow) => number;
  /** Shares are shown as such; everything else is a count of this unit. */
  readonly unit: 'share' | 'asks' | 'enclaves' | 'vCPUs' | 'MiB';
}

const METRICS = {
  acceptedShare: { of: ({ accepted, asked }) => accepted / asked, unit: 'share' },
  refusedShare: { of: ({ refused, expired, asked }) => (refused + expired) / asked, unit: 'share' },
  lateShare: { of: ({ acceptedLate, asked }) => acceptedLate / asked, unit: 'share' },
  accepted: { of: ({ accepted }) => accepted, unit: 'asks' },
  refused: { of: ({ refused }) => refused, unit: 'asks' },
  expired: { of: ({ expired }) => expired, unit: 'asks' },
  lost: { of: ({ lost }) => lost, unit: 'enclaves' },
  peakRunning: { of: ({ peakRunning }) => peakRunning, unit: 'enclaves' },
  peakVcpus: { of: ({ peakVcpus }) => peakVcpus, unit: 'vCPUs' },
  peakMemoryMib: { of: ({ peakMemoryMib }) => peakMemoryMib, unit: 'MiB' },
  strandedVcpus: { of: ({ strandedVcpus }) => strandedVcpus, unit: 'vCPUs' },
  strandedMib: { of: ({ strandedMib }) => strandedMib, unit: 'MiB' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

export function measure(metric: MetricName, row: RunRow): number {
  return METRICS[metric].of(row);
}

export function unitOf(metric: MetricName): Metric['unit'] {
  return METRICS[metric].unit;
}
