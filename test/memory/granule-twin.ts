/**
 * A naive twin of the granule-aware choice: which free run a request takes from, and where in it.
 *
 * A free run is a ragged head, whole granules and a ragged tail; without a whole granule it is all head.
 * Heads and tails are the pieces. The rule, first answer wins:
 *   1. align 1: the smallest piece that holds the request, of equal ones the one filed last. A head
 *      gives its low end, a tail its high end; a run without a whole granule the low end, unless it
 *      crosses a boundary and of its two parts the upper one is the smaller that holds the request
 *   2. align > 1: of the LOOKS smallest such pieces the first with an aligned place, the lowest there
 *   3. runs that may hold it, by rank, of one rank the one filed last; the best place among LOOKS of
 *      them: fewest granules destroyed, then fewest touched, then in the shortest run, then seen first.
 *      The looking ends early at a place that costs no more than the request must cost at a boundary
 *   4. the same among the runs that surely hold it   5. the first run of 3 that does hold it
 *   6. align > 1: step 2 without a bound
 * The rank of a run is its number of whole granules, rounded down to six binary digits.
 * Filed means: since when the piece has had its length, or the run its rank. So the twin keeps the
 * pieces, and the runs with whole granules, in two plain lists, newest first.
 *
 * Invariant: no code shared with core/, no bit tricks, nothing remembered but the order of filing.
 * Trade-off: every answer sorts all pieces and counts granules one by one.
 */
import { NaiveLine } from './line.js';

/** Pieces or runs looked at before a bounded step ends. */
const LOOKS = 12;

export interface Choice {
  readonly place: number;
  /** The step of the rule that found it. */
  readonly step: 1 | 2 | 3 | 4 | 5 | 6;
}

interface Filed {
  start: number;
  end: number;
  /** Frames before the first whole granule and behind the last. */
  head: number;
  tail: number;
  /** 0 = no whole granule. */
  rank: number;
}

interface Piece {
  readonly run: Filed;
  readonly isHead: boolean;
}

interface Lists {
  free: Filed[];
  pieces: Piece[];
  ranked: Filed[];
}

interface Spot {
  readonly place: number;
  readonly destroyed: number;
  readonly touched: number;
  readonly length: number;
}

export class GranuleTwin {
  private readonly granule: number;
  private lists: Lists = { free: [], pieces: [], ranked: [] };

  constructor(frames: number, granule: number) {
    this.granule = granule;
    this.appear(0, frames);
  }

  /** What `restore` takes back. */
  copy(): object {
    // Keeps which run a piece belongs to.
    return structuredClone(this.lists);
  }

  restore(copy: object): void {
    this.lists = structuredClone(copy as Lists);
  }

  /** Free runs by address. */
  free(): { start: number; end: number }[] {
    const runs = this.lists.free.map(({ start, end }) => ({ start, end }));
    return runs.sort((a, b) => a.start - b.start);
  }

  /** Takes frames out of a free run; the lower part that stays is the run of before. */
  take(place: number, frames: number): void {
    const run = this.lists.free.find(({ start, end }) => start <= place && place + frames <= end);
    if (run === undefined) throw new Error(`twin: ${frames} frames at ${place} are not free`);
    const { start, end } = run;
    if (place > start) this.change(run, start, place);
    else this.change(run, place + frames, end);
    if (place > start && place + frames < end) this.appear(place + frames, end);
  }

  /** Frees frames; the free run below them, where there is one, grows and is the run of before. */
  giveBack(start: number, frames: number): void {
    const { free } = this.lists;
    const below = free.find((run) => run.end === start);
    const above = free.find((run) => run.start === start + frames);
    const end = above?.end ?? start + frames;
    if (above !== undefined) this.change(above, 0, 0);
    if (below === undefined) this.appear(start, end);
    else this.change(below, below.start, end);
  }

  choose(frames: number, align: number): Choice | undefined {
    const pieces = this.lists.pieces.filter((piece) => lengthOf(piece) >= frames);
    pieces.sort((a, b) => lengthOf(a) - lengthOf(b));
    if (align === 1 && pieces.length > 0) {
      return { place: this.endOf(pieces[0], frames), step: 1 };
    }
    const aligned = pieces.map((piece) => NaiveLine.placeIn(spanOf(piece), frames, align));
    const early = aligned.slice(0, LOOKS).find((place) => place !== undefined);
    if (early !== undefined) return { place: early, step: 2 };
    const fromRun = this.chooseRun(frames, align);
    if (fromRun !== undefined) return fromRun;
    const late = aligned.find((place) => place !== undefined);
    return late === undefined ? undefined : { place: late, step: 6 };
  }

  /** Steps 3 to 5. */
  private chooseRun(frames: number, align: number): Choice | undefined {
    const { granule } = this;
    // The most that fits around w whole granules, and what fits there whatever the ends are.
    const most = (w: number) =>
      w * granule + (align % granule === 0 ? granule - 1 : 2 * granule - 2);
    const surely = (w: number) => w * granule - (granule % align === 0 ? 0 : align - 1);
    const first = (holds: (w: number) => number) => {
      let w = 1;
      while (holds(w) < frames) w++;
      return w;
    };
    const possible = this.from(first(most));
    const bounded = this.bestOf(possible.slice(0, LOOKS), frames, align);
    if (bounded !== undefined) return { place: bounded.place, step: 3 };
    const sure = this.bestOf(this.from(first(surely)).slice(0, LOOKS), frames, align);
    if (sure !== undefined) return { place: sure.place, step: 4 };
    const holding = possible.find((run) => this.spotsIn(run, frames, align).length > 0);
    const lucky = this.bestOf(holding === undefined ? [] : [holding], frames, align);
    return lucky === undefined ? undefined : { place: lucky.place, step: 5 };
  }

  /** Runs by rank, none below that of `granules`. */
  private from(granules: number): Filed[] {
    const runs = this.lists.ranked.filter((run) => run.rank >= rankOf(granules));
    return runs.sort((a, b) => a.rank - b.rank);
  }

  private bestOf(runs: readonly Filed[], frames: number, align: number): Spot | undefined {
    const { granule } = this;
    let best: Spot | undefined;
    for (const run of runs) {
      const spots = this.spotsIn(run, frames, align);
      for (const spot of spots) if (best === undefined || isBetter(spot, best)) best = spot;
      if (best === undefined) continue;
      const isCheap = best.destroyed <= Math.max(1, Math.floor(frames / granule));
      if (isCheap && best.touched <= Math.ceil(frames / granule)) break;
    }
    return best;
  }

  /** Places at the ends of a run, then at those of its whole granules. */
  private spotsIn(run: Filed, frames: number, align: number): Spot[] {
    const { granule } = this;
    const up = (frame: number) => Math.ceil(frame / align) * align;
    const down = (frame: number) => Math.floor((frame - frames) / align) * align;
    const whole = run.start + run.head;
    return [up(run.start), down(run.end), up(whole), down(run.end - run.tail)]
      .filter((place) => place >= run.start && place + frames <= run.end)
      .map((place) => {
        let [destroyed, touched] = [0, 0];
        for (let at = place - (place % granule); at < place + frames; at += granule) {
          touched++;
          if (at >= run.start && at + granule <= run.end) destroyed++;
        }
        return { place, destroyed, touched, length: run.end - run.start };
      });
  }

  /** Step 1 within its piece. */
  private endOf(piece: Piece, frames: number): number {
    const { start, end } = spanOf(piece);
    if (piece.run.rank > 0) return piece.isHead ? start : end - frames;
    const border = Math.ceil((start + 1) / this.granule) * this.granule;
    const upperHolds = end - border >= frames;
    const lowerHolds = border - start >= frames;
    const isUpper = upperHolds && !(lowerHolds && border - start <= end - border);
    return isUpper ? end - frames : start;
  }

  private appear(start: number, end: number): void {
    const run: Filed = { start, end: start, head: 0, tail: 0, rank: 0 };
    this.lists.free.push(run);
    this.change(run, start, end);
  }

  /** Gives a run other bounds, none left when equal, and files anew what is not as long as before. */
  private change(run: Filed, start: number, end: number): void {
    const { granule, lists } = this;
    const count = NaiveLine.unitsOf({ start, end }, granule);
    const head = count > 0 ? Math.ceil(start / granule) * granule - start : end - start;
    const tail = end - start - head - count * granule;
    const rank = rankOf(count);
    const isNew = { head: head !== run.head, tail: tail !== run.tail, rank: rank !== run.rank };
    Object.assign(run, { start, end, head, tail, rank });
    if (start === end) lists.free = lists.free.filter((one) => one !== run);
    for (const isHead of [true, false]) {
      if (!(isHead ? isNew.head : isNew.tail)) continue;
      lists.pieces = lists.pieces.filter((one) => one.run !== run || one.isHead !== isHead);
      if ((isHead ? head : tail) > 0) lists.pieces.unshift({ run, isHead });
    }
    if (!isNew.rank) return;
    lists.ranked = lists.ranked.filter((one) => one !== run);
    if (rank > 0) lists.ranked.unshift(run);
  }
}

function spanOf({ run, isHead }: Piece): { start: number; end: number } {
  if (isHead) return { start: run.start, end: run.start + run.head };
  return { start: run.end - run.tail, end: run.end };
}

function lengthOf({ run, isHead }: Piece): number {
  return isHead ? run.head : run.tail;
}

/** The count with all but its six leading binary digits zero. */
function rankOf(count: number): number {
  let step = 1;
  while (count >= 64 * step) step *= 2;
  return count - (count % step);
}

function isBetter(spot: Spot, best: Spot): boolean {
  if (spot.destroyed !== best.destroyed) return spot.destroyed < best.destroyed;
  if (spot.touched !== best.touched) return spot.touched < best.touched;
  return spot.length < best.length;
}
