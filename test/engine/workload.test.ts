/** Seeded workloads: reproducible, ascending, and with the means they declare. */
import { describe, expect, it } from 'vitest';
import {
  type Arrivals,
  drawRequests,
  type Lifetimes,
  type Workload,
} from '../../scenarios/engine/workload.js';

const SIZE = { weight: 1, vcpus: 2, memoryMib: 512, nodes: 1 };
const DAY_MS = 86_400_000;
const ALIKE = Array.from({ length: 24 }, () => 1);
const NIGHT = Array.from({ length: 24 }, (_, hour) => (hour < 6 ? 0 : 1));

function drawn(arrivals: Arrivals, lifetimes: Lifetimes, given: Partial<Workload> = {}) {
  // Just short of two days at a gap of five seconds.
  const fixed = { requests: 33_960, mix: [SIZE], crashMilli: 0 };
  return [...drawRequests({ ...fixed, arrivals, lifetimes, ...given }, 11)];
}

const ARRIVALS: readonly Arrivals[] = [
  { kind: 'poisson', everyMs: 5000 },
  { kind: 'bursts', everyMs: 50_000, size: 10 },
  { kind: 'daily', everyMs: 5000, weights: NIGHT },
];
const LIFETIMES: readonly (readonly [Lifetimes, number])[] = [
  [{ kind: 'exponential', meanMs: 60_000 }, 60_000],
  [{ kind: 'lognormal', meanMs: 60_000 }, 60_000],
  [
    {
      kind: 'quantiles',
      points: [
        [0, 0],
        [500, 10_000],
        [1000, 110_000],
      ],
    },
    32_500,
  ],
];

describe('engine: seeded workloads', () => {
  it.each(ARRIVALS)('$kind arrivals ascend, keep their mean and come again', (arrivals) => {
    const requests = drawn(arrivals, { kind: 'forever' });
    const times = requests.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const mean = (times.at(-1) ?? 0) / requests.length;
    expect(Math.abs(mean - 5000)).toBeLessThan(500);
    expect(drawn(arrivals, { kind: 'forever' })).toEqual(requests);
  });

  // Found bug: gaps were whole seconds, so nobody came more often than once a second.
  it.each([
    ['fifty a second', { kind: 'poisson', everyMs: 20 }, 20],
    ['three a second', { kind: 'poisson', everyMs: 1000, per: 3 }, 1000 / 3],
    ['five a ms', { kind: 'poisson', everyMs: 1, per: 5 }, 0.2],
    ['bursts of ten, one a ms', { kind: 'bursts', everyMs: 1, size: 10 }, 0.1],
    ['by the hour, seven a ms', { kind: 'daily', everyMs: 1, per: 7, weights: ALIKE }, 1 / 7],
  ] as const)('keep a mean gap below a second: %s', (_name, arrivals, gapMs) => {
    const times = drawn(arrivals, { kind: 'forever' }).map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every(Number.isSafeInteger)).toBe(true);
    expect(times[times.length - 1] / times.length / gapMs).toBeCloseTo(1, 1);
  });

  it.each([0.25, 0.5, 1, 2.5, 40, 999])('keep a mean lifetime of %d ms', (mean) => {
    for (const kind of ['exponential', 'lognormal'] as const) {
      const lifetimes = { kind, meanMs: mean * 4, per: 4 };
      const lives = drawn(ARRIVALS[0], lifetimes).map(({ lifetimeMs }) => lifetimeMs);
      expect(lives.every((ms) => Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      expect(lives.reduce((a, b) => a + b, 0) / lives.length / mean).toBeCloseTo(1, 1);
    }
  });

  it('a mean that is written as a fraction draws what the same mean draws', () => {
    const of = (everyMs: number, per: number) =>
      drawn({ kind: 'poisson', everyMs, per }, { kind: 'exponential', meanMs: everyMs, per });
    expect(of(40_000, 2)).toEqual(of(20_000, 1));
    expect(of(21, 3)).toEqual(of(7, 1));
  });

  it('daily arrivals rest in the hours of weight 0', () => {
    const times = drawn(ARRIVALS[2], { kind: 'forever' }).map(({ atMs }) => atMs % DAY_MS);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(DAY_MS / 4);
  });

  it('draws the last quantile as rarely as any other point', () => {
    // A last step so high that one draw of it in a thousand would double the mean.
    const points = [
      [0, 0],
      [999, 1000],
      [1000, 2_000_000],
    ] as const;
    const lives = drawn(ARRIVALS[0], { kind: 'quantiles', points }).map((one) => one.lifetimeMs);
    const mean = lives.reduce((a, b) => a + b, 0) / lives.length;
    // 0.999 of 500, and a thousandth of a million and a half thousand.
    expect(mean).toBeGreaterThan(1500 * 0.75);
    expect(mean).toBeLessThan(1500 * 1.25);
    expect(lives.filter((ms) => ms === 2_000_000)).toEqual([]);
  });

  it.each(LIFETIMES)('lifetimes keep their mean: $kind', (lifetimes, meanMs) => {
    const lives = drawn(ARRIVALS[0], lifetimes).map(({ lifetimeMs }) => lifetimeMs);
    const mean = lives.reduce((a, b) => a + b, 0) / lives.length;
    expect(Math.abs(mean - meanMs)).toBeLessThan(meanMs / 20);
    expect(lives.every(Number.isSafeInteger)).toBe(true);
  });

  it('mixes sizes by weight and crashes in the share declared, at the same arrivals', () => {
    const mix = [
      { ...SIZE, weight: 3 },
      { ...SIZE, vcpus: 4 },
    ];
    const mixed = drawn(ARRIVALS[0], { kind: 'forever' }, { mix, crashMilli: 250 });
    const share = (of: (one: (typeof mixed)[number]) => boolean) =>
      mixed.filter(of).length / mixed.length;
    expect(share(({ vcpus }) => vcpus === 4)).toBeCloseTo(0.25, 1);
    expect(share(({ crash }) => crash === true)).toBeCloseTo(0.25, 1);
    const plain = drawn(ARRIVALS[0], { kind: 'forever' });
    expect(mixed.length).toBe(plain.length);
  });

  it('none crashes of no crash in a thousand, each of a thousand', () => {
    const crashed = (crashMilli: number) =>
      drawn(ARRIVALS[0], { kind: 'forever' }, { crashMilli }).filter(({ crash }) => crash === true);
    expect(crashed(0)).toEqual([]);
    expect(crashed(1000)).toHaveLength(33_960);
  });

  // Found bug: a kind of lifetime that takes more draws moved every later arrival and size.
  it('changing arrivals, lifetimes, sizes or crashes leaves the other three as they were', () => {
    const mix = [SIZE, { ...SIZE, vcpus: 4 }, { ...SIZE, vcpus: 8, weight: 3 }];
    const of = (
      arrivals: Arrivals,
      lifetimes: Lifetimes,
      sizes: Workload['mix'],
      crashMilli: number,
    ) => {
      const requests = drawn(arrivals, lifetimes, { requests: 500, mix: sizes, crashMilli });
      return {
        arrivals: requests.map(({ atMs }) => atMs),
        lifetimes: requests.map(({ lifetimeMs }) => lifetimeMs),
        sizes: requests.map(({ vcpus }) => vcpus),
        crashes: requests.map(({ crash }) => crash),
      };
    };
    const [poisson, bursts, daily] = ARRIVALS;
    const kinds: readonly Lifetimes[] = [...LIFETIMES.map(([kind]) => kind), { kind: 'forever' }];
    const base = of(poisson, kinds[0], mix, 500);
    for (const kind of kinds) {
      const { lifetimes: _, ...rest } = of(poisson, kind, mix, 500);
      expect(base).toMatchObject(rest);
    }
    for (const arrivals of [bursts, daily]) {
      const { arrivals: _, ...rest } = of(arrivals, kinds[0], mix, 500);
      expect(base).toMatchObject(rest);
    }
    const { sizes: _, ...otherSizes } = of(poisson, kinds[0], [SIZE], 500);
    expect(base).toMatchObject(otherSizes);
    const { crashes, ...noCrashes } = of(poisson, kinds[0], mix, 0);
    expect(base).toMatchObject(noCrashes);
    expect(crashes).not.toEqual(base.crashes);
  });

  it('the streams of a seed are no copies of each other', () => {
    const halves = [SIZE, { ...SIZE, vcpus: 4 }];
    const requests = drawn(ARRIVALS[0], LIFETIMES[0][0], { mix: halves, crashMilli: 500 });
    const agree = requests.filter(({ vcpus, crash }) => (vcpus === 4) === crash).length;
    expect(agree / requests.length).toBeCloseTo(0.5, 1);
  });
});
