/**
 * Measuring bodies of nanoseconds to milliseconds with tinybench.
 *
 * A body says how many operations one call does (`batch`), so that a body of nanoseconds is long
 * beside the clock. Invariant: figures are per operation. Trade-off: p99 and p99.9 of a batched body are
 * those of batches, which hides single slow operations; the races time those one by one.
 */
import { Bench } from 'tinybench';
import type { Spread } from '../statistics.js';

export interface Body {
  readonly name: string;
  /** Operations in one call. */
  readonly batch: number;
  readonly run: () => void;
  /** Times the usual warm-up: what runs through a hundred functions is compiled late. */
  readonly warmUp?: number;
}

export interface Measured {
  readonly name: string;
  /** Nanoseconds per operation. */
  readonly ns: Spread;
}

const NS_PER_MS = 1e6;

/**
 * Runs the bodies one after the other, each for about `timeMs` after a third of it as warm-up, or as
 * many thirds as the body wants.
 */
export async function measure(bodies: readonly Body[], timeMs: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { name, batch, run, warmUp = 1 } of bodies) {
    const bench = new Bench({ time: timeMs, warmupTime: (timeMs / 3) * warmUp });
    bench.add(name, run);
    const [{ result }] = await bench.run();
    if (result.state === 'errored') throw result.error;
    if (result.state !== 'completed') throw new Error(`${name} ended as ${result.state}`);
    const { min, p50, p75, p99, p999 } = result.latency;
    const ns = (ms: number) => (ms * NS_PER_MS) / batch;
    const spread = p50 === 0 ? 0 : (p75 - p50) / p50;
    measured.push({
      name,
      ns: { minimum: ns(min), median: ns(p50), p99: ns(p99), p999: ns(p999), spread },
    });
  }
  return measured;
}
