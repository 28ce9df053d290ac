/** Results as text for a terminal: a table per race, the hot path, the targets. Decides nothing. */

import type { Window } from './contestant.js';
import type { Entry } from './entry.js';
import type { Measured } from './hot-path/measure.js';
import type { Limits } from './limits.js';
import type { Machine } from './machine.js';
import type { Race } from './race.js';
import { isMet, type Target } from './targets.js';

type Row = readonly string[];

export function machineText({ cpu, cpus, node, load, platform }: Machine): string {
  return `${cpu}, ${cpus} CPUs, ${platform}, Node ${node}, load ${load.toFixed(2)}`;
}

export function raceText(race: Race): string {
  const floors = [`floor ${race.floorNs.toFixed(1)} ns`];
  if (race.nativeFloorNs !== undefined) floors.push(`native ${race.nativeFloorNs.toFixed(1)} ns`);
  const head = `${race.workload}: ${race.frames / 512} GiB, ${race.operations} operations, seeds ${race.seeds.join(' ')}, ${race.rounds} rounds; ${floors.join(', ')}`;
  const rows = race.entries.flatMap((entry) => [entryRow(entry), ...windowRow(entry, race)]);
  const title = ['ns per operation', 'net', 'net min', 'median', 'spread', 'one: p99', 'p99.9'];
  const quality = ['unusable@1G', 'volume', 'probes', 'false no', 'B/extent'];
  return `${head}\n${table([[...title, ...quality], ...rows])}${legend(race.entries)}`;
}

/** Ours over the operations that a peer was timed on who cannot replay the whole trace. */
function windowRow({ name, overWindow }: Entry, { entries }: Race): Row[] {
  const window = entries.flatMap((entry) => entry.window ?? [])[0];
  if (overWindow === undefined || window === undefined) return [];
  const { netNs, netMinimumNs } = overWindow;
  return [[`${name}, ${windowTold(window)}`, netNs.toFixed(1), netMinimumNs.toFixed(1)]];
}

function windowTold({ from, operations }: Window): string {
  return `operations ${from} to ${operations}`;
}

/** Only what was measured on the whole trace stands without a word in its row. */
function entryRow(entry: Entry): Row {
  const { name, ns, netNs, netMinimumNs, singles, quality, bytesPerExtent, sameChoices } = entry;
  const share = (part: number, whole: number) =>
    whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
  const twin = sameChoices === false ? ' (differs from native!)' : '';
  const { window, replays, qualityUpToWindow } = entry;
  const part = window === undefined ? '' : `, ${windowTold(window)}, replayed ${replays} x`;
  const breach = qualityUpToWindow?.valid === false ? ' (INVALID)' : '';
  return [
    name + twin + part + breach,
    netNs.toFixed(1),
    netMinimumNs.toFixed(1),
    ns.median.toFixed(1),
    replays === 1 ? '' : spreadTold(entry),
    singles?.p99.toFixed(0) ?? '',
    singles?.p999.toFixed(0) ?? '',
    quality?.unusable1G.toFixed(3) ?? '',
    quality === undefined ? '' : share(quality.acceptedFrames, quality.requestedFrames),
    quality === undefined ? '' : share(quality.probesServed, quality.probes),
    quality === undefined ? '' : `${quality.falseRefusals}${quality.valid ? '' : ' INVALID'}`,
    bytesPerExtent === 0 || window !== undefined ? '' : bytesPerExtent.toFixed(0),
  ];
}

export function hotPathText(measured: readonly Measured[]): string {
  const rows = measured.map(({ name, ns, unsteady }) => [
    name,
    duration(ns.minimum),
    duration(ns.median),
    duration(ns.p99),
    duration(ns.p999),
    spreadTold({ ns, unsteady }),
  ]);
  const tables: Row[][] = [[['hot path', 'min', 'median', 'p99', 'p99.9', 'spread'], ...rows]];
  const grown = sizeRows(measured);
  if (grown.length > 0) {
    tables.push([['24 TiB over 1 TiB', '1 TiB', '24 TiB', 'median', 'min'], ...grown]);
  }
  return tables.map(table).join('\n\n') + legend(measured);
}

function spreadTold({ ns, unsteady }: Pick<Measured, 'ns' | 'unsteady'>): string {
  return `${unsteady ? '! ' : ''}${(100 * ns.spread).toFixed(0)} %`;
}

/** A line that says what the sign of unsteady rows means, where there is one. */
function legend(rows: readonly Pick<Measured, 'unsteady'>[]): string {
  if (!rows.some(({ unsteady }) => unsteady)) return '';
  return '\n  !: the middle half of the times differs by more than 50 % of their median: distrust this row';
}

/** What was measured on a node of either size: by how much the larger one costs more. */
function sizeRows(measured: readonly Measured[]): Row[] {
  const of = new Map(measured.map(({ name, ns }) => [name, ns]));
  return measured.flatMap(({ name, ns }) => {
    const what = /^(.*), 1 TiB$/.exec(name)?.[1];
    const large = what === undefined ? undefined : of.get(`${what}, 24 TiB`);
    if (what === undefined || large === undefined) return [];
    const times = (small: number, big: number) => (small === 0 ? '' : (big / small).toFixed(2));
    const both = [duration(ns.median), duration(large.median)];
    return [[what, ...both, times(ns.median, large.median), times(ns.minimum, large.minimum)]];
  });
}

export function limitsText({ notes, times, steps, growth, copies }: Limits): string {
  const rows = times.map(({ name, netNs, netMinimumNs, timesNative, differs }) => [
    differs ? `${name} (chooses other places!)` : name,
    netMinimumNs.toFixed(1),
    netNs.toFixed(1),
    timesNative.toFixed(2),
  ]);
  const counted = steps.map(({ name, instructions, jumps, checks, distinct }) => [
    name,
    ...[instructions, jumps, checks, distinct].map((count) => count.toFixed(0)),
  ]);
  const copied = copies.map(({ name, ns }) => [name, duration(ns.minimum), duration(ns.median)]);
  const tables: Row[][] = [
    [['a90, ns per operation', 'net min', 'net median', '× native'], ...rows],
  ];
  if (counted.length > 0) {
    const head = ['a90, executed per operation', 'instructions', 'jumps', 'checks', 'code'];
    tables.push([head, ...counted]);
  }
  if (growth.length > 0) tables.push(growthRows(growth));
  if (copied.length > 0) tables.push([['copies', 'min', 'median'], ...copied]);
  return [...tables.map(table), ...notes.map((note) => `  note: ${note}`)].join('\n\n');
}

function growthRows(growth: Limits['growth']): Row[] {
  const head = ['1 TiB to 24 TiB, ns per operation', '1 TiB', '24 TiB', 'growth', 'instructions'];
  const rows = growth.map(({ name, netMinimumNs: [small, large], instructions }) => [
    name,
    small.toFixed(1),
    large.toFixed(1),
    (large / small).toFixed(2),
    instructions === undefined ? '' : instructions.map((count) => count.toFixed(0)).join(' to '),
  ]);
  return [head, ...rows];
}

export function targetsText(targets: readonly Target[]): string {
  const rows = targets.map((target) => {
    const { sentence, value, bound, sense } = target;
    if (value === undefined) return [sentence, 'not measured', '', '', ''];
    const sign = sense === 'at-most' ? '<=' : '>=';
    const { rival } = target;
    const said = rival === undefined ? '' : `${rival.who} ${number(rival.value)}`;
    const verdict = isMet(target) ? 'met' : 'NOT MET';
    return [sentence, verdict, number(value), `${sign} ${number(bound)}`, said];
  });
  const met = targets.filter(isMet).length;
  const shown = table([['target', '', 'value', 'bound', 'beside it'], ...rows]);
  const why = reasonsText(targets);
  const tail = `${met} of ${targets.length} targets met`;
  return why === ''
    ? `${shown}\n${tail}`
    : `${shown}\n${tail}; those that are not, and why:\n${why}`;
}

/** A line for each target that is not met, and the reason below it. */
export function reasonsText(targets: readonly Target[]): string {
  return targets
    .flatMap(({ sentence, value, bound, rival, reason }) => {
      if (value === undefined || reason === undefined) return [];
      const other = rival === undefined ? '' : `, ${rival.who} ${number(rival.value)}`;
      return [`  ${sentence}: ${number(value)} of ${number(bound)}${other}`, `    ${reason}`];
    })
    .join('\n');
}

function number(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function duration(ns: number): string {
  if (ns < 1000) return `${ns.toFixed(1)} ns`;
  return ns < 1e6 ? `${(ns / 1000).toFixed(1)} us` : `${(ns / 1e6).toFixed(1)} ms`;
}

/** Columns padded to their widest cell; the first to the left, the others to the right. */
function table(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: Row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return rows.map((row) => `  ${line(row).trimEnd()}`).join('\n');
}
