/** Long timelines are folded without losing a count or a kind of refusal; times read as clocks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../reports/record.js';
import {
  foldTimeline,
  MOST_SHOWN,
  type TimelineItem,
} from '../../reports/terminal/fold-timeline.js';
import { levelOf } from '../../reports/terminal/occupancy.js';
import { renderRun } from '../../reports/terminal/run-report.js';
import { clockText } from '../../reports/terminal/timeline.js';
import * as arbitrary from './arbitrary-record.js';
import { SAMPLE } from './sample-record.js';

const size = (item: TimelineItem): number => ('folded' in item ? item.folded : 1);
const entriesOf = (items: readonly TimelineItem[]): TimelineEntry[] =>
  items.flatMap((item) => ('entry' in item ? [item.entry] : []));

describe('folding', () => {
  it('shown and folded entries add up, in order', () => {
    fc.assert(
      fc.property(arbitrary.timeline, (timeline) => {
        const items = foldTimeline(timeline, false);
        let at = 0;
        for (const item of items) {
          if ('entry' in item) expect(item.entry === timeline[at]).toBe(true);
          else {
            const hidden = timeline.slice(at, at + item.folded);
            expect(item.ok).toBe(hidden.filter(({ ok }) => ok).length);
            expect(item.kinds.reduce((sum, [, n]) => sum + n, 0)).toBe(item.folded);
          }
          at += size(item);
        }
        expect(at).toBe(timeline.length);
      }),
    );
  });

  it('shows each kind of refusal at least once', () => {
    fc.assert(
      fc.property(arbitrary.timeline, (timeline) => {
        const kinds = (entries: readonly TimelineEntry[]): Set<string> =>
          new Set(entries.map(({ refusal: no }) => `${no?.rule}/${no?.codes.join('/')}`));
        const folded = entriesOf(foldTimeline(timeline, false)).filter((entry) => entry.refusal);
        expect(kinds(folded)).toEqual(kinds(timeline.filter((entry) => entry.refusal)));
      }),
    );
  });

  it('starts above the limit, and never with full', () => {
    const [entry] = SAMPLE.timeline;
    const many = (n: number) => Array<TimelineEntry>(n).fill(entry);
    expect(foldTimeline(many(MOST_SHOWN), false)).toHaveLength(MOST_SHOWN);
    expect(foldTimeline(many(MOST_SHOWN + 1), false)).toHaveLength(21);
    expect(foldTimeline(many(1000), true)).toHaveLength(1000);
  });

  it('says how many were folded and how to see them', () => {
    const timeline = Array<TimelineEntry>(100).fill(SAMPLE.timeline[5]);
    const text = renderRun({ ...SAMPLE, timeline }, { width: 80, unicode: true, color: false });
    expect(text).toContain('Timeline: 100 entries, folded (--full shows all)');
    expect(text).toContain('80 more: 80 cpu-offline (all ok)');
  });
});

describe('a refused reservation', () => {
  it('regression: says what a node gave, not that it was given back, and what stays', () => {
    const [reserve] = SAMPLE.timeline;
    const left = 'hugepages of 1 GiB on node 1: 1 before, 0 now';
    const entry: TimelineEntry = {
      ...reserve,
      ok: false,
      attempts: [{ node: 1, pages: { 1048576: 1, 2048: 0 }, ok: false }],
      leftBehind: [left],
    };
    const style = { width: 120, unicode: true, color: false };
    const text = renderRun({ ...SAMPLE, timeline: [entry] }, style);
    expect(text).toContain('node 1 gave 1 × 1 GiB\n');
    expect(text).toContain(`left behind: ${left}`);
    expect(text).not.toContain('given back');
  });
});

describe('a time', () => {
  it.each([
    [0, '0:00'],
    [6.5, '0:06.500'],
    [59.9999, '1:00'],
    [3725, '1:02:05'],
    [86_399, '23:59:59'],
    [86_400, '1d 00:00:00'],
  ])('%d s is %s', (seconds, text) => {
    expect(clockText(seconds)).toBe(text);
  });
});

describe('a level of the curve', () => {
  it.each([
    ['nothing', 0, 100, 0],
    ['a trace', 1, 100, 1],
    ['half', 50, 100, 4],
    ['almost all', 99, 100, 6],
    ['all', 100, 100, 7],
    ['of nothing', 0, 0, 0],
  ])('%s', (_, part, total, level) => {
    expect(levelOf(part, total, 8)).toBe(level);
  });
});

describe('what a person reads', () => {
  const style = { width: 100, unicode: true, color: false };
  const { enclave } = SAMPLE.timeline[1];

  it('each entry names the enclave it is about', () => {
    const timeline: TimelineEntry[] = [
      { at: 1, kind: 'launch', name: 'signer', text: '4 vCPUs', ok: true, enclave },
      { at: 2, kind: 'terminate', name: 'signer', text: 'ended on request', ok: true },
      { at: 3, kind: 'parent', text: 'parent VM: stop', ok: true },
    ];
    const text = renderRun({ ...SAMPLE, timeline }, style);
    expect(text).toContain('signer: 4 vCPUs');
    expect(text).toContain('signer: ended on request');
    expect(text).toMatch(/parent {2,}parent VM: stop/);
  });

  it('the peak counts a launch that began and ended between two snapshots', () => {
    const [before] = SAMPLE.snapshots;
    const snapshots = [0, 10, 20].map((at) => ({ ...before, at }));
    const timeline: TimelineEntry[] = [
      { at: 0, kind: 'launch', name: 'brief', text: '', ok: true, enclave },
      { at: 5, kind: 'crash', name: 'brief', text: '', ok: true },
      { at: 12, kind: 'launch', name: 'brief-too', text: '', ok: true, enclave },
      { at: 20, kind: 'terminate', name: 'brief-too', text: '', ok: true },
    ];
    const text = renderRun({ ...SAMPLE, snapshots, timeline }, style);
    expect(text).toContain('vCPUs   ▁▂▁▂▁  peak 13 %');
    expect(text).toContain('memory  ▁▂▁▂▁  peak 6 %');
  });
});

it('names a CID where there is one: plain VMs have none', () => {
  const shown = (cid: number): string => {
    const timeline = SAMPLE.timeline.map((entry) =>
      entry.enclave === undefined ? entry : { ...entry, enclave: { ...entry.enclave, cid } },
    );
    const style = { width: 120, unicode: false, color: false };
    return renderRun({ ...SAMPLE, timeline }, style, { full: true });
  };
  expect(shown(77)).toMatch(/node \d.* CID 77$/m);
  expect(shown(0)).not.toContain('CID 0');
});
