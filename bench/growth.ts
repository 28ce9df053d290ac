/**
 * How the cost of an operation grows: with the node's size, and with the number of live extents.
 *
 * Node series: the enclave mix at 90 % on 16 GiB … 24 TiB. Extent series: 24 TiB held by 10 … 1 M live
 * extents of about equal size, then one free and one allocation in turns. Timed are the last
 * operations only, so that the fill is not. Invariant: seeded; every policy sees the same trace.
 * Trade-off: with a million extents the state no longer fits any cache, and the curve shows it.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { RacerProcess } from './contestant.js';
import { median } from './statistics.js';
import { encodeTrace, FREED, GRANULE, type Trace } from './trace-file.js';
import { enclaveFrames } from './workloads.js';

export interface GrowthPoint {
  /** GiB of the node, or live extents. */
  readonly x: number;
  readonly ns: number;
}

export interface Growth {
  readonly byNodeGib: readonly GrowthPoint[];
  readonly byExtents: readonly GrowthPoint[];
}

const NODE_GIB = [16, 64, 256, 1024, 4096, 24_576];
const EXTENTS = [10, 100, 1000, 10_000, 100_000, 1_000_000];
const WHOLE_NODE = 24 * 1024 * GRANULE;
const SEED = 7;
const FULL_PERCENT = 80;

/** `timed`: operations measured at each point. */
export async function measureGrowth(
  policy: 'granule-aware' | 'best-fit',
  timed: number,
  rounds: number,
  folder: string,
  log: (text: string) => void,
): Promise<Growth> {
  const racer = await RacerProcess.start(policy);
  const floor = await RacerProcess.start('floor');
  const file = join(folder, 'growth.bin');
  const measure = async (trace: Trace): Promise<number> => {
    writeFileSync(file, encodeTrace(trace));
    await racer.load(file);
    await floor.load(file);
    const window = { operations: trace.operations, from: trace.operations - timed };
    const ns: number[] = [];
    for (let round = 0; round <= rounds + 1; round++) {
      const own = await racer.replayNs(window);
      const loop = await floor.replayNs(window);
      if (round > 1) ns.push((own - loop) / timed);
    }
    return median(ns);
  };
  const byNodeGib: GrowthPoint[] = [];
  const byExtents: GrowthPoint[] = [];
  for (const gib of NODE_GIB) {
    const ns = await measure(nodeTrace(gib, timed));
    byNodeGib.push({ x: gib, ns });
    log(`growth: node of ${gib} GiB: ${ns.toFixed(0)} ns`);
  }
  for (const extents of EXTENTS) {
    const ns = await measure(extentTrace(extents, timed));
    byExtents.push({ x: extents, ns });
    log(`growth: ${extents} live extents: ${ns.toFixed(0)} ns`);
  }
  racer.end();
  floor.end();
  rmSync(file);
  return { byNodeGib, byExtents };
}

/** Enclave sizes up to an eighth of the node, so that a small node has more than a few. */
export function nodeTrace(gib: number, timed: number): Trace {
  const frames = gib * GRANULE;
  const random = xoroshiro128plus(SEED);
  const draw = () => {
    for (;;) {
      const size = enclaveFrames(random);
      if (size <= frames / 8) return size;
    }
  };
  return trace(frames, Math.floor(frames * 0.9), draw, timed);
}

/** Sizes from half to one and a half of what makes so many extents of FULL_PERCENT of 24 TiB. */
export function extentTrace(extents: number, timed: number): Trace {
  const usual = Math.max(2, Math.floor((WHOLE_NODE * FULL_PERCENT) / 100 / extents));
  const random = xoroshiro128plus(SEED);
  const draw = () => uniformInt(random, Math.ceil(usual / 2), Math.floor((usual * 3) / 2));
  return trace(WHOLE_NODE, usual * extents, draw, timed);
}

/** Asks while the volume is below the target, frees a random request when it is not. */
function trace(frames: number, target: number, draw: () => number, timed: number): Trace {
  const random = xoroshiro128plus(SEED + 1);
  const words: number[] = [];
  const live: { slot: number; size: number }[] = [];
  const vacant: number[] = [];
  let slots = 0;
  let volume = 0;
  let filledAt = -1;
  for (let size = draw(); filledAt < 0 || words.length < filledAt + 2 * timed; ) {
    if (volume + size <= target) {
      const slot = vacant.pop() ?? slots++;
      words.push(slot, size);
      live.push({ slot, size });
      volume += size;
      size = draw();
      continue;
    }
    if (filledAt < 0) filledAt = words.length;
    const at = uniformInt(random, 0, live.length - 1);
    const gone = live[at];
    live[at] = live[live.length - 1];
    live.pop();
    volume -= gone.size;
    vacant.push(gone.slot);
    words.push(gone.slot | FREED, 0);
  }
  return { frames, operations: words.length / 2, slots, words: Int32Array.from(words) };
}
