/**
 * Why JavaScript does not reach its native twin: the same algorithm with one optimisation given or
 * taken at a time, in turns on the same trace.
 *
 * Ours runs as it is, and with V8 allowed to inline five times as much; the twin as fast as the
 * compiler makes it, with every function a call, and unoptimised. So the table says where between
 * those our code stands. Invariant: net of the floor of the own side; medians and minima over rounds.
 * Trade-off: one trace, since what is compared is code and not placement.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Attendant, type Contestant, NativeProcess, RacerProcess } from './contestant.js';
import type { Measured } from './hot-path/measure.js';
import { BUILDS, type BuildName, buildNative, type NativePolicy } from './native-build.js';
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
}

const POLICIES: readonly NativePolicy[] = ['granule-aware', 'best-fit'];
const SEED = 1;
const WARM_UPS = 2;
const COPY_MS = 200;
const MORE_INLINING = [
  '--max-inlined-bytecode-size=2300',
  '--max-inlined-bytecode-size-cumulative=4600',
];

export interface Limits {
  readonly times: readonly Limit[];
  /** What is executed in those times; empty where it cannot be counted. */
  readonly steps: readonly Steps[];
  /** Copies at 24 TiB, with and without memory at hand. */
  readonly copies: readonly Measured[];
}

/** Empty without a C compiler. */
export async function measureLimits(
  operations: number,
  rounds: number,
  folder: string,
  log: (text: string) => void,
): Promise<Limits> {
  const trace = traceOf(workload('a90', SEED, operations));
  const file = join(folder, 'limits.bin');
  writeFileSync(file, encodeTrace(trace));
  const floor = await RacerProcess.start('floor');
  await floor.load(file);
  const limits: Limit[] = [];
  const steps: Steps[] = [];
  for (const policy of POLICIES) {
    log(`limits: ${policy}`);
    const natives = nativeBuilds(policy);
    if (natives.length === 0) break;
    const entrants: (readonly [string, Contestant])[] = [
      [`${policy}`, await RacerProcess.start(policy)],
      [`${policy}, V8 inlining more`, await RacerProcess.start(policy, MORE_INLINING)],
      ...natives,
    ];
    for (const [, one] of entrants) await one.load(file);
    const times = entrants.map((): number[] => []);
    const floors: number[] = [];
    const nativeFloors: number[] = [];
    const window = { operations, from: 0 };
    for (let round = -WARM_UPS; round < rounds; round++) {
      const floorNs = await floor.replayNs(window);
      if (round >= 0) floors.push(floorNs);
      for (const [i, [, one]] of entrants.entries()) {
        const ns = await one.replayNs(window);
        if (round < 0) continue;
        times[i].push(ns);
        if (one instanceof NativeProcess) nativeFloors.push(await one.floorNs());
      }
    }
    const net = entrants.map(([name, one], i) => {
      const own = one instanceof NativeProcess ? nativeFloors : floors;
      return {
        name,
        netNs: (median(times[i]) - median(own)) / operations,
        netMinimumNs: (Math.min(...times[i]) - Math.min(...own)) / operations,
      };
    });
    const fastest = net[2].netMinimumNs;
    limits.push(...net.map((one) => ({ ...one, timesNative: one.netMinimumNs / fastest })));
    for (const [, one] of entrants) one.end();
    log(`instructions: ${policy}`);
    steps.push(...measureSteps(file, operations, policy));
  }
  floor.end();
  return { times: limits, steps, copies: limits.length === 0 ? [] : await measureCopies(log) };
}

/** The bodies of the hot path that show what of a snapshot is copying and what is fresh memory. */
async function measureCopies(log: (text: string) => void): Promise<Measured[]> {
  log('limits: snapshot');
  const attendant = new Attendant('./hot-path/suite-process.ts', ['memory', String(COPY_MS)]);
  const all = await attendant.ask<Measured[]>();
  attendant.end();
  return all.filter(({ name }) => /(snapshot|bare copy).*24 TiB/.test(name));
}

/** The twin in every build, the fastest first; none when there is no compiler. */
function nativeBuilds(policy: NativePolicy): (readonly [string, NativeProcess])[] {
  return (Object.keys(BUILDS) as BuildName[]).flatMap((build) => {
    const built = buildNative(policy, build);
    if ('skipped' in built) return [];
    const name = `native ${policy}, ${build}`;
    return [[name, new NativeProcess(name, built.program)] as const];
  });
}
