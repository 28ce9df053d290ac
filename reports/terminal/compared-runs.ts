/**
 * Which runs stand side by side, and in what they differ before anything ran.
 *
 * Invariant: every input that a record names and that is not the same in all is a row; what differs
 * and is in no record is told as such. Trade-off: of a scenario's text only that it differs is known.
 */
import type { RunRecord } from '../record.js';
import { codeText } from './code-text.js';
import { INDENT, type Line, labelled, paragraph, section, span } from './line.js';
import { marksOf } from './marks.js';
import { parentName, usableText } from './parent-text.js';
import type { Style } from './style.js';
import type { Row } from './table.js';

/** Where a record was read from. */
export interface Origin {
  /** As it was given. */
  readonly folder: string;
  /** SHA-256 of the scenario's text, and the values that `--set` put in. */
  readonly scenarioSha256?: string;
  readonly set: readonly string[];
}

export interface ComparedRun {
  readonly record: RunRecord;
  /** Absent = it was run just now. */
  readonly origin?: Origin;
}

/** Digits of a hash that are shown. */
const HASH_DIGITS = 12;

/** A name for each column: its folder, shortened, or its platform; the same again is numbered. */
export function columnNames(runs: readonly ComparedRun[]): string[] {
  const platforms = runs.map(({ record }) => record.scenario.platform);
  const folders = runs.flatMap(({ origin }) => (origin === undefined ? [] : [origin.folder]));
  const bases = folders.length === runs.length ? lastParts(folders) : platforms;
  return bases.map((base, i) => {
    const before = bases.slice(0, i).filter((other) => other === base).length;
    return before === 0 ? base : `${base} #${before + 1}`;
  });
}

/** As few last parts of each path as tell different ones apart. */
function lastParts(folders: readonly string[]): string[] {
  const paths = folders.map((folder) => folder.split(/[/\\]+/).filter((part) => part !== ''));
  const longest = Math.max(...paths.map((parts) => parts.length));
  for (let parts = 1; parts < longest; parts++) {
    const short = paths.map((path) => path.slice(-parts).join('/'));
    if (new Set(short).size === new Set(folders).size) return short;
  }
  return [...folders];
}

/** One line a run: its column, and the folder that it is from. Nothing for runs made just now. */
export function comparedRuns(
  runs: readonly ComparedRun[],
  names: readonly string[],
  style: Style,
): Line[] {
  const widest = Math.max(...names.map((name) => name.length), 0);
  const body = runs.flatMap(({ record: { scenario, engine }, origin }, i) => {
    if (origin === undefined) return [];
    const facts = [
      ...(origin.folder === names[i] ? [] : [origin.folder]),
      scenario.file,
      scenario.platform,
      `seed ${scenario.seed}`,
      `${engine.name} ${engine.version}`,
    ];
    const label = span(names[i].padEnd(Math.min(widest, style.width / 3)), 'strong');
    return labelled(label, facts.join(marksOf(style).between), style, INDENT);
  });
  return section(`Compared: ${runs.length} runs`, body, style);
}

/** Inputs that are not the same in all runs; a sentence where there is none. */
export function differingInputs(runs: readonly ComparedRun[], style: Style): Row[] {
  const row = (label: string, of: (run: ComparedRun) => string): Row => [
    span(label),
    ...runs.map((run) => span(of(run) || '-')),
  ];
  const options = new Set(runs.flatMap(({ record }) => Object.keys(record.scenario.options)));
  return [
    row('title', ({ record }) => record.scenario.title),
    row('file', ({ record }) => record.scenario.file),
    row('text of the file', ({ origin }) => (origin?.scenarioSha256 ?? '').slice(0, HASH_DIGITS)),
    row('--set', ({ origin }) => (origin?.set ?? []).join(' ')),
    row('platform', ({ record }) => record.scenario.platform),
    row('seed', ({ record }) => String(record.scenario.seed)),
    ...[...options].map((name) =>
      row(`option ${name}`, ({ record }) => String(record.scenario.options[name] ?? '')),
    ),
    row('parent', ({ record }) => parentText(record)),
    row('reserved', ({ record }) => reservedText(record, style)),
    row('engine', ({ record }) => `${record.engine.name} ${record.engine.version}`),
  ].filter(isDifferent);
}

/** What can be said of runs whose named inputs are all the same. */
export function sameInputs(
  runs: readonly ComparedRun[],
  names: readonly string[],
  style: Style,
): Line[] {
  const [first] = runs;
  const same = (of: (record: RunRecord) => string): boolean =>
    runs.every(({ record }) => of(record) === of(first.record));
  if (!same(({ runId }) => runId)) {
    return [
      ...paragraph('the scenario itself, in something no record names', style, INDENT),
      ...equalResults(runs, names, style),
    ];
  }
  const result = same(({ resultHash }) => resultHash) ? ' and result' : ', not in result';
  return paragraph(`in nothing: they are the same in input${result}`, style, INDENT);
}

/** Of runs that differ in an input, those that had the same result all the same; nothing where none had. */
export function equalResults(
  runs: readonly ComparedRun[],
  names: readonly string[],
  style: Style,
): Line[] {
  const byHash = new Map<string, string[]>();
  for (const [i, { record }] of runs.entries()) {
    byHash.set(record.resultHash, [...(byHash.get(record.resultHash) ?? []), names[i]]);
  }
  const groups = [...byHash.values()].filter(({ length }) => length > 1);
  const of = (group: readonly string[]) =>
    group.length === runs.length ? 'all of them' : group.join(', ');
  return groups.flatMap((group) =>
    paragraph(`${of(group)}: the same result, command by command, all the same`, style, INDENT),
  );
}

function isDifferent([, first, ...others]: Row): boolean {
  return others.some(({ text }) => text !== first.text);
}

function parentText({ host }: RunRecord): string {
  return `${parentName(host)}, ${host.vcpus} vCPUs, ${usableText(host)}`;
}

/** What the first reservation got, or how it was refused. */
function reservedText({ timeline }: RunRecord, style: Style): string {
  const first = timeline.find(({ kind }) => kind === 'reserve');
  if (first?.refusal === undefined) return first?.text ?? '';
  return `refused: ${codeText(first.refusal.codes, style) || first.refusal.rule}`;
}
