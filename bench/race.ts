/**
 * One race: everyone on the same seeded traces, in turns, round after round.
 *
 * Invariant: what is judged of a racer, places and speed, is of the same operations, and was done by one process.
 * Trade-off: places are looked at on replays of their own, untimed, after the timed ones.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, RacerProcess } from './contestant.js';
import { type Entry, entryOf, groupOf, type Heat, type Seen } from './entry.js';
import { entrants, type Field } from './field.js';
import { timeHeat, windowOf } from './heat.js';
import { judge } from './judge.js';
import { hasNative } from './native-build.js';
import { racerEntry } from './racers/racers.js';
import { mean, median, type Spread } from './statistics.js';
import { encodeTrace, prefixOf, type Trace, traceOf } from './trace-file.js';
import { type WorkloadName, workload } from './workloads.js';

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

async function runHeat(field: Field, trace: Trace, file: string, rounds: number): Promise<Heat> {
  const all = entrants(field, trace.frames);
  for (const one of all) await one.load(file);
  const times = await timeHeat(all, trace, rounds);
  const seen = new Map<string, Seen>();
  const clock = await singlesOf(all[0], trace);
  for (const one of all) {
    if (!(one instanceof RacerProcess) || one.name === 'floor') continue;
    seen.set(one.name, await look(field, one, trace, file, clock));
  }
  const { frames, operations } = trace;
  return { frames, operations, ...times, seen };
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
