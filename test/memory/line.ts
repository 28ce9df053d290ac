/**
 * A node as a plain list of runs, for nodes too long to be written out frame by frame.
 *
 * Invariant: it shares no code with core/: runs are held in a sorted array and every answer is found by
 * going through all of them. Trade-off: O(runs) a question, which is fine for a few dozen.
 */

export interface Run {
  readonly start: number;
  readonly end: number;
}

export class NaiveLine {
  readonly frames: number;
  /** Held runs by start, none overlapping. */
  readonly held: Run[] = [];

  constructor(frames: number) {
    this.frames = frames;
  }

  take(start: number, frames: number): void {
    this.held.push({ start, end: start + frames });
    this.held.sort((a, b) => a.start - b.start);
  }

  /** Returns the middle of a held run. */
  giveBack(start: number, frames: number): void {
    const at = this.held.findIndex((run) => run.start <= start && start + frames <= run.end);
    const [run] = this.held.splice(at, 1);
    if (run.start < start) this.take(run.start, start - run.start);
    if (start + frames < run.end) this.take(start + frames, run.end - start - frames);
  }

  free(): Run[] {
    const runs: Run[] = [];
    let from = 0;
    for (const { start, end } of this.held) {
      if (start > from) runs.push({ start: from, end: start });
      from = end;
    }
    if (from < this.frames) runs.push({ start: from, end: this.frames });
    return runs;
  }

  /** The lowest aligned place in a run; undefined = none. */
  static placeIn({ start, end }: Run, frames: number, align: number): number | undefined {
    const place = Math.ceil(start / align) * align;
    return place + frames <= end ? place : undefined;
  }

  /** The lowest place of each run that has one, runs by start. */
  places(frames: number, align: number, from = 0): { run: Run; place: number }[] {
    return this.free().flatMap((run) => {
      const cut = { start: Math.max(run.start, from), end: run.end };
      const place = NaiveLine.placeIn(cut, frames, align);
      return place === undefined ? [] : [{ run, place }];
    });
  }

  /** Whole aligned units of `unit` frames inside a run. */
  static unitsOf({ start, end }: Run, unit: number): number {
    return Math.max(0, Math.floor(end / unit) - Math.ceil(start / unit));
  }
}

/** What lies of a free run before its first whole granule and behind its last; all, where it has none. */
export function piecesOf(run: Run, granule: number): Run[] {
  if (NaiveLine.unitsOf(run, granule) === 0) return [run];
  const first = Math.ceil(run.start / granule) * granule;
  const last = Math.floor(run.end / granule) * granule;
  const ends = [
    { start: run.start, end: first },
    { start: last, end: run.end },
  ];
  return ends.filter(({ start, end }) => end > start);
}
