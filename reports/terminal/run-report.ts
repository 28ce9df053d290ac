/**
 * One run as text for a terminal: the verdict first, then what led to it.
 *
 * Invariant: a pure function of record and style; every line fits the width. Trade-off: of many
 * snapshots two are drawn, the fullest and the last; `full` draws all.
 */
import type { RunRecord, Snapshot } from '../record.js';
import { cacheLines } from './cache-lines.js';
import { capacityTables } from './capacity.js';
import { expectationList, violationList } from './checks.js';
import { cpuMaps } from './cpu-map.js';
import { scenarioLines, verdictLines } from './head.js';
import { legend } from './legend.js';
import { BLANK, type Line, paint, section } from './line.js';
import { drawnNodes, memoryMaps } from './memory-map.js';
import { occupancy } from './occupancy.js';
import { assignGlyphs, type Glyphs } from './owner-glyph.js';
import { printableJson } from './printable.js';
import { refusalList } from './refusals.js';
import type { Style } from './style.js';
import { clockText, timelineTable } from './timeline.js';

export interface RunReportOptions {
  /** Every timeline entry and every snapshot, however many. */
  readonly full: boolean;
}

/** The report, lines ended by newlines. */
export function renderRun(
  stored: RunRecord,
  style: Style,
  { full }: RunReportOptions = { full: false },
): string {
  const record = printableJson(stored, style.unicode);
  const drawn = full ? record.snapshots : fullestAndLast(record.snapshots);
  const glyphs = assignGlyphs(drawn, style);
  const end = record.snapshots.at(-1);
  const lines = [
    ...verdictLines(record, style),
    ...scenarioLines(record, style),
    ...violationList(record, style),
    ...expectationList(record, style),
    ...drawn.flatMap((snapshot) => pictures(snapshot, glyphs, style)),
    ...(end === undefined ? [] : capacityTables(end.capacity, style)),
    ...occupancy(record, style),
    ...refusalList(record, style),
    ...timelineTable(record, style, full),
  ];
  return paint(lines.slice(0, -1), style);
}

/** The moment with the most memory in enclaves, when the end has less, and the end. */
function fullestAndLast(snapshots: readonly Snapshot[]): Snapshot[] {
  const last = snapshots.at(-1);
  if (last === undefined) return [];
  const used = ({ capacity }: Snapshot): number => capacity.memoryMib.enclaves;
  const fullest = snapshots.reduce((a, b) => (used(b) > used(a) ? b : a));
  return used(fullest) > used(last) ? [fullest, last] : [last];
}

function pictures(snapshot: Snapshot, glyphs: Glyphs, style: Style): Line[] {
  const drawn = drawnNodes(snapshot.memory, style);
  const when = `${snapshot.title}, at ${clockText(snapshot.at)}`;
  return [
    ...section(`CPUs: ${when}`, cpuMaps(snapshot.cpus, glyphs, style), style),
    ...section(`Shared last-level caches: ${when}`, cacheLines(snapshot, style), style),
    ...section(`Memory: ${when}`, memoryMaps(drawn, glyphs, style), style),
    ...legend(snapshot, drawn, glyphs, style),
    BLANK,
  ];
}
