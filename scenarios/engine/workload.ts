/**
 * Seeded workloads: requests drawn one at a time from arrivals, lifetimes and a mix of sizes.
 *
 * Invariant: equal descriptions and seeds give equal requests on any machine: whole numbers only, and
 * distributions from integer tables. Arrivals, lifetimes, sizes and crashes are drawn from a stream
 * each, 2^64 steps apart on the seed's own sequence; so workloads that differ in one of them have the
 * other three in common. Trade-off: a table ends: no gap is longer than 7.6 times the mean.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { EXPONENTIAL_MILLI } from '../run/exponential.js';
import { LOGNORMAL_MILLI } from './lognormal.js';
import type { FleetRequest } from './request.js';

export type Arrivals =
  /** Exponential gaps of that mean. */
  | { readonly kind: 'poisson'; readonly everyMs: number }
  /** `size` requests at once; exponential gaps between bursts. */
  | { readonly kind: 'bursts'; readonly everyMs: number; readonly size: number }
  /** Poisson whose rate follows 24 weights, one an hour; `everyMs` is the mean gap over a day. */
  | { readonly kind: 'daily'; readonly everyMs: number; readonly weights: readonly number[] };

export type Lifetimes =
  | { readonly kind: 'exponential'; readonly meanMs: number }
  | { readonly kind: 'lognormal'; readonly meanMs: number }
  /** Ascending [thousandths, ms], from 0 to 1000; straight lines in between. */
  | { readonly kind: 'quantiles'; readonly points: readonly (readonly [number, number])[] }
  | { readonly kind: 'forever' };

export interface MixEntry {
  readonly weight: number;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly nodes: number;
}

export interface Workload {
  readonly requests: number;
  readonly arrivals: Arrivals;
  readonly lifetimes: Lifetimes;
  readonly mix: readonly MixEntry[];
  /** Of a thousand ends, how many are crashes. */
  readonly crashMilli: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
const MILLI = 1000;

/** Draws a whole number in [0, below). */
type Draw = (below: number) => number;

export function* drawRequests(workload: Workload, seed: number): Generator<FleetRequest> {
  const { requests, arrivals, lifetimes, mix, crashMilli } = workload;
  const sizes = cumulated(mix.map(({ weight }) => weight));
  const clock = arrivalClock(arrivals, streamOf(seed, STREAM.arrivals));
  const lifetime = lifetimesOf(lifetimes, streamOf(seed, STREAM.lifetimes));
  const drawSize = streamOf(seed, STREAM.sizes);
  const drawCrash = streamOf(seed, STREAM.crashes);
  for (let id = 0; id < requests; id++) {
    const atMs = clock(id);
    const lifetimeMs = lifetime();
    const { vcpus, memoryMib, nodes } = mix[pickBelow(sizes, drawSize)];
    const crash = drawCrash(MILLI) < crashMilli;
    yield { id, atMs, vcpus, memoryMib, nodes, lifetimeMs, crash };
  }
}

/** Jumps from the seed to where a stream begins. */
const STREAM = { arrivals: 0, lifetimes: 1, sizes: 2, crashes: 3 } as const;

function streamOf(seed: number, jumps: number): Draw {
  const random = xoroshiro128plus(seed);
  for (let i = 0; i < jumps; i++) random.jump();
  return (below) => uniformInt(random, 0, below - 1);
}

function arrivalClock(arrivals: Arrivals, draw: Draw): (id: number) => number {
  let now = 0;
  // In microseconds beside whole ms, so that short gaps keep their mean.
  let micro = 0;
  const wait = (micros: number) => {
    micro += micros;
    now += Math.floor(micro / MILLI);
    micro %= MILLI;
  };
  const gap = () => EXPONENTIAL_MILLI[draw(EXPONENTIAL_MILLI.length)] * arrivals.everyMs;
  if (arrivals.kind !== 'daily') {
    const size = arrivals.kind === 'bursts' ? arrivals.size : 1;
    return (id) => {
      if (id % size === 0) wait(gap());
      return now;
    };
  }
  const { weights } = arrivals;
  const most = Math.max(...weights);
  const sum = weights.reduce((a, b) => a + b, 0);
  // Thinning: steps at the busiest hour's rate, each kept with its hour's share of that rate.
  return () => {
    do wait(Math.floor((gap() * sum) / (HOURS * most)));
    while (draw(most) >= weights[Math.floor(now / HOUR_MS) % HOURS]);
    return now;
  };
}

function lifetimesOf(lifetimes: Lifetimes, draw: Draw): () => number {
  switch (lifetimes.kind) {
    case 'exponential':
      return fromTable(EXPONENTIAL_MILLI, lifetimes.meanMs, draw);
    case 'lognormal':
      return fromTable(LOGNORMAL_MILLI, lifetimes.meanMs, draw);
    case 'quantiles':
      return () => quantile(lifetimes.points, draw(MILLI), draw(MILLI));
    case 'forever':
      return () => Number.POSITIVE_INFINITY;
  }
}

function fromTable(table: readonly number[], meanMs: number, draw: Draw): () => number {
  return () => Math.floor((table[draw(table.length)] * meanMs) / MILLI);
}

/** The value at `milli` thousandths, and `within` thousandths of the next one further. */
function quantile(
  points: readonly (readonly [number, number])[],
  milli: number,
  within: number,
): number {
  let i = 1;
  while (i < points.length - 1 && points[i][0] <= milli) i++;
  const [fromMilli, from] = points[i - 1];
  const [toMilli, to] = points[i];
  const at = Math.min((milli - fromMilli) * MILLI + within, (toMilli - fromMilli) * MILLI);
  return from + Math.floor(((to - from) * at) / ((toMilli - fromMilli) * MILLI));
}

function cumulated(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

function pickBelow(sums: readonly number[], draw: Draw): number {
  const drawn = draw(sums[sums.length - 1]);
  let i = 0;
  while (drawn >= sums[i]) i++;
  return i;
}
