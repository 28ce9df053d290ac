/**
 * A granule-aware pool and its naive twin, led through the same life.
 *
 * Invariant: every question and every taking goes through here, and throws at the first place that is
 * not the twin's. Trade-off: the twin's answers cost more than the pool's by a thousand, so nodes are
 * small.
 */
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import type { StoreMark } from '../../core/memory/extent-store.js';
import { type Choice, GranuleTwin } from './granule-twin.js';
import { NaiveLine, type Run } from './line.js';

interface Held {
  readonly start: number;
  readonly frames: number;
}

export class GranuleLife {
  readonly pool: ExtentPool;
  readonly granule: number;
  /** Held extents, in no order. */
  live: Held[] = [];
  private readonly twin: GranuleTwin;
  private marks: { mark: StoreMark; twin: object; live: Held[] }[] = [];

  constructor(frames: number, granule: number) {
    this.pool = createExtentPool({
      tag: 0,
      frames,
      granuleFrames: granule,
      policy: 'granule-aware',
    });
    this.twin = new GranuleTwin(frames, granule);
    this.granule = granule;
  }

  /** What the pool would choose is what the rule chooses. */
  ask(frames: number, align: number): Choice | undefined {
    const expected = this.twin.choose(frames, align);
    const found = this.pool.find(frames, align);
    if (found !== (expected?.place ?? -1)) {
      const rule = `the rule says ${expected?.place} (step ${expected?.step})`;
      throw new Error(`${frames} frames aligned to ${align}: at ${found}, ${rule}`);
    }
    return expected;
  }

  alloc(frames: number, align: number): void {
    const expected = this.ask(frames, align);
    const handle = this.pool.alloc(frames, align, 2);
    const start = handle === 0 ? undefined : this.pool.at(handle).start;
    if (start !== expected?.place) throw new Error(`took ${start}, not ${expected?.place}`);
    if (start === undefined) return;
    this.twin.take(start, frames);
    this.live.push({ start, frames });
  }

  hold(start: number, frames: number): void {
    this.pool.allocAt(start, frames, 1);
    this.twin.take(start, frames);
    this.live.push({ start, frames });
  }

  free(index: number): void {
    const [{ start, frames }] = this.live.splice(index, 1);
    this.pool.free(this.pool.covering(start).handle);
    this.twin.giveBack(start, frames);
  }

  /** Returns the middle of a held extent of at least three frames. */
  freePart(index: number, skip: number, frames: number): void {
    const { start, frames: all } = this.live[index];
    this.pool.freeRange(start + skip, frames);
    this.twin.giveBack(start + skip, frames);
    const end = start + skip + frames;
    this.live[index] = { start, frames: skip };
    this.live.push({ start: end, frames: start + all - end });
  }

  mark(): void {
    this.marks.push({ mark: this.pool.mark(), twin: this.twin.copy(), live: [...this.live] });
  }

  /** To a mark, where there is one; otherwise the pool takes its own snapshot, which ends all marks. */
  goBack(which: number): void {
    const [saved] = this.marks.splice(which % (this.marks.length + 1));
    if (saved === undefined) {
      this.pool.restore(this.pool.snapshot());
      this.marks = [];
      return;
    }
    this.pool.rollback(saved.mark);
    this.twin.restore(saved.twin);
    this.live = [...saved.live];
  }

  freeRuns(): Run[] {
    return this.twin.free();
  }

  /** A free run gives a frame and gets it back: leaves a record that the quick ways of the pool use. */
  useRecord(): void {
    this.hold(this.twin.free()[0].start, 1);
    this.free(this.live.length - 1);
  }

  /** Throws where what the pool remembers of all runs is not so. */
  compareMost(): void {
    const { pool, granule } = this;
    const runs = this.twin.free();
    same('lowest', pool.findLowest(1, 1), runs[0]?.start ?? -1);
    same('longest', pool.largestFreeRun(), Math.max(0, ...runs.map((run) => run.end - run.start)));
    const granules = runs.map((run) => NaiveLine.unitsOf(run, granule));
    same('most granules', pool.largestGranuleRun(), Math.max(0, ...granules) * granule);
  }

  /** Throws where the pool is not what the twin is, or no other pool takes its snapshot. */
  compare(): void {
    const { pool, granule } = this;
    const runs = this.twin.free();
    this.compareMost();
    const free = [...pool.extents()].filter(({ owner }) => owner === 0);
    same(
      'free',
      free.map(({ start, frames }) => ({ start, end: start + frames })),
      runs,
    );
    same('problems', pool.verifyIndex(), []);
    createExtentPool({ tag: 0, frames: pool.frames, granuleFrames: granule }).restore(
      pool.snapshot(),
    );
  }
}

/** A life in which just these runs are free, freed in this order, the last one newest. */
export function lifeWith(frames: number, granule: number, runs: readonly Run[]): GranuleLife {
  const life = new GranuleLife(frames, granule);
  let at = 0;
  for (const { start, end } of [...runs].sort((a, b) => a.start - b.start)) {
    if (start > at) life.hold(at, start - at);
    life.hold(start, end - start);
    at = end;
  }
  if (at < frames) life.hold(at, frames - at);
  for (const run of runs) life.free(life.live.findIndex(({ start }) => start === run.start));
  return life;
}

function same(what: string, got: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left}, expected ${right}`);
}
