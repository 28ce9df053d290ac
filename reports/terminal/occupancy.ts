/** How full the host was over time, as one line of levels per resource, from the snapshots. */
import type { RunRecord, Share, Snapshot } from '../record.js';
import { INDENT, type Line, section, span } from './line.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';
import { clockText } from './timeline.js';
import { wrapText } from './width.js';

/** Fewer snapshots than this draw no curve. */
const LEAST_SNAPSHOTS = 3;

/** The section; nothing when there are too few snapshots. */
export function occupancy(record: RunRecord, style: Style): Line[] {
  const { snapshots } = record;
  if (snapshots.length < LEAST_SNAPSHOTS) return [];
  const period = [snapshots[0].at, snapshots[snapshots.length - 1].at].map(clockText).join(' to ');
  const body = [
    ...curve('vCPUs', snapshots, ({ capacity }) => capacity.vcpus, style),
    ...curve('memory', snapshots, ({ capacity }) => capacity.memoryMib, style),
  ];
  return section(`Enclaves over time, ${period}`, body, style);
}

/** Level of each share between nothing (0) and all (levels - 1): any use shows, only all is full. */
export function levelOf(part: number, total: number, levels: number): number {
  if (part <= 0 || total <= 0) return 0;
  return part >= total ? levels - 1 : 1 + Math.floor((part * (levels - 2)) / total);
}

function curve(
  label: string,
  snapshots: readonly Snapshot[],
  shareOf: (snapshot: Snapshot) => Share,
  style: Style,
): Line[] {
  const { levels } = marksOf(style);
  const edge = INDENT + 'memory'.length + 2;
  const shares = highestOfEach(snapshots.map(shareOf), style.width - edge);
  const marks = shares.map(
    ({ enclaves, total }) => levels[levelOf(enclaves, total, levels.length)],
  );
  const peak = snapshots.map(shareOf).reduce((a, b) => (b.enclaves > a.enclaves ? b : a));
  const percent = peak.total === 0 ? 0 : Math.floor((peak.enclaves * 100) / peak.total);
  const note = `peak ${percent} %`;
  const line = `${marks.join('')}  ${note}`;
  const parts =
    line.length <= style.width - edge
      ? [[span(marks.join(''), 'blue'), span(`  ${note}`, 'quiet')]]
      : [
          [span(marks.join(''), 'blue')],
          ...wrapText(note, style.width - edge).map((text) => [span(text, 'quiet')]),
        ];
  return parts.map((part, i) => [
    span(' '.repeat(INDENT)),
    span((i === 0 ? label : '').padEnd(edge - INDENT)),
    ...part,
  ]);
}

/** At most `most` shares: equal stretches of time order, each by its fullest moment. */
function highestOfEach(shares: readonly Share[], most: number): Share[] {
  if (shares.length <= most) return [...shares];
  return Array.from({ length: most }, (_, i) => {
    const from = Math.floor((i * shares.length) / most);
    const to = Math.floor(((i + 1) * shares.length) / most);
    return shares.slice(from, to).reduce((a, b) => (b.enclaves > a.enclaves ? b : a));
  });
}
