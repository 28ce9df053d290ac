/**
 * A finished sweep on the terminal: one table a metric, each variant beside the baseline.
 *
 * Invariant: a difference is marked only where its 95 % interval leaves zero out; what has no interval
 * (a single run, a variant that no seed changes) is never marked. Trade-off: the
 * rules that refused are named for each variant, the most frequent three; the rest is in the tables.
 */
import { BLANK, type Line, paint, paragraph, section, span } from '../terminal/line.js';
import type { Style } from '../terminal/style.js';
import { type Column, type Row, table } from '../terminal/table.js';
import type { Interval } from './interval.js';
import { METRIC_NAMES, type MetricName, unitOf } from './metrics.js';
import type { SweepSummary, VariantSummary } from './summary.js';

const INDENT = 2;
const RULES_SHOWN = 3;
const STOPPED: Readonly<Record<SweepSummary['stoppedBy'], string>> = {
  count: 'as many as asked for',
  precision: 'enough for the precision asked for',
  most: 'the most allowed; the precision asked for was not reached',
  seedless: 'no seed changes them: each was run once, and its numbers are exact',
};

const COLUMNS: readonly Column[] = [
  { title: 'variant' },
  { title: 'mean', align: 'right' },
  { title: '±', align: 'right' },
  { title: 'difference', align: 'right' },
  { title: '±', align: 'right' },
  { title: '' },
];

export function renderSweep(summary: SweepSummary, style: Style): string {
  const { title, seeds, runs, stoppedBy, variants, baseline } = summary;
  const product =
    stoppedBy === 'seedless'
      ? `${runs} variants`
      : `${variants.length} variants × ${seeds} seeds = ${runs} runs`;
  const counts = `${product} (${STOPPED[stoppedBy]})`;
  const exact = variants.filter(({ seedless }) => seedless).map(({ name }) => name);
  const differences = `differences to: ${baseline}`;
  const shown = METRIC_NAMES.filter((metric) => variants[0].metrics[metric] !== undefined);
  const lines: Line[] = [
    ...paragraph(title, style, 0, 'strong'),
    ...paragraph(counts, style, INDENT),
    ...(stoppedBy === 'seedless'
      ? paragraph(`${differences}; there is nothing to have an interval of`, style, INDENT)
      : paragraph(`${differences}; intervals of 95 %`, style, INDENT)),
    ...(stoppedBy === 'seedless' || exact.length === 0
      ? []
      : paragraph(`no seed changes, so exact: ${exact.join('; ')}`, style, INDENT)),
    BLANK,
    ...shown.flatMap((metric) => metricSection(metric, variants, style)),
    ...section('refused, by rule', refusalLines(variants, style), style),
  ];
  return paint(lines, style);
}

function metricSection(
  metric: MetricName,
  variants: readonly VariantSummary[],
  style: Style,
): Line[] {
  const rows = variants.flatMap(({ name, metrics }): Row[] => {
    const one = metrics[metric];
    if (one === undefined) return [];
    const { difference } = one;
    return [
      [
        span(name),
        span(number(metric, one.mean), 'strong'),
        span(halfWidth(metric, one)),
        span(difference === undefined ? '' : signed(metric, difference.mean)),
        span(difference === undefined ? 'baseline' : halfWidth(metric, difference), 'quiet'),
        span(difference !== undefined && leavesZeroOut(difference) ? '*' : ''),
      ],
    ];
  });
  const unit = unitOf(metric);
  return section(`${metric} (${unit})`, table(COLUMNS, rows, style, INDENT), style);
}

function refusalLines(variants: readonly VariantSummary[], style: Style): Line[] {
  return variants.flatMap(({ name, refusedBy }) => {
    const rules = Object.entries(refusedBy);
    if (rules.length === 0) return [];
    const most = rules.slice(0, RULES_SHOWN).map(([rule, n]) => `${rule} ${n}`);
    const more = rules.length > RULES_SHOWN ? `, and ${rules.length - RULES_SHOWN} more rules` : '';
    return paragraph(`${name}: ${most.join(', ')}${more}`, style, INDENT);
  });
}

function leavesZeroOut({ mean, halfWidth = Number.POSITIVE_INFINITY }: Interval): boolean {
  return Math.abs(mean) > halfWidth;
}

function halfWidth(metric: MetricName, { halfWidth: width }: Interval): string {
  return width === undefined ? '-' : number(metric, width);
}

function signed(metric: MetricName, value: number): string {
  return `${value > 0 ? '+' : ''}${number(metric, value)}`;
}

function number(metric: MetricName, value: number): string {
  return value.toFixed(unitOf(metric) === 'share' ? 4 : 2);
}
