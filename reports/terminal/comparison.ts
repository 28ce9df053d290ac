/**
 * Several runs side by side: the same demand on several platforms, one column each.
 *
 * Invariant: every launch of every record is counted once in its row, and a row says "-" where a
 * record has no such launch. Trade-off: only rows that differ are all shown; a long list of rows
 * with one answer everywhere is counted. Too many columns for the width become blocks, one each.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import { formatMib } from '../../core/units/size.js';
import type { RunRecord, TimelineEntry } from '../record.js';
import { codeText } from './code-text.js';
import {
  type ComparedRun,
  columnNames,
  comparedRuns,
  differingInputs,
  equalResults,
  type Origin,
  sameInputs,
} from './compared-runs.js';
import {
  BLANK,
  INDENT,
  type Line,
  labelled,
  paint,
  paragraph,
  type Span,
  section,
  span,
} from './line.js';
import { marksOf } from './marks.js';
import { printableJson } from './printable.js';
import type { Style } from './style.js';
import { type Row, table, tableFits } from './table.js';
import { verdictMark } from './verdict-mark.js';

/** More rows than this, and those that are the same everywhere are only counted. */
const MOST_ROWS = 40;
/** A column narrower than this says nothing; then each platform gets its own block. */
const LEAST_COLUMN = 12;

/**
 * The comparison, lines ended by newlines. Records keep their order.
 * @param origins where each was read from; none for runs made just now
 */
export function renderComparison(
  stored: readonly RunRecord[],
  style: Style,
  origins: readonly Origin[] = [],
): string {
  const runs = printableJson(
    stored.map((record, i): ComparedRun => ({ record, origin: origins[i] })),
    style.unicode,
  );
  const records = runs.map(({ record }) => record);
  const names = columnNames(runs);
  const lines = [
    ...paragraph(titleOf(records), style, 0, 'strong'),
    BLANK,
    ...(origins.length === 0 ? [] : compared(runs, names, style)),
    ...verdicts(records, names, style),
    ...launches(records, names, style),
    ...totals(records, names, style),
    ...reasons(records, names, style),
  ];
  return paint(lines.slice(0, -1), style);
}

/** That of all runs, or that they have none in common. */
function titleOf(records: readonly RunRecord[]): string {
  const titles = new Set(records.map(({ scenario }) => scenario.title));
  const [first] = titles;
  if (first === undefined) return 'nothing to compare';
  return titles.size === 1 ? first : `Runs of ${titles.size} scenarios`;
}

/** The runs, and in which of their inputs they differ. */
function compared(runs: readonly ComparedRun[], names: readonly string[], style: Style): Line[] {
  const rows = differingInputs(runs, style);
  const body =
    rows.length === 0
      ? sameInputs(runs, names, style)
      : [...inputs(names, rows, style), ...equalResults(runs, names, style)];
  return [...comparedRuns(runs, names, style), ...section('They differ', body, style)];
}

/**
 * A table of the inputs that stand in it in full; below it each other by itself, with a line for each
 * run: nothing that differs is cut.
 */
function inputs(names: readonly string[], rows: readonly Row[], style: Style): Line[] {
  const columns = ['', ...names].map((title) => ({ title }));
  const inTable: Row[] = [];
  const below: Row[] = [];
  for (const row of rows) {
    const fits = tableFits(columns, [...inTable, row], style, INDENT);
    (fits ? inTable : below).push(row);
  }
  const lines = below.flatMap(([label, ...cells]) => [
    ...paragraph(label.text, style, INDENT, 'quiet'),
    ...table(
      [{ title: '' }, { title: '', wrap: true }],
      cells.map((cell, i) => [span(names[i]), cell]),
      style,
      INDENT * 2,
    ),
  ]);
  return inTable.length === 0 ? lines : [...table(columns, inTable, style, INDENT), ...lines];
}

function verdicts(records: readonly RunRecord[], names: readonly string[], style: Style): Line[] {
  const marks = records.map(verdictMark);
  const width = Math.max(...marks.map(({ text }) => text.length), 'FAILED'.length);
  const body = records.flatMap(({ verdict }, i) =>
    labelled(
      { ...marks[i], text: marks[i].text.padEnd(width) },
      `${names[i]}: ${verdict.text}`,
      style,
      INDENT,
    ),
  );
  return section('Verdicts', body, style);
}

function launches(records: readonly RunRecord[], names: readonly string[], style: Style): Line[] {
  const { more } = marksOf(style);
  const outcomes = records.map(launchesByName);
  const demands = [...new Set(outcomes.flatMap((byName) => [...byName.keys()]))];
  const rows = families(demands).map(
    ([first, ...others]): Row => [
      span(others.length === 0 ? first : `${first} ${more} ${numberOf(others.at(-1) ?? first)}`),
      ...outcomes.map((byName) => {
        const found = [first, ...others].map((demand) => byName.get(demand));
        return others.length === 0 ? outcomeSpan(found[0], style) : countsSpan(found, style);
      }),
    ],
  );
  const shown = rows.length > MOST_ROWS ? rows.filter(differs) : rows;
  const hidden = rows.length - shown.length;
  const rest = hidden === 0 ? [] : paragraph(`${more} ${hidden} the same on all`, style, INDENT);
  const body = [...grid('launch', names, shown, style), ...rest];
  return section(`Launches: ${demands.length}`, rows.length === 0 ? [] : body, style);
}

/** More numbered launches of one name than this share a row. */
const MOST_NUMBERED = 6;

/** Launches that share a row, at least one. */
type Family = [string, ...string[]];

/** Each launch by itself, but many numbered ones (churn-1, churn-2, …) as one family. */
function families(demands: readonly string[]): Family[] {
  const byStem = new Map<string, Family>();
  for (const demand of demands) {
    const stem = numberOf(demand) === '' ? demand : demand.slice(0, -numberOf(demand).length);
    const family = byStem.get(stem);
    if (family === undefined) byStem.set(stem, [demand]);
    else family.push(demand);
  }
  const rows: Family[] = [];
  for (const family of byStem.values()) {
    if (family.length > MOST_NUMBERED) rows.push(family);
    else rows.push(...family.map((demand): Family => [demand]));
  }
  return rows;
}

/** "churn-12" → "12"; "" when the name ends in no number. */
function numberOf(name: string): string {
  return /-(\d+)$/.exec(name)?.[1] ?? '';
}

function countsSpan(entries: readonly (TimelineEntry | undefined)[], style: Style): Span {
  const { yes, no } = marksOf(style);
  const ran = entries.filter((entry) => entry?.ok === true).length;
  const refused = entries.filter((entry) => entry?.ok === false).length;
  return span(`${ran} ${yes}  ${refused} ${no}`, refused === 0 ? 'good' : undefined);
}

/** A table when each platform gets a readable column, else a table per platform. */
function grid(title: string, names: readonly string[], rows: readonly Row[], style: Style): Line[] {
  const columns = [{ title }, ...names.map((name) => ({ title: name }))];
  const fits = (style.width - INDENT) / columns.length >= LEAST_COLUMN + INDENT;
  if (rows.length === 0) return [];
  if (fits) return table(columns, rows, style, INDENT);
  return names.flatMap((name, i) => {
    const own = rows.map((row) => [row[0], row[i + 1]]);
    const block = table([{ title }, { title: name }], own, style, INDENT);
    return i === 0 ? block : [BLANK, ...block];
  });
}

/** "web" → its launch; a name launched again is "web (2)"; a launch without a name has its text. */
function launchesByName({ timeline }: RunRecord): Map<string, TimelineEntry> {
  const byName = new Map<string, TimelineEntry>();
  const times = new Map<string, number>();
  for (const entry of timeline) {
    if (entry.kind !== 'launch') continue;
    const name = entry.name ?? entry.text;
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    byName.set(nth === 1 ? name : `${name} (${nth})`, entry);
  }
  return byName;
}

function outcomeSpan(entry: TimelineEntry | undefined, style: Style): Span {
  const { yes, no } = marksOf(style);
  if (entry === undefined) return span('-', 'quiet');
  const { ok, enclave, refusal } = entry;
  if (ok) {
    const given = enclave === undefined ? '' : `, node ${enclave.node}`;
    const size = enclave === undefined ? '' : ` ${formatMib(enclave.memoryMib)}`;
    return span(`${yes}${size}${given}`, 'good');
  }
  const why = refusal === undefined ? 'failed' : codeText(refusal.codes, style) || refusal.rule;
  return span(`${no} ${why}`, 'bad');
}

function differs(row: Row): boolean {
  return row.slice(2).some(({ text }) => text !== row[1].text);
}

function totals(records: readonly RunRecord[], names: readonly string[], style: Style): Line[] {
  const row = (label: string, of: (record: RunRecord) => string): Row => [
    span(label),
    ...records.map((record) => span(of(record))),
  ];
  const shareRow = (
    label: string,
    of: (record: RunRecord) => number,
    print: (amount: number) => string,
  ): Row => row(label, (record) => (record.snapshots.length === 0 ? '-' : print(of(record))));
  const capacity = (record: RunRecord) => record.snapshots.at(-1)?.capacity;
  const rows = [
    row('launched', ({ verdict }) => `${verdict.launched} of ${verdict.launches}`),
    row('running', ({ verdict }) => String(verdict.running)),
    shareRow('vCPUs', (record) => capacity(record)?.vcpus.enclaves ?? 0, String),
    shareRow('memory', (record) => capacity(record)?.memoryMib.enclaves ?? 0, formatMib),
    shareRow('stranded', (record) => strandedMib(record), formatMib),
  ];
  return section('In enclaves at the end', grid('', names, rows, style), style);
}

function strandedMib({ snapshots }: RunRecord): number {
  const stranded = snapshots.at(-1)?.capacity.stranded ?? [];
  return stranded.reduce((sum, { unit, amount }) => sum + (unit === 'MiB' ? amount : 0), 0);
}

/** Each run's first refusal, as the record has them, in its own words, with its remedy; once of equals. */
function reasons(records: readonly RunRecord[], names: readonly string[], style: Style): Line[] {
  const said = new Map<string, { readonly refusal: Refusal; readonly of: string[] }>();
  for (const [i, { refusals }] of records.entries()) {
    const [group] = refusals;
    if (group === undefined) continue;
    const { message, remedy } = group.example;
    const key = JSON.stringify([message, remedy]);
    const known = said.get(key) ?? { refusal: group.example, of: [] };
    said.set(key, { ...known, of: [...known.of, names[i]] });
  }
  const body = [...said.values()].flatMap(({ refusal, of }) => [
    ...paragraph(`${of.join(', ')}: ${refusal.message}`, style, INDENT),
    ...labelled(span('remedy', 'good'), refusal.remedy, style, INDENT * 2),
  ]);
  return section('Refusals that tell most', body, style);
}
