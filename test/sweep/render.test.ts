/** A finished sweep on the terminal: variants can be told apart at any width. */
import { describe, expect, it } from 'vitest';
import { renderSweep } from '../../reports/sweep/render.js';
import type { SweepSummary, VariantSummary } from '../../reports/sweep/summary.js';

const LONG = ['8s', '12s'].map((every) => `policy=first-fit, workload.arrivals.every=${every}`);

function summaryOf(names: readonly string[], seeds = 3): SweepSummary {
  const variants = names.map((name, v): VariantSummary => {
    const measured = { n: seeds, mean: 0.5, deviation: 0.1, halfWidth: 0.01 };
    const difference = v === 0 ? {} : { difference: { ...measured, mean: 0.25 } };
    return {
      name,
      levels: {},
      seedless: false,
      metrics: { acceptedShare: { ...measured, ...difference } },
      refusedBy: { 'fleet-vcpus': 7 + v },
      refusedReservations: v === 0 ? {} : { 'cpu-list': 2 },
      violations: 0,
    };
  });
  const runs = names.length * seeds;
  const head = {
    summaryVersion: 2,
    sweepId: '',
    engine: '',
    title: 'T',
    stoppedBy: 'count',
  } as const;
  return { ...head, baseline: names[0] ?? '', seeds, runs, variants };
}

const shown = (summary: SweepSummary, width: number) =>
  renderSweep(summary, { color: false, width, unicode: true });

describe('a finished sweep on the terminal', () => {
  // Found bug: both were shown as "policy=first-fit, workload.arrivals.…".
  it('says names that do not fit once, and numbers them', () => {
    for (const width of [60, 80]) {
      const text = shown(summaryOf(LONG), width);
      expect(text).not.toContain('…');
      for (const [v, name] of LONG.entries()) {
        expect(text.replaceAll(/\s+/g, ' ')).toContain(`#${v + 1} ${name}`);
      }
      expect(text).toMatch(/^ {2}#1 +0\.5000 +0\.0100 +baseline$/m);
      expect(text).toMatch(/^ {2}#2 +0\.5000 +0\.0100 +\+0\.2500 +0\.0100 {2}\*$/m);
      expect(text).toMatch(/refused, by rule\n {2}#1: fleet-vcpus 7\n {2}#2: fleet-vcpus 8\n/);
      expect(text).toMatch(/reservations refused at a boot, by rule\n {2}#2: cpu-list 2\n/);
    }
  });

  it('uses the names where they fit, to the very column', () => {
    const wide = shown(summaryOf(LONG), 200);
    expect(wide).not.toContain('#1');
    const needed = Math.max(...wide.split('\n').map((line) => line.length));
    expect(shown(summaryOf(LONG), needed)).toBe(wide);
    expect(shown(summaryOf(LONG), needed - 1)).toContain('#1');
  });

  it('counts one variant, one seed, one run as one', () => {
    expect(shown(summaryOf(['base'], 1), 80)).toContain('1 variant × 1 seed = 1 run (');
    expect(shown(summaryOf(['a', 'b'], 2), 80)).toContain('2 variants × 2 seeds = 4 runs (');
  });
});
