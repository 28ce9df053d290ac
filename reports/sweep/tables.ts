/**
 * The tables of a sweep's run folder; what each column means stands in TABLES.md.
 *
 * Invariant: rows are in the order of variants, then seeds, then metrics or rules by name, so equal
 * sweeps give equal files. Trade-off: long tables (one row per axis, metric, rule), because SQL
 * pivots long to wide more easily than back, and a new axis changes no schema.
 */
import { METRIC_NAMES, measure, unitOf } from './metrics.js';
import { parquetBytes, type TableColumn } from './parquet.js';
import type { RunRow } from './run-row.js';
import type { MeasuredMetric, SweepHead, SweepSummary } from './summary.js';

/** File name → content. */
export function tableFiles(
  head: SweepHead,
  summary: SweepSummary,
  rows: readonly (readonly RunRow[])[],
): Record<string, Uint8Array> {
  const all = rows.flat();
  const bytes = (columns: readonly TableColumn[]) => parquetBytes(columns, head.engine);
  return {
    'variants.parquet': bytes(variantColumns(head)),
    'runs.parquet': bytes(runColumns(head, all)),
    'metrics.parquet': bytes(metricColumns(head, summary)),
    'refusals.parquet': bytes(refusalColumns(head, all)),
  };
}

function variantColumns({ variants, baseline }: SweepHead): TableColumn[] {
  const rows = variants.flatMap(({ name, levels }, variant) => {
    const entries = Object.entries(levels);
    const shown = entries.length > 0 ? entries : [['', ''] as const];
    return shown.map(([axis, level]) => ({ variant, name, axis, level }));
  });
  return [
    { name: 'variant', type: 'INT32', data: rows.map(({ variant }) => variant) },
    { name: 'variant_name', type: 'STRING', data: rows.map(({ name }) => name) },
    { name: 'axis', type: 'STRING', data: rows.map(({ axis }) => axis) },
    { name: 'level', type: 'STRING', data: rows.map(({ level }) => level) },
    { name: 'is_baseline', type: 'BOOLEAN', data: rows.map((row) => row.variant === baseline) },
  ];
}

function runColumns({ variants }: SweepHead, rows: readonly RunRow[]): TableColumn[] {
  const count = (name: string, of: (row: RunRow) => number): TableColumn => ({
    name,
    type: 'INT64',
    data: rows.map(of),
  });
  const shares = METRIC_NAMES.filter((metric) => unitOf(metric) === 'share');
  return [
    { name: 'variant', type: 'INT32', data: rows.map(({ variant }) => variant) },
    {
      name: 'variant_name',
      type: 'STRING',
      data: rows.map(({ variant }) => variants[variant].name),
    },
    { name: 'replication', type: 'INT32', data: rows.map(({ replication }) => replication) },
    count('seed', ({ seed }) => seed),
    count('asked', ({ asked }) => asked),
    count('accepted', ({ accepted }) => accepted),
    count('accepted_late', ({ acceptedLate }) => acceptedLate),
    count('refused', ({ refused }) => refused),
    count('expired', ({ expired }) => expired),
    count('lost', ({ lost }) => lost),
    count('peak_running', ({ peakRunning }) => peakRunning),
    count('peak_vcpus', ({ peakVcpus }) => peakVcpus),
    count('peak_memory_mib', ({ peakMemoryMib }) => peakMemoryMib),
    count('stranded_vcpus', ({ strandedVcpus }) => strandedVcpus),
    count('stranded_mib', ({ strandedMib }) => strandedMib),
    count('last_ms', ({ lastMs }) => lastMs),
    count('violations', ({ violations }) => violations),
    count('groups_kept', ({ groupsKept }) => groupsKept),
    count('groups_not_kept', ({ groupsNotKept }) => groupsNotKept),
    count('events_after_end', ({ eventsAfterEnd }) => eventsAfterEnd),
    ...shares.map(
      (metric): TableColumn => ({
        name: snakeCase(metric),
        type: 'DOUBLE',
        data: rows.map((row) => measure(metric, row)),
      }),
    ),
    { name: 'run_id', type: 'STRING', data: rows.map(({ runId }) => runId) },
    { name: 'result_hash', type: 'STRING', data: rows.map(({ resultHash }) => resultHash) },
  ];
}

function metricColumns({ metrics }: SweepHead, { variants }: SweepSummary): TableColumn[] {
  const rows = variants.flatMap(({ name, metrics: measured }, variant) =>
    metrics.flatMap((metric) => {
      const one = measured[metric];
      return one === undefined ? [] : [{ variant, name, metric, ...one }];
    }),
  );
  type Row = MeasuredMetric & { variant: number; name: string; metric: string };
  const double = (name: string, of: (row: Row) => number | undefined): TableColumn => ({
    name,
    type: 'DOUBLE',
    nullable: true,
    data: rows.map((row) => of(row) ?? null),
  });
  return [
    { name: 'variant', type: 'INT32', data: rows.map(({ variant }) => variant) },
    { name: 'variant_name', type: 'STRING', data: rows.map(({ name }) => name) },
    { name: 'metric', type: 'STRING', data: rows.map(({ metric }) => metric) },
    { name: 'n', type: 'INT32', data: rows.map(({ n }) => n) },
    double('mean', ({ mean }) => mean),
    double('deviation', ({ deviation }) => deviation),
    double('half_width', ({ halfWidth }) => halfWidth),
    double('difference', ({ difference }) => difference?.mean),
    double('difference_half_width', ({ difference }) => difference?.halfWidth),
  ];
}

function refusalColumns({ variants }: SweepHead, rows: readonly RunRow[]): TableColumn[] {
  const kinds = [
    ['ask', ({ refusedBy }: RunRow) => refusedBy],
    ['proposal', ({ refusedProposals }: RunRow) => refusedProposals],
    ['reservation', ({ refusedReservations }: RunRow) => refusedReservations],
  ] as const;
  const found = rows.flatMap((row) =>
    kinds.flatMap(([kind, of]) =>
      Object.entries(of(row))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([rule, n]) => ({ ...row, kind, rule, n })),
    ),
  );
  return [
    { name: 'variant', type: 'INT32', data: found.map(({ variant }) => variant) },
    {
      name: 'variant_name',
      type: 'STRING',
      data: found.map(({ variant }) => variants[variant].name),
    },
    { name: 'replication', type: 'INT32', data: found.map(({ replication }) => replication) },
    { name: 'seed', type: 'INT64', data: found.map(({ seed }) => seed) },
    { name: 'kind', type: 'STRING', data: found.map(({ kind }) => kind) },
    { name: 'rule', type: 'STRING', data: found.map(({ rule }) => rule) },
    { name: 'count', type: 'INT64', data: found.map(({ n }) => n) },
  ];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
