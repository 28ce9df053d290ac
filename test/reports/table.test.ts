/** Tables at any width: lines that fit, and numbers that are whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderSweep } from '../../reports/sweep/render.js';
import type { SweepSummary } from '../../reports/sweep/summary.js';
import { paint, span } from '../../reports/terminal/line.js';
import { type Column, table } from '../../reports/terminal/table.js';
import { textWidth } from '../../reports/terminal/width.js';
import { renderFleet } from '../../scenarios/engine/fleet-report.js';
import type { FleetResult } from '../../scenarios/engine/result.js';

const styleOf = (width: number) => ({ color: false, width, unicode: true });

/** Numbers as they stand between other characters. */
const numbersIn = (text: string) => text.match(/[+-]?\d[\d.]*/g) ?? [];

const number = fc.integer({ min: 0, max: 10 ** 12 }).map(String);
const word = fc.stringMatching(/^[a-z][a-z =-]{0,28}[a-z]$/);
/** A name, some numbers, a note where there is one. */
const tables = fc.integer({ min: 1, max: 5 }).chain((numbers) =>
  fc.record({
    titles: fc.array(fc.oneof(fc.constant(''), word), {
      minLength: numbers + 1,
      maxLength: numbers + 1,
    }),
    rows: fc.array(
      fc.tuple(word, fc.array(number, { minLength: numbers, maxLength: numbers }), word),
      { minLength: 1, maxLength: 4 },
    ),
    noted: fc.boolean(),
    width: fc.integer({ min: 24, max: 100 }),
    indent: fc.constantFrom(0, 2),
  }),
);

describe('a table', () => {
  // Found bug: at 30 columns "13000" stood there as "13…".
  it('cuts no number, whatever the width, and no line is wider', () => {
    fc.assert(
      fc.property(tables, ({ titles, rows, noted, width, indent }) => {
        const columns: Column[] = titles.map((title, c) =>
          c === 0 ? { title } : { title, align: 'right' },
        );
        if (noted) columns.push({ title: '', wrap: true });
        const cells = rows.map(([name, numbers, note]) =>
          [name, ...numbers, ...(noted ? [note] : [])].map((text) => span(text)),
        );
        const text = paint(table(columns, cells, styleOf(width), indent), styleOf(width));
        expect(numbersIn(text)).toEqual(rows.flatMap(([, numbers]) => numbers));
        for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('is a list where names would be left with next to nothing beside numbers', () => {
    const columns: Column[] = [
      { title: 'variant' },
      { title: 'mean', align: 'right' },
      { title: '±', align: 'right' },
      { title: '' },
    ];
    const rows = [['policy=first-fit', '1234567.25', '0.5000', '*'].map((text) => span(text))];
    const at = (width: number) =>
      paint(table(columns, rows, styleOf(width), 2), styleOf(width))
        .split('\n')
        .slice(0, -1);
    expect(at(33)).toEqual(['  variant         mean       ±', '  policy=…  1234567.25  0.5000  *']);
    expect(at(32)).toEqual([
      '  policy=first-fit',
      '      mean 1234567.25',
      '      ± 0.5000',
      '      *',
    ]);
  });
});

describe('reports at 30 columns', () => {
  const levels = { running: 123_456, vcpus: 7_654_321, memoryMib: 987_654_321 };
  const result: FleetResult = {
    ...{ asked: 1_234_567, accepted: 1_111_111, ended: 1_111_110, refused: 123_456, expired: 0 },
    ...{ lost: 0, acceptedLate: 0, elsewhere: 0, refusedBy: { 'fleet-vcpus': 123_456 } },
    ...{ refusedProposals: {}, refusedEvents: {}, firstRefusals: {}, refusedReservations: [] },
    ...{ peak: { ...levels, strandedVcpus: 1_234_321, strandedMib: 555_555_555 } },
    ...{ atEnd: levels, events: 2_222_221, lastMs: 1, violations: { count: 0, first: [] } },
    resultHash: 'f00d',
  } as FleetResult;

  it('a fleet says all of its counts', () => {
    const head = { title: 'T', engine: '', runId: '', platform: 'vm', policy: 'first-fit' };
    const report = { ...head, seed: 1, parents: 10_000, audited: false, result };
    const text = renderFleet(report, 1, styleOf(30));
    for (const count of [1_234_567, 1_111_111, 123_456, 7_654_321, 1_234_321]) {
      expect(text).toContain(String(count));
    }
    for (const mib of [987_654_321, 555_555_555]) {
      expect(text).toContain(`${(mib / 1024).toFixed(1)} GiB`);
    }
    for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(30);
  });

  it('a sweep says all of its means and intervals', () => {
    const measured = { n: 3, mean: 123_456.5, deviation: 1, halfWidth: 7654.25 };
    const difference = { ...measured, mean: 2345.75, halfWidth: 1234.5 };
    const variants = ['first', 'second'].map((name, v) => ({
      ...{ name, levels: {}, seedless: false, tooLarge: 0, eventsAfterEnd: 0, violations: 0 },
      ...{ refusedBy: {}, refusedReservations: {}, remarks: [] },
      metrics: { peakVcpus: { ...measured, ...(v === 0 ? {} : { difference }) } },
    }));
    const head = { summaryVersion: 6, sweepId: '', engine: '', title: 'T', baseline: 'first' };
    const summary = {
      ...head,
      warmup: null,
      stoppedBy: 'count',
      seeds: 3,
      runs: 6,
      variants,
    } as SweepSummary;
    const text = renderSweep(summary, styleOf(30));
    for (const number of ['123456.50', '7654.25', '+2345.75', '1234.50']) {
      expect(text).toContain(number);
    }
    expect(text).not.toContain('…');
  });
});
