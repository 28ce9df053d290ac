/**
 * How often the interval of a sweep that stopped by its rule holds the truth: less often than 95 %,
 * and as often as TABLES.md says. Drawn from a generator with a fixed seed; `HYPERCARVE_RUNS=20`
 * draws as many cases as the figures there were made of.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { intervalOf } from '../../reports/sweep/interval.js';
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
    const accepted: number[] = [];
    do accepted.push(normal());
    while (!isPreciseEnough(plan as unknown as Plan, [accepted]));
    const { mean, halfWidth = 0 } = intervalOf(accepted);
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

/** Of seeds that give 1 with this chance, else 0, exactly: how often their interval holds it, and all are 0. */
function ofRare(seeds: number, chance: number): [held: number, allZero: number] {
  let held = 0;
  let ways = 1;
  for (let ones = 0; ones <= seeds; ones++) {
    const { mean, halfWidth = 0 } = intervalOf(
      Array.from({ length: seeds }, (_, i) => Number(i < ones)),
    );
    const probability = ways * chance ** ones * (1 - chance) ** (seeds - ones);
    if (Math.abs(mean - chance) <= halfWidth) held += probability;
    ways = (ways * (seeds - ones)) / (ones + 1);
  }
  return [held, (1 - chance) ** seeds];
}

it.each([5, 12, 30, 50, 100])('of rare ones, %i seeds: as TABLES.md says', (seeds) => {
  const percent = ofRare(seeds, 0.11).map((share) => `${(share * 100).toFixed(1)} %`);
  expect(TEXT).toContain(`\n| ${seeds} | ${percent.join(' | ')} |\n`);
});
