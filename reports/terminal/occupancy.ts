/**
 * How full the host was over time, as one line of levels per resource.
 *
 * A level is what the snapshots count, and between them what the launches that ran hold until they
 * end: a peak that no snapshot saw still shows. Trade-off: memory that a failed step keeps is seen by
 * snapshots alone, and so are the enclaves of single steps, which have no name.
 */
import type { RunRecord, Share, TimelineEntry } from '../record.js';
import { INDENT, type Line, section, span } from './line.js';
import { marksOf } from './marks.js';
import { percentText } from './percent.js';
import type { Style } from './style.js';
import { clockText } from './timeline.js';
import { wrapText } from './width.js';

/** Fewer snapshots than this draw no curve. */
const LEAST_SNAPSHOTS = 3;
/** With room for fewer marks than this the peak stands below them. */
const LEAST_BESIDE_NOTE = 16;

/** The section; nothing when there are too few snapshots. */
export function occupancy(record: RunRecord, style: Style): Line[] {
  const { snapshots } = record;
  if (snapshots.length < LEAST_SNAPSHOTS) return [];
  const period = [snapshots[0].at, snapshots[snapshots.length - 1].at].map(clockText).join(' to ');
  const levels = levelsOf(record);
  const body = [
    ...curve(
      'vCPUs',
      levels.map(({ vcpus }) => vcpus),
      style,
    ),
    ...curve(
      'memory',
      levels.map(({ memoryMib }) => memoryMib),
      style,
    ),
  ];
  return section(`Enclaves over time, ${period}`, body, style);
}

interface Level {
  readonly vcpus: Filled;
  readonly memoryMib: Filled;
}
type Filled = Pick<Share, 'enclaves' | 'total'>;

/**
 * Every snapshot and every launch that ran, by time. The first snapshot is taken before any launch;
 * the others come last among what happens at their time.
 */
function levelsOf({ timeline, snapshots }: RunRecord): Level[] {
  const [{ capacity }] = snapshots;
  const held = new Map<string, { vcpus: number; memoryMib: number }>();
  const levels: Level[] = [capacity];
  let next = 1;
  const snapshotsBefore = (at: number): void => {
    for (; next < snapshots.length && snapshots[next].at < at; next++) {
      levels.push(snapshots[next].capacity);
    }
  };
  for (const entry of timeline) {
    snapshotsBefore(entry.at);
    if (!follow(held, entry)) continue;
    const sum = { vcpus: 0, memoryMib: 0 };
    for (const { vcpus, memoryMib } of held.values()) {
      sum.vcpus += vcpus;
      sum.memoryMib += memoryMib;
    }
    levels.push({
      vcpus: { enclaves: sum.vcpus, total: capacity.vcpus.total },
      memoryMib: { enclaves: sum.memoryMib, total: capacity.memoryMib.total },
    });
  }
  snapshotsBefore(Number.POSITIVE_INFINITY);
  return levels;
}

/** Takes an entry into what is held; true when an enclave came. */
function follow(
  held: Map<string, { vcpus: number; memoryMib: number }>,
  { kind, name = '', ok, enclave }: TimelineEntry,
): boolean {
  if (!ok) return false;
  if (kind === 'launch' && enclave !== undefined) {
    held.set(name, { vcpus: enclave.cpus.length, memoryMib: enclave.memoryMib });
    return true;
  }
  if (kind !== 'launch') held.delete(name);
  return false;
}

/** Level of each share between nothing (0) and all (levels - 1): any use shows, only all is full. */
export function levelOf(part: number, total: number, levels: number): number {
  if (part <= 0 || total <= 0) return 0;
  return part >= total ? levels - 1 : 1 + Math.floor((part * (levels - 2)) / total);
}

function curve(label: string, filled: readonly Filled[], style: Style): Line[] {
  const { levels } = marksOf(style);
  const edge = INDENT + 'memory'.length + 2;
  const room = style.width - edge;
  const peak = filled.reduce((a, b) => (b.enclaves > a.enclaves ? b : a));
  const note = `peak ${percentText(peak.enclaves, peak.total, 0) || '0'} %`;
  const beside = room - note.length - 2;
  const shares = highestOfEach(filled, beside >= LEAST_BESIDE_NOTE ? beside : room);
  const marks = shares.map(
    ({ enclaves, total }) => levels[levelOf(enclaves, total, levels.length)],
  );
  const line = `${marks.join('')}  ${note}`;
  const parts =
    line.length <= room
      ? [[span(marks.join(''), 'blue'), span(`  ${note}`, 'quiet')]]
      : [
          [span(marks.join(''), 'blue')],
          ...wrapText(note, room).map((text) => [span(text, 'quiet')]),
        ];
  return parts.map((part, i) => [
    span(' '.repeat(INDENT)),
    span((i === 0 ? label : '').padEnd(edge - INDENT)),
    ...part,
  ]);
}

/** At most `most` shares: equal stretches of time order, each by its fullest moment. */
function highestOfEach(shares: readonly Filled[], most: number): Filled[] {
  if (shares.length <= most) return [...shares];
  return Array.from({ length: most }, (_, i) => {
    const from = Math.floor((i * shares.length) / most);
    const to = Math.floor(((i + 1) * shares.length) / most);
    return shares.slice(from, to).reduce((a, b) => (b.enclaves > a.enclaves ? b : a));
  });
}
