/**
 * How often the interval of a sweep that stopped by its rule holds the truth: less often than 95 %,
 * and as often as TABLES.md says. Drawn from a generator with a fixed seed; `HYPERCARVE_RUNS=20`
 * draws as many cases as the figures there were made of.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { intervalOf } from '../../reports/sweep/interval.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import type { Plan } from '../../scenarios/sweep/plan.js';
import { isPreciseEnough } from '../../scenarios/sweep/stop.js';
import { scaledRuns } from '../seed.js';

const TEXT = readFileSync(new URL('../../reports/sweep/TABLES.md', import.meta.url), 'utf8');

/** Numbers from 0 to 1 without 1 (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The share of sweeps of one variant, its values normal around 0 with deviation 1, that hold the 0. */
function coverage(least: number, within: number): number {
  const until = { metric: 'accepted', of: 'mean', within, least };
  const plan = { seeds: { until }, variants: [{ seedless: false }], baseline: 0 };
  const random = uniform(2024);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const sweeps = scaledRuns(1000);
  let held = 0;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const rows: RunRow[] = [];
    do rows.push({ accepted: normal() } as RunRow);
    while (!isPreciseEnough(plan as unknown as Plan, [rows]));
    const { mean, halfWidth = 0 } = intervalOf(rows.map(({ accepted }) => accepted));
    if (Math.abs(mean) <= halfWidth) held++;
  }
  return held / sweeps;
}

it.each([
  [2, 0.5],
  [5, 0.6],
  [10, 0.4],
  [20, 0.3],
])(
  'at least %i seeds: about what TABLES.md says, at the width that is worst',
  (least, within) => {
    const said = new RegExp(`^\\| ${least} \\| ${within} \\| (\\d\\d\\.\\d) % \\|$`, 'm').exec(
      TEXT,
    );
    const share = Number(said?.[1]) / 100;
    expect(share).toBeLessThan(0.95);
    // Over two deviations of what 1,000 cases give; right for 95 %, the first two would fail.
    expect(Math.abs(coverage(least, within) - share)).toBeLessThan(0.02);
  },
  60_000,
);
