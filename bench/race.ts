/**
 * One race: everyone on the same seeded traces, in turns, round after round.
 *
 * Invariant: in every round each entrant replays once, and the order rotates, so that a slow moment of
 * the machine meets all alike. The first WARM_UPS rounds are
 * not counted. Net times have the median
 * floor of their own side (JavaScript or native) subtracted, and are means over the seeds.
 * Trade-off: racers marked slow replay a short window late in the trace instead of all of it.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, NativeProcess, RacerProcess, type Window } from './contestant.js';
import { entrants, type Field } from './field.js';
import { judge, type Verdict } from './judge.js';
import { hasNative } from './native-build.js';
import { type RacerEntry, type RacerName, racerEntry } from './racers/racers.js';
import { mean, median, type Spread, spreadOf } from './statistics.js';
import { encodeTrace, prefixOf, type Trace, traceOf } from './trace-file.js';
import { type WorkloadName, workload } from './workloads.js';

const WARM_UPS = 2;
/** Of a slow racer's window: beside it the clock is exact, and a moment of the machine is a small part. */
const LONG_NS = 1e8;

export interface RacePlan {
  readonly workload: WorkloadName;
  readonly seeds: readonly number[];
  readonly operations: number;
  readonly rounds: number;
}

export type Group = 'ours' | 'native' | 'npm' | 'naive';

export interface Entry {
  readonly name: string;
  readonly group: Group;
  /** Nanoseconds per operation of each replay, floor included. */
  readonly ns: Spread;
  /** Mean over the seeds of (median − floor's median). */
  readonly netNs: number;
  /** The same of minima: what a busy machine disturbs least. */
  readonly netMinimumNs: number;
  /** Operations of one timed replay. */
  readonly operations: number;
  /** Means over the seeds; counts are sums. Absent for the native entrants. */
  readonly quality?: Verdict;
  /** The native twin chose the very same places. */
  readonly sameChoices?: boolean;
  /** Single operations, ours only; the clock's cost (the floor's median) subtracted. */
  readonly singles?: Spread;
  readonly bytes: number;
  readonly bytesPerExtent: number;
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

/** Where the racers marked slow are timed: late enough that the node is full. */
const SLOW_WINDOW: Readonly<Window> = { operations: 30_000, from: 26_000 };

export async function race(field: Field, plan: RacePlan, folder: string): Promise<Race> {
  const heats: Heat[] = [];
  for (const seed of plan.seeds) {
    const trace = traceOf(workload(plan.workload, seed, plan.operations));
    const file = join(folder, `${plan.workload}-${seed}.bin`);
    writeFileSync(file, encodeTrace(trace));
    heats.push(await runHeat(field, trace, file, plan.rounds));
    rmSync(file);
  }
  const names = entrants(field, heats[0].trace.frames).map(({ name }) => name);
  const nativeFloors = heats.flatMap(({ nativeFloor }) => nativeFloor);
  return {
    ...plan,
    operations: heats[0].trace.operations,
    frames: heats[0].trace.frames,
    floorNs: mean(heats.map((heat) => median(heat.times.get('floor') ?? []))),
    ...(nativeFloors.length === 0 ? {} : { nativeFloorNs: median(nativeFloors) }),
    entries: names.filter((name) => name !== 'floor').map((name) => entryOf(name, heats)),
  };
}

/** What was seen of one racer on one trace besides its times. */
interface Seen {
  readonly quality: Verdict;
  readonly bytes: number;
  readonly bytesPerExtent: number;
  readonly sameChoices?: boolean;
  readonly singles?: Spread;
}

interface Heat {
  readonly trace: Trace;
  /** Nanoseconds per operation, by entrant. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly nativeFloor: readonly number[];
  readonly seen: ReadonlyMap<string, Seen>;
}

async function runHeat(field: Field, trace: Trace, file: string, rounds: number): Promise<Heat> {
  const all = entrants(field, trace.frames);
  for (const one of all) await one.load(file);
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  const nativeFloor: number[] = [];
  const spentNs = new Map<string, number>();
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const [place] of all.entries()) {
      const one = all[(place + round + WARM_UPS) % all.length];
      if (isSlow(one) && !isSlowTurn(round, spentNs.get(one.name) ?? 0)) continue;
      const window = windowOf(one, trace);
      const ns = await one.replayNs(window);
      spentNs.set(one.name, ns);
      if (round >= 0) times.get(one.name)?.push(ns / (window.operations - window.from));
      if (one instanceof NativeProcess && round >= 0) {
        nativeFloor.push((await one.floorNs()) / trace.operations);
      }
    }
  }
  const seen = new Map<string, Seen>();
  const clock = await singlesOf(all[0], trace);
  for (const one of all) {
    if (!(one instanceof RacerProcess) || one.name === 'floor') continue;
    seen.set(one.name, await look(field, one, trace, file, clock));
  }
  return { trace, times, nativeFloor, seen };
}

/** Two turns for who is slow; one for whom the window took long, since what leads up to it takes seconds. */
function isSlowTurn(round: number, lastNs: number): boolean {
  return round === 0 || (round === 1 && lastNs < LONG_NS);
}

function isSlow(one: Contestant): boolean {
  return one instanceof RacerProcess && racerEntry(one.name).slow === true;
}

function windowOf(one: Contestant, trace: Trace): Window {
  const fits = trace.operations > SLOW_WINDOW.operations;
  return isSlow(one) && fits ? SLOW_WINDOW : { operations: trace.operations, from: 0 };
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
  const { operations } = windowOf(racer, trace);
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

function entryOf(name: string, heats: readonly Heat[]): Entry {
  const isNative = groupOf(name) === 'native';
  const net = (of: (times: readonly number[]) => number) =>
    mean(
      heats.map((heat) => {
        const floor = isNative ? heat.nativeFloor : (heat.times.get('floor') ?? []);
        return of(heat.times.get(name) ?? []) - of(floor);
      }),
    );
  const seen = heats.flatMap((heat) => heat.seen.get(name) ?? []);
  const singles = seen.flatMap((one) => one.singles ?? []);
  const choices = seen.flatMap(({ sameChoices }) => sameChoices ?? []);
  return {
    name,
    group: groupOf(name),
    ns: spreadOf(heats.flatMap((heat) => heat.times.get(name) ?? [])),
    netNs: net(median),
    netMinimumNs: net((times) => Math.min(...times)),
    operations: heats[0].trace.operations,
    ...(seen.length === 0 ? {} : { quality: joined(seen.map(({ quality }) => quality)) }),
    ...(choices.length === 0 ? {} : { sameChoices: choices.every((same) => same) }),
    ...(singles.length === 0 ? {} : { singles: meanSpread(singles) }),
    bytes: Math.max(0, ...seen.map(({ bytes }) => bytes)),
    bytesPerExtent: Math.max(0, ...seen.map(({ bytesPerExtent }) => bytesPerExtent)),
  };
}

function groupOf(name: string): Group {
  const entry: RacerEntry | undefined = name.startsWith('native ')
    ? undefined
    : racerEntry(name as RacerName);
  return entry === undefined ? 'native' : (entry.peer ?? 'ours');
}

function joined(verdicts: readonly Verdict[]): Verdict {
  const sum = (of: (verdict: Verdict) => number) =>
    verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const isBounded = verdicts.every(({ probesBacked }) => probesBacked !== null);
  const breach = verdicts.find((verdict) => verdict.breach !== undefined)?.breach;
  return {
    requests: sum((v) => v.requests),
    acceptedRequests: sum((v) => v.acceptedRequests),
    requestedFrames: sum((v) => v.requestedFrames),
    acceptedFrames: sum((v) => v.acceptedFrames),
    probes: sum((v) => v.probes),
    probesServed: sum((v) => v.probesServed),
    probesBacked: isBounded ? sum((v) => v.probesBacked ?? 0) : null,
    unusable1G: mean(verdicts.map((v) => v.unusable1G)),
    falseRefusals: sum((v) => v.falseRefusals),
    valid: verdicts.every((v) => v.valid),
    ...(breach === undefined ? {} : { breach }),
  };
}

function meanSpread(spreads: readonly Spread[]): Spread {
  const of = (key: keyof Spread) => mean(spreads.map((spread) => spread[key]));
  return {
    minimum: of('minimum'),
    median: of('median'),
    p99: of('p99'),
    p999: of('p999'),
    spread: of('spread'),
  };
}
