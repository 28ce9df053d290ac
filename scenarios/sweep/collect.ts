/**
 * Blocks as they come in, put into the canonical order.
 *
 * Whole rounds are taken up in order, and after each the stop rule is asked. Invariant: `rows` after
 * `isDone` are the same whatever order blocks came in, and none of a later round.
 */
import {
  PackedBlock,
  PackedRows,
  RuleNames,
  type RunRows,
} from '../../reports/sweep/packed-rows.js';
import type { RunRow } from '../../reports/sweep/run-row.js';
import type { SweepHead } from '../../reports/sweep/summary.js';
import { type Plan, roundCount } from './plan.js';
import { isPreciseEnough, type Judged, judgedOf } from './stop.js';

export type StoppedBy = SweepHead['stoppedBy'];

export class Collected {
  readonly #plan: Plan;
  readonly #pending = new Map<number, { readonly block: PackedBlock; readonly judged: number[] }>();
  readonly #rows: PackedRows[];
  /** Read out of each row once: a rule that is asked after each round looks at all of them. */
  readonly #judged: number[][];
  readonly #rules = new RuleNames();
  #rounds = 0;
  #precise = false;
  runs = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#rows = plan.variants.map(() => new PackedRows());
    this.#judged = plan.variants.map(() => []);
  }

  /** Of whole rounds, per variant. */
  get rows(): readonly RunRows[] {
    return this.#rows;
  }

  /** What the stop rule looks at, of the same rows. */
  get judged(): Judged {
    return this.#judged;
  }

  /** Nothing further is needed. */
  get isDone(): boolean {
    return this.#precise || this.#rounds === roundCount(this.#plan);
  }

  get stoppedBy(): StoppedBy {
    if (this.#plan.variants.every(({ seedless }) => seedless)) return 'seedless';
    if (this.#precise) return 'precision';
    return this.#plan.seeds.until === null ? 'count' : 'most';
  }

  /** Positions in the canonical order that the result is made of. */
  get tasks(): number {
    return this.#rounds * this.#plan.variants.length;
  }

  add(position: number, rows: readonly RunRow[]): void {
    if (this.#pending.has(position) || position < this.tasks) return;
    this.runs += rows.length;
    const judged = judgedOf(this.#plan, rows);
    this.#pending.set(position, { block: new PackedBlock(rows, this.#rules), judged });
    while (!this.isDone && this.#takeRound()) {
      this.#precise = isPreciseEnough(this.#plan, this.#judged);
    }
  }

  #takeRound(): boolean {
    const { length } = this.#rows;
    const first = this.tasks;
    const round = Array.from({ length }, (_, v) => this.#pending.get(first + v));
    if (round.includes(undefined)) return false;
    for (const [v, done] of round.entries()) {
      if (done !== undefined) {
        this.#rows[v].push(done.block);
        for (const value of done.judged) this.#judged[v].push(value);
      }
      this.#pending.delete(first + v);
    }
    this.#rounds++;
    return true;
  }
}
