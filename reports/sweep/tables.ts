/**
 * The tables of a sweep's run folder; what each column means stands in TABLES.md.
 *
 * Invariant: rows are in the order of variants, then seeds, then metrics or rules by name, so equal
 * sweeps give equal files. Trade-off: long tables (one row per axis, metric, rule), because SQL
 * pivots long to wide more easily than back, and a new axis changes no schema.
 */
import { METRIC_NAMES, measure, unitOf } from './metrics.js';
import type { RunRows } from './packed-rows.js';
import { parquetBytes, type TableColumn } from './parquet.js';
import type { RunRow } from './run-row.js';
import type { MeasuredMetric, SweepHead, SweepSummary } from './summary.js';

/** File name → content. */
export function tableFiles(
  head: SweepHead,
  summary: SweepSummary,
  rows: readonly RunRows[],
): Record<string, Uint8Array> {
  const { engine } = head;
  return {
    'variants.parquet': parquetBytes(VARIANT_COLUMNS, variantRows(head), engine),
    'runs.parquet': parquetBytes(runColumns(head), all(rows), engine),
    'metrics.parquet': parquetBytes(METRIC_COLUMNS, metricRows(head, summary), engine),
    'refusals.parquet': parquetBytes(refusalColumns(head), refusals(all(rows)), engine),
  };
}

function* all(rows: readonly RunRows[]): Generator<RunRow> {
  for (const variant of rows) yield* variant;
}

interface VariantRow {
  readonly variant: number;
  readonly name: string;
  readonly axis: string;
  readonly level: string;
  readonly isBaseline: boolean;
}

const VARIANT_COLUMNS: readonly TableColumn<VariantRow>[] = [
  { name: 'variant', type: 'INT32', of: ({ variant }) => variant },
  { name: 'variant_name', type: 'STRING', of: ({ name }) => name },
  { name: 'axis', type: 'STRING', of: ({ axis }) => axis },
  { name: 'level', type: 'STRING', of: ({ level }) => level },
  { name: 'is_baseline', type: 'BOOLEAN', of: ({ isBaseline }) => isBaseline },
];

function variantRows({ variants, baseline }: SweepHead): VariantRow[] {
  return variants.flatMap(({ name, levels }, variant) => {
    const entries = Object.entries(levels);
    const shown = entries.length > 0 ? entries : [['', ''] as const];
    const isBaseline = variant === baseline;
    return shown.map(([axis, level]) => ({ variant, name, axis, level, isBaseline }));
  });
}

function runColumns({ variants }: SweepHead): TableColumn<RunRow>[] {
  const count = (name: string, of: (row: RunRow) => number): TableColumn<RunRow> => ({
    name,
    type: 'INT64',
    of,
  });
  const shares = METRIC_NAMES.filter((metric) => unitOf(metric) === 'share');
  return [
    { name: 'variant', type: 'INT32', of: ({ variant }) => variant },
    { name: 'variant_name', type: 'STRING', of: ({ variant }) => variants[variant].name },
    { name: 'replication', type: 'INT32', of: ({ replication }) => replication },
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
    count('too_large', ({ tooLarge }) => tooLarge),
    ...shares.map(
      (metric): TableColumn<RunRow> => ({
        name: snakeCase(metric),
        type: 'DOUBLE',
        of: (row) => measure(metric, row),
      }),
    ),
    { name: 'run_id', type: 'STRING', of: ({ runId }) => runId },
    { name: 'result_hash', type: 'STRING', of: ({ resultHash }) => resultHash },
  ];
}

type MetricRow = MeasuredMetric & {
  readonly variant: number;
  readonly name: string;
  readonly metric: string;
};

function metricDouble(name: string, of: (row: MetricRow) => number | undefined) {
  const column: TableColumn<MetricRow> = {
    name,
    type: 'DOUBLE',
    nullable: true,
    of: (row) => of(row) ?? null,
  };
  return column;
}

const METRIC_COLUMNS: readonly TableColumn<MetricRow>[] = [
  { name: 'variant', type: 'INT32', of: ({ variant }) => variant },
  { name: 'variant_name', type: 'STRING', of: ({ name }) => name },
  { name: 'metric', type: 'STRING', of: ({ metric }) => metric },
  { name: 'n', type: 'INT32', of: ({ n }) => n },
  metricDouble('mean', ({ mean }) => mean),
  metricDouble('deviation', ({ deviation }) => deviation),
  metricDouble('half_width', ({ halfWidth }) => halfWidth),
  metricDouble('difference', ({ difference }) => difference?.mean),
  metricDouble('difference_half_width', ({ difference }) => difference?.halfWidth),
];

function metricRows({ metrics }: SweepHead, { variants }: SweepSummary): MetricRow[] {
  return variants.flatMap(({ name, metrics: measured }, variant) =>
    metrics.flatMap((metric) => {
      const one = measured[metric];
      return one === undefined ? [] : [{ variant, name, metric, ...one }];
    }),
  );
}

interface Refusals {
  readonly row: RunRow;
  readonly kind: string;
  readonly rule: string;
  readonly n: number;
}

function* refusals(rows: Iterable<RunRow>): Generator<Refusals> {
  const kinds = [
    ['ask', ({ refusedBy }: RunRow) => refusedBy],
    ['proposal', ({ refusedProposals }: RunRow) => refusedProposals],
    ['reservation', ({ refusedReservations }: RunRow) => refusedReservations],
  ] as const;
  for (const row of rows) {
    for (const [kind, of] of kinds) {
      const byName = Object.entries(of(row)).sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [rule, n] of byName) yield { row, kind, rule, n };
    }
  }
}

function refusalColumns({ variants }: SweepHead): TableColumn<Refusals>[] {
  return [
    { name: 'variant', type: 'INT32', of: ({ row }) => row.variant },
    { name: 'variant_name', type: 'STRING', of: ({ row }) => variants[row.variant].name },
    { name: 'replication', type: 'INT32', of: ({ row }) => row.replication },
    { name: 'seed', type: 'INT64', of: ({ row }) => row.seed },
    { name: 'kind', type: 'STRING', of: ({ kind }) => kind },
    { name: 'rule', type: 'STRING', of: ({ rule }) => rule },
    { name: 'count', type: 'INT64', of: ({ n }) => n },
  ];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
