/**
 * Seeds written by hand, one after the other, are as good as any: what the first request of each draws is
 * spread as declared, and independent of its neighbours and of what else is drawn.
 */
import { describe, expect, it } from 'vitest';
import { layFootprint } from '../../core/memory/footprint.js';
import { createNodeMemory } from '../../core/memory/node-memory.js';
import { intervalOf } from '../../reports/sweep/interval.js';
import { drawRequests, type Workload } from '../../scenarios/engine/workload.js';
import { momentsOf } from '../../scenarios/run/clock.js';
import type { Scenario } from '../../scenarios/schema/scenario.js';

const SEEDS = 12_000;
/** Means below are 1, so that the figure of a draw is its share of the mean. */
const MEAN_MS = 1_000_000;
const SIZE = { weight: 1, vcpus: 2, memoryMib: 512, nodes: 1 };
const WORKLOAD: Workload = {
  requests: 1,
  arrivals: { kind: 'poisson', everyMs: MEAN_MS },
  lifetimes: { kind: 'exponential', meanMs: MEAN_MS },
  mix: [SIZE, { ...SIZE, vcpus: 4 }],
  crashMilli: 500,
};

function ofEachSeed(draw: (seed: number) => number): number[] {
  return Array.from({ length: SEEDS }, (_, i) => draw(i + 1));
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The share of blocks of 12 seeds whose 95 % interval holds the mean, 1. */
function coverage(values: readonly number[]): number {
  let held = 0;
  for (let at = 0; at < values.length; at += 12) {
    const { mean, halfWidth = 0 } = intervalOf(values.slice(at, at + 12));
    if (Math.abs(mean - 1) <= halfWidth) held++;
  }
  return held / (values.length / 12);
}

const firsts = Array.from({ length: SEEDS }, (_, i) => {
  const [request] = drawRequests(WORKLOAD, i + 1);
  if (request === undefined) throw new Error('no request');
  return request;
});

/** Of twelve exponential values a 95 % interval holds the mean in 90 of 100, of twelve coins in 96. */
const DRAWS: readonly (readonly [string, readonly number[], number])[] = [
  ['gap', firsts.map(({ atMs }) => atMs / MEAN_MS), 0.903],
  ['lifetime', firsts.map(({ lifetimeMs }) => lifetimeMs / MEAN_MS), 0.903],
  ['size', firsts.map(({ vcpus }) => vcpus - 2), 0.961],
  ['crash', firsts.map(({ crash }) => (crash === true ? 2 : 0)), 0.961],
  ['gap of a scenario’s churn', ofEachSeed(firstChurn), 0.903],
  ['block of a parent’s uptime', ofEachSeed(firstBlock), 0.95],
];

/** Arrival of the first launch of a scenario, in means. */
function firstChurn(seed: number): number {
  const image = { vcpus: 2, memory: 512, image: 'app', weight: 1 };
  const churn = { launches: 1, every: 1000, lifetime: 1000, mix: [image] };
  const [launch] = momentsOf({ seed, workload: { timeline: [], churn } } as unknown as Scenario);
  return (launch?.at ?? 0) / 1000;
}

/** Where the only block of one day lies on a node of 2,048 blocks, by halves of it. */
function firstBlock(seed: number): number {
  const frames = 2048;
  const memory = createNodeMemory({ node: 1, frameKib: 2048, frames, pageSizesKib: [2048] });
  const usableMib = frames * 2;
  const once = { days: 1, blocksPerDay: 1 };
  const runs = layFootprint(memory, { kind: 'uptime', seed, usableMib, bootNode: false, ...once });
  const [start = 0] = runs.uptimeRuns;
  return start / ((frames - 1) / 2);
}

describe('seeds 1, 2, 3 …', () => {
  // Found bug: the generator started with the seed itself, and seeds 1 to 12 began with a gap of 4.4 to 6.5 means.
  it.each(DRAWS)(
    'the first %s has its mean, and its interval over 12 seeds',
    (_, values, share) => {
      // Three deviations of an exponential mean, and of the share in a thousand intervals.
      expect(Math.abs(meanOf(values) - 1)).toBeLessThan(3 / Math.sqrt(SEEDS));
      expect(Math.abs(coverage(values) - share)).toBeLessThan(0.03);
    },
  );

  it('what a fleet draws for a seed tells nothing of what else it draws, nor of the next seed', () => {
    const ofFleet = DRAWS.slice(0, 4);
    for (const [name, values] of ofFleet) {
      for (const [other, others] of ofFleet) {
        const next = name === other ? [...others.slice(1), others[0]] : others;
        const product = values.map((value, i) => (value - 1) * (next[i] - 1));
        const most = 4 / Math.sqrt(SEEDS);
        expect(Math.abs(meanOf(product)), `${name} and ${other}`).toBeLessThan(most);
      }
    }
  });
});
