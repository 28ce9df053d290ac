/**
 * Measuring bodies of nanoseconds to milliseconds with tinybench, in rounds.
 *
 * A body says how many operations one call does (`batch`), so that a body of nanoseconds is long
 * beside the clock. Invariant: figures are per operation, over the calls of all rounds. Trade-off: p99
 * and p99.9 of a batched body are those of batches, which hides single slow operations; the races time
 * those one by one.
 */
import { Bench } from 'tinybench';
import { type Spread, spreadOf } from '../statistics.js';

/** What one process measures. */
export interface Body {
  readonly name: string;
  /** Builds what is worked on; called in the process that measures, and once. */
  readonly prepare: () => Work;
  /** No target needs it, and it tells of a state or way beside the usual one: only `--full` measures it. */
  readonly isSecondary?: true;
}

/** The same bodies, left to `--full`. */
export function secondary(bodies: readonly Body[]): Body[] {
  return bodies.map((body) => ({ ...body, isSecondary: true }));
}

/** What the default table has. */
export function isPrimary({ isSecondary }: Body): boolean {
  return isSecondary !== true;
}

export interface Work {
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
  /** The spread of `ns` is above a half. */
  readonly unsteady?: true;
}

const NS_PER_MS = 1e6;
/** A call may take milliseconds; tinybench would make 64. */
const FEWEST_CALLS = 3;

/** The calls of one body, gathered over its rounds. */
export class Meter {
  private readonly work: Work;
  private readonly ns: number[] = [];

  constructor(work: Work) {
    this.work = work;
  }

  /** Before the first round: for about `timeMs`, or as many times that as the body wants. */
  async warmUp(timeMs: number): Promise<void> {
    await this.call(timeMs * (this.work.warmUp ?? 1), 1);
  }

  /** For about `timeMs`, after a tenth of it uncounted, since caches went cold meanwhile. */
  async round(timeMs: number): Promise<void> {
    await this.call(timeMs / 10, 1);
    for (const ms of await this.call(timeMs, FEWEST_CALLS)) {
      this.ns.push((ms * NS_PER_MS) / this.work.batch);
    }
  }

  figures(): Spread {
    return spreadOf(this.ns);
  }

  /** Milliseconds of each call. */
  private async call(time: number, iterations: number): Promise<readonly number[]> {
    const bench = new Bench({ time, iterations, warmup: false, retainSamples: true });
    bench.add('body', this.work.run);
    const [{ result }] = await bench.run();
    if (result.state === 'errored') throw result.error;
    if (result.state !== 'completed') throw new Error(`a body ended as ${result.state}`);
    return result.latency.samples ?? [];
  }
}
