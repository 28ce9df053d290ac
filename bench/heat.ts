/**
 * The times of a heat: everyone on one trace, in turns, round after round.
 *
 * Invariant: everyone replays the whole of the trace; but where that takes minutes (a racer marked slow, on a
 * node beyond 1 TiB), he replays a window late in it, and those he is compared with, ours that have a native
 * twin, the twins and the floors, replay the same window beside the whole. Every replay begins on an empty node, and
 * those of the first WARM_UPS rounds are not counted. Trade-off: who replays a window takes one turn or two
 * without warming up, since what leads up to it takes half a minute.
 */
import type { Contestant, Window } from './contestant.js';
import { groupOf, type Heat } from './entry.js';
import { hasNative } from './native-build.js';
import { isRacerName, racerEntry } from './racers/racers.js';
import { takeTurns } from './rounds.js';
import type { Trace } from './trace-file.js';
import { GIB_FRAMES } from './workloads.js';

const WARM_UPS = 2;
/** Of a slow racer's window: beside it the clock is exact, and a moment of the machine is a small part. */
const LONG_NS = 1e8;
/** The largest node on which even the slow replay whole traces: there an operation takes them some 2 us. */
const WHOLE_UP_TO = 1024 * GIB_FRAMES;
/** Late enough that the node is full. */
const SLOW_WINDOW: Readonly<Window> = { operations: 30_000, from: 26_000 };
/** Replays of the window in one turn of those who are fast: it takes them some 0.1 ms. */
const FAST_REPLAYS = 12;

type Size = Pick<Trace, 'frames' | 'operations'>;

/** Everyone has loaded the trace. */
export async function timeHeat(
  all: readonly Contestant[],
  trace: Size,
  counted: number,
): Promise<Pick<Heat, 'whole' | 'part'>> {
  const entire = { operations: trace.operations, from: 0 };
  const window = all.map(({ name }) => windowOf(name, trace)).find((found) => found !== undefined);
  const [whole, part] = [new Stopwatch(), new Stopwatch()];
  const spentNs = new Map<string, number>();
  await takeTurns(all, { warmUps: WARM_UPS, counted }, async (one, round) => {
    const own = windowOf(one.name, trace);
    if (own !== undefined) {
      if (!isSlowTurn(round, spentNs.get(one.name) ?? 0)) return;
      spentNs.set(one.name, await part.time(one, own, 1, true));
      return;
    }
    await whole.time(one, entire, 1, round >= 0);
    if (window !== undefined && isCompared(one.name)) {
      await part.time(one, window, FAST_REPLAYS, round >= 0);
    }
  });
  return {
    whole: whole.laps(),
    ...(window === undefined ? {} : { part: { ...part.laps(), window } }),
  };
}

/** Times noted as they come, per operation. */
class Stopwatch {
  private readonly times = new Map<string, number[]>();
  private readonly nativeFloor: number[] = [];

  /** Replays the window `replays` times and notes the mean, if it counts. Answers the nanoseconds of all. */
  async time(one: Contestant, window: Window, replays: number, counts: boolean): Promise<number> {
    const operations = replays * (window.operations - window.from);
    let ns = 0;
    let floorNs = 0;
    for (let replay = 0; replay < replays; replay++) {
      ns += await one.replayNs(window);
      floorNs += (await one.floorNs?.(window)) ?? 0;
    }
    if (!counts) return ns;
    this.times.set(one.name, [...(this.times.get(one.name) ?? []), ns / operations]);
    if (one.floorNs !== undefined) this.nativeFloor.push(floorNs / operations);
    return ns;
  }

  laps(): Heat['whole'] {
    return { times: this.times, nativeFloor: this.nativeFloor };
  }
}

/** Two turns for who is slow; one for whom the window took long, since what leads up to it takes seconds. */
function isSlowTurn(round: number, lastNs: number): boolean {
  return round === 0 || (round === 1 && lastNs < LONG_NS);
}

/** All that an entrant replays of a trace, where that is not the whole. */
export function windowOf(name: string, { frames, operations }: Size): Window | undefined {
  const isSlow = isRacerName(name) && racerEntry(name).slow === true;
  const isTooMuch = frames > WHOLE_UP_TO && operations > SLOW_WINDOW.operations;
  return isSlow && isTooMuch ? SLOW_WINDOW : undefined;
}

/** Whether the slow are compared with it. */
function isCompared(name: string): boolean {
  return name === 'floor' || hasNative(name) || groupOf(name) === 'native';
}
