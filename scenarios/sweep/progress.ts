/**
 * What a long sweep says while it works: runs done, rate, time left, precision so far.
 *
 * Invariant: silent for the first second, then at most one line a second, and one every five seconds
 * though no run ends; nothing of it reaches a result. Trade-off: the time left assumes that the runs to
 * come take as long as those done here, that those kept are read in no time, and that a stop rule does
 * not end the sweep early.
 */
import { widthText } from '../../reports/sweep/metric-text.js';
import type { Collected } from './collect.js';
import type { Shard } from './manifest.js';
import { type Plan, taskAt, taskCount } from './plan.js';
import { leastPrecise } from './stop.js';

const LINE_EVERY_MS = 1000;
/** Once something was said and nothing has changed since. */
const SAME_LINE_EVERY_MS = 5000;
/** How often `onTick` wants to be called. */
export const TICK_MS = 500;

interface Sources {
  /** Runs done of tasks that have not ended. */
  readonly runsInHand: () => number;
  readonly clock?: () => number;
  /** Runs in the blocks that lay in the folder at the start: they are read, not made. */
  readonly keptRuns?: number;
}

export class Progress {
  readonly #plan: Plan;
  readonly #total: number;
  readonly #say: (line: string) => void;
  readonly #runsInHand: () => number;
  readonly #clock: () => number;
  readonly #keptRuns: number;
  readonly #startedMs: number;
  #lastMs: number;
  #readRuns = 0;
  #runs = 0;
  #collected: Collected | undefined;
  /** When a line was last said. */
  #inHand = 0;
  #quietMs = LINE_EVERY_MS;

  constructor(
    plan: Plan,
    shard: Shard | undefined,
    say: (line: string) => void,
    { runsInHand, clock = () => performance.now(), keptRuns = 0 }: Sources,
  ) {
    this.#plan = plan;
    this.#total = runsOf(plan, shard);
    this.#say = say;
    this.#runsInHand = runsInHand;
    this.#clock = clock;
    this.#keptRuns = keptRuns;
    this.#startedMs = clock();
    this.#lastMs = this.#startedMs;
  }

  /** A task's rows are there, `fresh` when they were made now. */
  onTask(collected: Collected, { fresh }: { readonly fresh: boolean }): void {
    this.#collected = collected;
    if (!fresh) this.#readRuns += collected.runs - this.#runs;
    this.#runs = collected.runs;
    this.#tell(LINE_EVERY_MS);
  }

  /** Time goes by, whether or not a task has ended. */
  onTick(): void {
    const isNews = this.#runsInHand() !== this.#inHand;
    this.#tell(isNews ? LINE_EVERY_MS : this.#quietMs);
  }

  /** Unless the last line is nearer than that. */
  #tell(quietMs: number): void {
    const nowMs = this.#clock();
    if (nowMs - this.#lastMs < quietMs) return;
    this.#lastMs = nowMs;
    this.#quietMs = SAME_LINE_EVERY_MS;
    this.#inHand = this.#runsInHand();
    const seconds = (nowMs - this.#startedMs) / 1000;
    if (this.#runs + this.#inHand > 0) this.#say(this.#line(seconds));
    else this.#say(`sweep: 0 of ${this.#total} runs after ${Math.floor(seconds)} s\n`);
  }

  #line(seconds: number): string {
    const done = this.#runs + this.#inHand;
    const rate = (done - this.#readRuns) / seconds;
    const parts = [`${this.#runs} of ${this.#total} runs`];
    if (this.#inHand > 0) parts.push(`${this.#inHand} more in blocks begun`);
    parts.push(`${rateText(rate)} runs/s`);
    const unread = Math.max(0, this.#keptRuns - this.#readRuns);
    const left = Math.max(0, this.#total - done - unread);
    if (unread > 0) parts.push(`${unread} more kept, to be read`);
    if (rate > 0 && (left > 0 || unread === 0)) {
      parts.push(`about ${Math.ceil(left / rate)} s left`);
    }
    const width = leastPrecise(this.#plan, this.#collected?.judged ?? []);
    const { metrics, seeds } = this.#plan;
    if (width !== undefined) {
      const { metric = metrics[0], of = 'mean' } = seeds.until ?? {};
      const what = of === 'mean' ? metric : `differences of ${metric}`;
      parts.push(`${what} within ±${widthText(metric, width)}`);
    }
    return `sweep: ${parts.join(', ')}\n`;
  }
}

/** To a tenth; of what is slower two digits, so that it is never told to stand still. */
function rateText(rate: number): string {
  return rate > 0 && rate < 0.1 ? rate.toPrecision(2) : rate.toFixed(1);
}

function runsOf(plan: Plan, shard: Shard = { index: 1, of: 1 }): number {
  if (shard.of === 1) return plan.variants.length * plan.seeds.count;
  let runs = 0;
  for (let position = shard.index - 1; position < taskCount(plan); position += shard.of) {
    runs += taskAt(plan, position).replications.length;
  }
  return runs;
}
