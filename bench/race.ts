/**
 * One race: everyone on the same seeded traces, in turns, round after round.
 *
 * Invariant: everyone replays the whole of each trace; but where that takes minutes (a racer marked slow, on a
 * node beyond 1 TiB), he replays a window late in it, and those he is compared with, ours, their native
 * twins and the floors, replay the same window beside the whole. Every replay begins on an empty node.
 * Trade-off: who replays a window takes one turn or two, since what leads up to it takes half a minute.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, NativeProcess, RacerProcess, type Window } from './contestant.js';
import { type Entry, entryOf, groupOf, type Heat, type Seen } from './entry.js';
import { entrants, type Field } from './field.js';
import { judge } from './judge.js';
import { hasNative } from './native-build.js';
import { isRacerName, racerEntry } from './racers/racers.js';
import { takeTurns } from './rounds.js';
import { mean, median, type Spread } from './statistics.js';
import { encodeTrace, prefixOf, type Trace, traceOf } from './trace-file.js';
import { GIB_FRAMES, type WorkloadName, workload } from './workloads.js';

const WARM_UPS = 2;
/** Of a slow racer's window: beside it the clock is exact, and a moment of the machine is a small part. */
const LONG_NS = 1e8;
/** The largest node on which even the slow replay whole traces: there an operation takes them some 2 us. */
const WHOLE_UP_TO = 1024 * GIB_FRAMES;
/** Late enough that the node is full. */
const SLOW_WINDOW: Readonly<Window> = { operations: 30_000, from: 26_000 };
/** Replays of the window in one turn of those who are fast: it takes them some 0.1 ms. */
const FAST_REPLAYS = 12;

export interface RacePlan {
  readonly workload: WorkloadName;
  readonly seeds: readonly number[];
  readonly operations: number;
  readonly rounds: number;
}

export interface Race {
  readonly workload: WorkloadName;
  readonly frames: number;
  readonly seeds: readonly number[];
  readonly operations: number;
  readonly rounds: number;
  readonly floorNs: number;
  readonly nativeFloorNs?: number;
  readonly entries: readonly Entry[];
}

export async function race(field: Field, plan: RacePlan, folder: string): Promise<Race> {
  const heats: Heat[] = [];
  for (const seed of plan.seeds) {
    const trace = traceOf(workload(plan.workload, seed, plan.operations));
    const file = join(folder, `${plan.workload}-${seed}.bin`);
    writeFileSync(file, encodeTrace(trace));
    heats.push(await runHeat(field, trace, file, plan.rounds));
    rmSync(file);
  }
  const names = entrants(field, heats[0].frames).map(({ name }) => name);
  const nativeFloors = heats.flatMap(({ whole }) => whole.nativeFloor);
  return {
    ...plan,
    operations: heats[0].operations,
    frames: heats[0].frames,
    floorNs: mean(heats.map(({ whole }) => median(whole.times.get('floor') ?? []))),
    ...(nativeFloors.length === 0 ? {} : { nativeFloorNs: median(nativeFloors) }),
    entries: names.filter((name) => name !== 'floor').map((name) => entryOf(name, heats)),
  };
}

/** Times noted as they come. */
class Stopwatch {
  readonly times = new Map<string, number[]>();
  readonly nativeFloor: number[] = [];

  /** Replays the window `replays` times and notes the mean, or nothing while warming up. */
  async time(one: Contestant, window: Window, replays: number, counts: boolean): Promise<number> {
    let ns = 0;
    let floorNs = 0;
    for (let replay = 0; replay < replays; replay++) {
      ns += await one.replayNs(window);
      if (one instanceof NativeProcess) floorNs += await one.floorNs(window);
    }
    const operations = replays * (window.operations - window.from);
    if (counts) {
      const laps = this.times.get(one.name) ?? [];
      this.times.set(one.name, [...laps, ns / operations]);
      if (one instanceof NativeProcess) this.nativeFloor.push(floorNs / operations);
    }
    return ns;
  }
}

async function runHeat(field: Field, trace: Trace, file: string, counted: number): Promise<Heat> {
  const all = entrants(field, trace.frames);
  for (const one of all) await one.load(file);
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
  const seen = new Map<string, Seen>();
  const clock = await singlesOf(all[0], trace);
  for (const one of all) {
    if (!(one instanceof RacerProcess) || one.name === 'floor') continue;
    seen.set(one.name, await look(field, one, trace, file, clock));
  }
  const { frames, operations } = trace;
  const windowed = window === undefined ? {} : { part: { ...laps(part), window } };
  return { frames, operations, whole: laps(whole), ...windowed, seen };
}

function laps({ times, nativeFloor }: Stopwatch): Heat['whole'] {
  return { times, nativeFloor };
}

/** Two turns for who is slow; one for whom the window took long, since what leads up to it takes seconds. */
function isSlowTurn(round: number, lastNs: number): boolean {
  return round === 0 || (round === 1 && lastNs < LONG_NS);
}

/** All that an entrant replays of a trace, where that is not the whole. */
export function windowOf(
  name: string,
  { frames, operations }: Pick<Trace, 'frames' | 'operations'>,
): Window | undefined {
  const isSlow = isRacerName(name) && racerEntry(name).slow === true;
  const isTooMuch = frames > WHOLE_UP_TO && operations > SLOW_WINDOW.operations;
  return isSlow && isTooMuch ? SLOW_WINDOW : undefined;
}

/** Whether the slow are compared with it. */
function isCompared(name: string): boolean {
  const group = groupOf(name);
  return group === 'ours' || group === 'native';
}

async function singlesOf(one: Contestant, trace: Trace): Promise<Spread | undefined> {
  return one instanceof RacerProcess ? one.singles(trace.operations) : undefined;
}

async function look(
  field: Field,
  racer: RacerProcess,
  trace: Trace,
  file: string,
  clock: Spread | undefined,
): Promise<Seen> {
  const { operations } = windowOf(racer.name, trace) ?? trace;
  const entry = racerEntry(racer.name);
  const kept = `${file}.places`;
  const { bytes, bytesPerExtent } = await racer.places(operations, kept);
  const places = readPlaces(kept);
  const seen = {
    quality: judge(prefixOf(trace, operations), places, entry),
    bytes,
    bytesPerExtent,
  };
  if (groupOf(racer.name) !== 'ours') return seen;
  const singles = await racer.singles(operations);
  const native = hasNative(racer.name) ? field.natives.get(racer.name) : undefined;
  const timed = { ...seen, singles: withoutClock(singles, clock?.median ?? 0) };
  if (native === undefined) return timed;
  await native.places(kept);
  const theirs = readPlaces(kept);
  return { ...timed, sameChoices: places.every((place, i) => place === theirs[i]) };
}

function readPlaces(file: string): Int32Array {
  const bytes = readFileSync(file);
  rmSync(file);
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function withoutClock(singles: Spread, clockNs: number): Spread {
  const less = (ns: number) => Math.max(0, ns - clockNs);
  const { minimum, p99, p999, spread } = singles;
  return {
    minimum: less(minimum),
    median: less(singles.median),
    p99: less(p99),
    p999: less(p999),
    spread,
  };
}
