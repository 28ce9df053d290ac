/**
 * Why JavaScript does not reach its native twin: the same algorithm with one optimisation given or
 * taken at a time, in turns on the same trace.
 *
 * Ours runs as it is, and with V8 allowed to inline five times as much; the twin as fast as the
 * compiler makes it, with every function a call, and unoptimised. Ours runs with a part taken away, too.
 * Beside them stand the same choices with nothing else, in JavaScript and in C, those in JavaScript with a part
 * of what ours does besides, and the twin as WebAssembly in the same engine. So the table says
 * where between those our code stands, and what of the way is the language.
 * Invariant: net of the floor of the own side; medians and minima over rounds; all on one trace make the
 * same choices, or the table says who does not.
 * Trade-off: one trace, since what is compared is code and not placement.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, NativeProcess, RacerProcess } from './contestant.js';
import type { Measured } from './hot-path/measure.js';
import { measureHotPath } from './hot-path/turns.js';
import {
  BUILDS,
  type BuildName,
  buildNative,
  buildSteps,
  buildWasm,
  type NativePolicy,
} from './native-build.js';
import { countInstructions } from './profile-count.js';
import type { RacerName } from './racers/racers.js';
import { takeTurns } from './rounds.js';
import { median } from './statistics.js';
import { measureSteps, type Steps } from './steps.js';
import { encodeTrace, traceOf } from './trace-file.js';
import { workload } from './workloads.js';

export interface Limit {
  readonly name: string;
  readonly netNs: number;
  readonly netMinimumNs: number;
  /** Of the minima: over those of the fastest native build. */
  readonly timesNative: number;
  /** Other places than ours, seen on an untimed replay. */
  readonly differs: boolean;
}

const POLICIES: readonly NativePolicy[] = ['granule-aware', 'best-fit'];
const SEED = 1;
const WARM_UPS = 2;
const COPY_MS = 200;
const LAUNCHES = 80;
const MORE_INLINING = [
  '--max-inlined-bytecode-size=2300',
  '--max-inlined-bytecode-size-cumulative=4600',
];

export interface Limits {
  /** Why something is missing. */
  readonly notes: readonly string[];
  readonly times: readonly Limit[];
  /** What is executed in those times; empty where it cannot be counted. */
  readonly steps: readonly Steps[];
  readonly growth: readonly Growth[];
  /** Copies at 24 TiB, with and without memory at hand. */
  readonly copies: readonly Measured[];
  /** Instructions of one launch and termination by function, most first; empty where not counted. */
  readonly launch: readonly { readonly name: string; readonly instructions: number }[];
}

/** The same code on a node of 1 TiB and on one of 24 TiB. */
export interface Growth {
  readonly name: string;
  readonly netMinimumNs: readonly [small: number, large: number];
  /** Per operation, replay loop included; absent where it cannot be counted. */
  readonly instructions: readonly [small: number, large: number] | undefined;
}

/** Empty without a C compiler. */
export async function measureLimits(
  operations: number,
  rounds: number,
  folder: string,
  log: (text: string) => void,
): Promise<Limits> {
  const write = (name: 'a90' | 'd24t') => {
    const file = join(folder, `limits-${name}.bin`);
    writeFileSync(file, encodeTrace(traceOf(workload(name, SEED, operations))));
    return { file, operations, rounds };
  };
  const [small, large] = [write('a90'), write('d24t')];
  const limits: Limit[] = [];
  const steps: Steps[] = [];
  const notes = new Set<string>();
  for (const policy of POLICIES) {
    const natives = nativeBuilds(policy);
    if (natives.length === 0) {
      return { notes: [], times: [], steps: [], growth: [], copies: [], launch: [] };
    }
    log(`limits: ${policy}`);
    const net = await timed(small, [
      [policy, await RacerProcess.start(policy)],
      [`${policy}, V8 inlining more`, await RacerProcess.start(policy, MORE_INLINING)],
      ...(await started(`${policy}, by records`)),
      ...(await started(`${policy}, by records in one block`)),
      ...(await started(`bare ${policy}`)),
      ...(await started(`bare ${policy}, checked`)),
      ...(await started(`bare ${policy}, in a field`)),
      ...(await started(`bare ${policy}, counted in a field`)),
      ...(await wasmTwins(policy, notes)),
      ...natives,
    ]);
    const fastest = net.find(({ name }) => name === `native ${policy}, fastest`)?.netMinimumNs ?? 0;
    limits.push(...net.map((one) => ({ ...one, timesNative: one.netMinimumNs / fastest })));
    log(`instructions: ${policy}`);
    steps.push(...measureSteps(small.file, operations, policy));
  }
  const growth = await measureGrowth(small, large, steps, log);
  const copies = await measureCopies(log);
  return { notes: [...notes], times: limits, steps, growth, copies, launch: countLaunch(log) };
}

/** `smallSteps`: what was counted on the small node already; stepping takes half a minute. */
async function measureGrowth(
  small: Replay,
  large: Replay,
  smallSteps: readonly Steps[],
  log: (text: string) => void,
): Promise<Growth[]> {
  const policy = 'granule-aware';
  const entrants = async () => [
    ...(await started(policy)),
    ...(await started(`bare ${policy}`)),
    ...nativeBuilds(policy),
  ];
  log('growth: 1 TiB');
  const before = await timed(small, await entrants());
  log('growth: 24 TiB');
  const after = await timed(large, await entrants());
  const counted = [smallSteps, measureSteps(large.file, large.operations, policy)];
  return before.map(({ name, netMinimumNs }, i) => {
    // Of the builds of the twin only the fastest is stepped through.
    const stepped = name.replace(', fastest', '');
    const [one, other] = counted.map((all) => all.find((steps) => steps.name === stepped));
    return {
      name,
      netMinimumNs: [netMinimumNs, after[i].netMinimumNs],
      instructions: one && other && [one.instructions, other.instructions],
    };
  });
}

interface Replay {
  readonly file: string;
  readonly operations: number;
  readonly rounds: number;
}

type Entrant = readonly [name: string, contestant: Contestant];

/** Its floor is that of the wasm loop, not of ours. */
const ONE_CALL = ', one call';

/** What each takes for an operation, the floor of its own side taken off; ends all of them. */
async function timed(
  { file, operations, rounds }: Replay,
  entrants: readonly Entrant[],
): Promise<Omit<Limit, 'timesNative'>[]> {
  const hasOneCall = entrants.some(([name]) => name.endsWith(ONE_CALL));
  const floors = [
    ...(await started('floor')),
    ...(hasOneCall ? await started(`wasm floor${ONE_CALL}`) : []),
  ];
  const all = [...floors, ...entrants];
  for (const [, one] of all) await one.load(file);
  const times = new Map(all.map(([name]): [string, number[]] => [name, []]));
  const nativeFloors: number[] = [];
  const window = { operations, from: 0 };
  await takeTurns(all, { warmUps: WARM_UPS, counted: rounds }, async ([name, one], round) => {
    const ns = await one.replayNs(window);
    if (round < 0) return;
    times.get(name)?.push(ns);
    if (one instanceof NativeProcess) nativeFloors.push(await one.floorNs(window));
  });
  const places: Buffer[] = [];
  for (const [, one] of entrants) places.push(await placesOf(one, file, operations));
  for (const [, one] of all) one.end();
  return entrants.map(([name, one], i) => {
    const floor = name.endsWith(ONE_CALL) ? `wasm floor${ONE_CALL}` : 'floor';
    const own = one instanceof NativeProcess ? nativeFloors : (times.get(floor) ?? []);
    const took = times.get(name) ?? [];
    return {
      name,
      netNs: (median(took) - median(own)) / operations,
      netMinimumNs: (Math.min(...took) - Math.min(...own)) / operations,
      differs: !places[i].equals(places[0]),
    };
  });
}

/** Where it puts each request. */
async function placesOf(one: Contestant, file: string, operations: number): Promise<Buffer> {
  const kept = `${file}.places`;
  if (one instanceof NativeProcess) await one.places(kept);
  if (one instanceof RacerProcess) await one.places(operations, kept);
  const places = readFileSync(kept);
  rmSync(kept);
  return places;
}

async function started(name: RacerName): Promise<Entrant[]> {
  return [[name, await RacerProcess.start(name)]];
}

/** The twin as WebAssembly, called for each operation and for the whole trace; none without a compiler. */
async function wasmTwins(policy: NativePolicy, notes: Set<string>): Promise<Entrant[]> {
  const built = buildWasm(policy);
  if ('program' in built) {
    return [...(await started(`wasm ${policy}`)), ...(await started(`wasm ${policy}${ONE_CALL}`))];
  }
  notes.add(built.skipped);
  return [];
}

/** The bodies of the hot path that show what of a snapshot is copying and what is fresh memory. */
function measureCopies(log: (text: string) => void): Promise<Measured[]> {
  return measureHotPath(COPY_MS, log, ({ name }) => /(snapshot|bare copy).*24 TiB/.test(name));
}

function countLaunch(log: (text: string) => void): Limits['launch'] {
  const steps = buildSteps();
  if ('skipped' in steps) return [];
  log('instructions: launch');
  return countInstructions(steps.program, 'launch', LAUNCHES).map(([name, count]) => {
    return { name, instructions: count / LAUNCHES };
  });
}

/** The twin in every build, the fastest first; none when there is no compiler. */
function nativeBuilds(policy: NativePolicy): Entrant[] {
  return (Object.keys(BUILDS) as BuildName[]).flatMap((build) => {
    const built = buildNative(policy, build);
    if ('skipped' in built) return [];
    const name = `native ${policy}, ${build}`;
    return [[name, new NativeProcess(name, built.program)] as const];
  });
}
