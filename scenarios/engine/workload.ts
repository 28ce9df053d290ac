/**
 * Seeded workloads: requests drawn one at a time from arrivals, lifetimes and a mix of sizes.
 *
 * Invariant: equal descriptions and seeds give equal requests on any machine: whole numbers only, and
 * distributions from integer tables. Arrivals, lifetimes, sizes and crashes are drawn from a stream
 * each, 2^64 steps apart on the seed's own sequence; so workloads that differ in one of them have the
 * other three in common. Requests come and live for whole milliseconds, several may come in one; a mean is
 * kept to the last fraction, however short it is. Trade-off: a table ends: no gap is longer than 7.6
 * times the mean.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { seededStream } from '../../core/units/seeded-stream.js';
import { EXPONENTIAL_MILLI } from '../run/exponential.js';
import { LOGNORMAL_MILLI } from './lognormal.js';
import type { FleetRequest } from './request.js';

/** The mean gap is `everyMs` over `per` (by default 1): as many come in that time. */
export type Arrivals = { readonly everyMs: number; readonly per?: number } & (
  | /** Exponential gaps of that mean. */
  { readonly kind: 'poisson' }
  /** `size` requests at once; exponential gaps between bursts. */
  | { readonly kind: 'bursts'; readonly size: number }
  /** Poisson whose rate follows 24 weights, one an hour; the mean gap is that over a day. */
  | { readonly kind: 'daily'; readonly weights: readonly number[] }
);

export type Lifetimes =
  /** The mean is `meanMs` over `per` (by default 1). */
  | {
      readonly kind: 'exponential' | 'lognormal';
      readonly meanMs: number;
      readonly per?: number;
    }
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
  const random = seededStream(seed, jumps);
  return (below) => uniformInt(random, 0, below - 1);
}

function arrivalClock(arrivals: Arrivals, draw: Draw): (id: number) => number {
  const { everyMs, per = 1 } = arrivals;
  let now = 0;
  // Thousandths of a ms, or of its `per`th part, beside whole ms, so that short gaps keep their mean.
  const fineMs = MILLI * per;
  let fine = 0;
  const wait = (gap: number) => {
    fine += gap;
    now += Math.floor(fine / fineMs);
    fine %= fineMs;
  };
  const gap = () => EXPONENTIAL_MILLI[draw(EXPONENTIAL_MILLI.length)] * everyMs;
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
    case 'lognormal': {
      const { kind, meanMs, per = 1 } = lifetimes;
      const table = kind === 'exponential' ? EXPONENTIAL_MILLI : LOGNORMAL_MILLI;
      const draws = () => table[draw(table.length)] * meanMs;
      const fineMs = MILLI * per;
      return meanMs < SHORT_MS * per ? carried(draws, fineMs) : () => Math.floor(draws() / fineMs);
    }
    case 'quantiles':
      return () => quantile(lifetimes.points, draw(MILLI), draw(MILLI));
    case 'forever':
      return () => Number.POSITIVE_INFINITY;
  }
}

/** From here on half a ms cut off, which is its mean, is less than a thousandth of a lifetime. */
const SHORT_MS = 1000;

/** What is cut off one comes on top of the next. */
function carried(draws: () => number, fineMs: number): () => number {
  let fine = 0;
  return () => {
    fine += draws();
    const whole = Math.floor(fine / fineMs);
    fine -= whole * fineMs;
    return whole;
  };
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
