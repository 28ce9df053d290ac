/**
 * A finished sweep on the terminal: one table a metric, each variant beside the baseline.
 *
 * Invariant: a difference is marked only where its 95 % interval leaves zero out; what has no interval
 * (a single run, a variant that no seed changes) is never marked; no variant's name is cut, since names
 * differ at their ends: where they do not fit, each is said once and has a number. Trade-off: the
 * rules that refused are named for each variant, the most frequent three; the rest is in the tables.
 */
import { counted } from '../../core/units/counted.js';
import { BLANK, type Line, labelled, paint, paragraph, section, span } from '../terminal/line.js';
import type { Style } from '../terminal/style.js';
import { type Column, type Row, table, tableFits } from '../terminal/table.js';
import { timeText } from '../terminal/time-text.js';
import type { Interval } from './interval.js';
import { leftOutLines } from './left-out.js';
import { columnText, unitText } from './metric-text.js';
import { METRIC_NAMES, type MetricName } from './metrics.js';
import { sharedRemarks } from './remarks.js';
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
  const { title, seeds, runs, stoppedBy, variants, baseline, leftOut = [] } = summary;
  const product =
    stoppedBy === 'seedless'
      ? counted(runs, 'variant')
      : `${counted(variants.length, 'variant')} × ${counted(seeds, 'seed')} = ${counted(runs, 'run')}`;
  const counts = `${product} (${STOPPED[stoppedBy]})`;
  const exact = variants.filter(({ seedless }) => seedless).map(({ name }) => name);
  const differences = `differences to: ${baseline}`;
  const shown = METRIC_NAMES.filter((metric) => variants[0].metrics[metric] !== undefined);
  const names = variants.map(({ name }) => name);
  const fit = shown.every((metric) =>
    tableFits(COLUMNS, metricRows(metric, variants, names), style, INDENT),
  );
  const labels = fit ? names : names.map((_, v) => `#${v + 1}`);
  const lines: Line[] = [
    ...paragraph(title, style, 0, 'strong'),
    ...paragraph(counts, style, INDENT),
    ...warmupLines(summary, style),
    ...(stoppedBy === 'seedless'
      ? paragraph(`${differences}; there is nothing to have an interval of`, style, INDENT)
      : [
          ...paragraph(`${differences}; intervals of 95 %`, style, INDENT),
          ...paragraph('* = the interval of a difference leaves 0 out', style, INDENT),
        ]),
    ...(stoppedBy === 'seedless' || exact.length === 0
      ? []
      : paragraph(`no seed changes, so exact: ${exact.join('; ')}`, style, INDENT)),
    ...notKeptLines(summary, style),
    BLANK,
    ...leftOutLines(leftOut, variants.length, style),
    ...(fit ? [] : section('variants', numbered(names, labels, style), style)),
    ...shown.flatMap((metric) => {
      const rows = metricRows(metric, variants, labels);
      const heading = `${metric} (${unitText(metric)})`;
      return section(heading, table(COLUMNS, rows, style, INDENT), style);
    }),
    ...section('refused, by rule', refusalLines(variants.map(refusedBy), labels, style), style),
    ...section(
      'reservations refused at a boot, by rule',
      refusalLines(variants.map(refusedReservations), labels, style),
      style,
    ),
    ...section(
      'larger than any parent, even empty: more parents alike do not help',
      countLines(variants.map(tooLarge), labels, style),
      style,
    ),
    ...section(
      'parent events too late, when nobody was left',
      countLines(variants.map(eventsAfterEnd), labels, style),
      style,
    ),
    ...section('remarks', remarkLines(variants, labels, style), style),
  ];
  return paint(lines, style);
}

function numbered(names: readonly string[], labels: readonly string[], style: Style): Line[] {
  return names.flatMap((name, v) => labelled(span(labels[v], 'strong'), name, style, INDENT));
}

/** `labels`: of the variants, in their order. */
function metricRows(
  metric: MetricName,
  variants: readonly VariantSummary[],
  labels: readonly string[],
): Row[] {
  const all = variants.flatMap(({ metrics }) => metrics[metric] ?? []);
  const differences = all.flatMap(({ difference }) => difference ?? []);
  const [meanText, differenceText] = [all, differences].map((column) =>
    columnText(
      metric,
      column.map(({ mean }) => mean),
    ),
  );
  const [widthText, differenceWidthText] = [all, differences].map((column) => {
    const text = columnText(
      metric,
      column.flatMap(({ halfWidth = [] }) => halfWidth),
    );
    return ({ halfWidth }: Interval) => (halfWidth === undefined ? '-' : text(halfWidth));
  });
  return variants.flatMap(({ metrics }, v): Row[] => {
    const one = metrics[metric];
    if (one === undefined) return [];
    const { difference } = one;
    const sign = difference !== undefined && difference.mean > 0 ? '+' : '';
    return [
      [
        span(labels[v]),
        span(meanText(one.mean), 'strong'),
        span(widthText(one)),
        span(difference === undefined ? '' : `${sign}${differenceText(difference.mean)}`),
        span(difference === undefined ? 'baseline' : differenceWidthText(difference), 'quiet'),
        span(difference !== undefined && leavesZeroOut(difference) ? '*' : ''),
      ],
    ];
  });
}

/** What of a run is not counted, and what is told of all of it. */
function warmupLines({ warmup }: SweepSummary, style: Style): Line[] {
  if (warmup === null) return [];
  const who =
    'requests' in warmup
      ? `the first ${counted(warmup.requests, 'request')} of each run`
      : `requests that come before ${timeText(warmup.timeMs)}`;
  const text = `warm-up: ${who} are not counted; peaks and stranded resources are of the whole run`;
  return paragraph(text, style, INDENT);
}

/** Once for all: a group's rule that is not kept, and how many asks of a run have such a one. */
function notKeptLines({ variants, seeds }: SweepSummary, style: Style): Line[] {
  const counts = variants.map(({ groups }) => (groups?.notKept ?? 0) / seeds);
  const some = counts.filter((count) => count > 0);
  if (some.length === 0) return [];
  const [least, most] = [Math.min(...some), Math.max(...some)];
  const asks = least === most ? `${most}` : `${least} to ${most}`;
  const where =
    some.length === variants.length ? '' : ` of ${some.length} of the ${variants.length} variants`;
  const text =
    `asked in groups that are not kept: ${asks} in each run${where}, by fault_domain, ` +
    'since no domains of parents are known';
  return paragraph(text, style, INDENT);
}

type Counts = Readonly<Record<string, number>>;

const refusedBy = (variant: VariantSummary): Counts => variant.refusedBy;
const refusedReservations = (variant: VariantSummary): Counts => variant.refusedReservations;
const tooLarge = (variant: VariantSummary): number => variant.tooLarge;
const eventsAfterEnd = (variant: VariantSummary): number => variant.eventsAfterEnd;

function refusalLines(counts: readonly Counts[], labels: readonly string[], style: Style): Line[] {
  return counts.flatMap((byRule, v) => {
    const rules = Object.entries(byRule);
    if (rules.length === 0) return [];
    const most = rules.slice(0, RULES_SHOWN).map(([rule, n]) => `${rule} ${n}`);
    const more = rules.length > RULES_SHOWN ? `, and ${rules.length - RULES_SHOWN} more rules` : '';
    return paragraph(`${labels[v]}: ${most.join(', ')}${more}`, style, INDENT);
  });
}

/** Over all runs, as the rules above are counted. */
function countLines(counts: readonly number[], labels: readonly string[], style: Style): Line[] {
  return counts.flatMap((count, v) =>
    count === 0 ? [] : paragraph(`${labels[v]}: ${count}`, style, INDENT),
  );
}

function remarkLines(
  variants: readonly VariantSummary[],
  labels: readonly string[],
  style: Style,
): Line[] {
  return sharedRemarks(variants).flatMap((remark) => {
    const isOfAll = remark.variants.length === variants.length;
    const about = isOfAll ? 'all variants' : remark.variants.map((v) => labels[v]).join('; ');
    return paragraph(`${about}: ${remark.text}`, style, INDENT);
  });
}

function leavesZeroOut({ mean, halfWidth = Number.POSITIVE_INFINITY }: Interval): boolean {
  return Math.abs(mean) > halfWidth;
}
