/**
 * Nodes of up to a million frames under every policy: where sets have three levels, bins an octave and
 * more, blocks are wider than two granules. Held to a plain list of runs after every step.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import type { Handle } from '../../core/memory/extent-store.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { scaledRuns } from '../seed.js';
import { NaiveLine, piecesOf, type Run } from './line.js';

/** Frames of the node, and of a granule. */
const SHAPES = [
  [1_000_000, 512],
  [300_001, 4],
  [70_003, 1],
  [33_000, 64],
] as const;
/** So few that no search of a bin is cut short. */
const MOST_HELD = 28;

interface Ask {
  readonly frames: number;
  readonly align: number;
}

/** Checks where a policy puts a request; the pool has not taken it yet. */
type Law = (line: NaiveLine, ask: Ask, place: number, granule: number) => void;

const lengthOf = ({ start, end }: Run) => end - start;

const LAWS: Readonly<Record<(typeof POLICY_NAMES)[number], Law>> = {
  'first-fit': (line, { frames, align }, place) => {
    expect(place).toBe(line.places(frames, align)[0].place);
  },
  'best-fit': (line, { frames, align }, place) => {
    const places = line.places(frames, align);
    const shortest = Math.min(...places.map(({ run }) => lengthOf(run)));
    expect(place).toBe(places.find(({ run }) => lengthOf(run) === shortest)?.place);
  },
  'granule-aware': (line, { frames, align }, place, granule) => {
    const pieces = line.free().flatMap((run) => piecesOf(run, granule));
    const fits = pieces.filter((piece) => NaiveLine.placeIn(piece, frames, align) !== undefined);
    const at = pieces.find(({ start, end }) => start <= place && place + frames <= end);
    if (align === 1 && fits.length > 0) {
      if (at === undefined) throw new Error(`${frames} frames at ${place}: not from a piece`);
      expect(lengthOf(at)).toBe(Math.min(...fits.map(lengthOf)));
      expect([at.start, at.end - frames]).toContain(place);
    } else if (at === undefined) {
      expect(brokenBy(line, frames, place, granule)).toBeLessThanOrEqual(
        Math.max(1, Math.floor(frames / granule), fewestBroken(line, { frames, align }, granule)),
      );
    } else expect(fits).toContain(at);
  },
};

/** Whole free granules that [place, +frames) has a frame of. */
function brokenBy(line: NaiveLine, frames: number, place: number, granule: number): number {
  const run = line.free().find(({ start, end }) => start <= place && place + frames <= end);
  if (run === undefined) throw new Error(`${frames} frames at ${place} are not free`);
  const before = NaiveLine.unitsOf(run, granule);
  const left = [
    { start: run.start, end: place },
    { start: place + frames, end: run.end },
  ];
  return before - left.reduce((sum, part) => sum + NaiveLine.unitsOf(part, granule), 0);
}

/** Over the places at either end of each run, and beside its granules. */
function fewestBroken(line: NaiveLine, { frames, align }: Ask, granule: number): number {
  const costs = line.free().flatMap((run) => {
    const high = Math.floor((run.end - frames) / align) * align;
    return [Math.ceil(run.start / align) * align, high]
      .filter((place) => place >= run.start && place + frames <= run.end)
      .map((place) => brokenBy(line, frames, place, granule));
  });
  return Math.min(...costs);
}

interface Life {
  readonly pool: ExtentPool;
  readonly line: NaiveLine;
  readonly live: { handle: Handle; start: number; frames: number }[];
  readonly granule: number;
}

type Step = readonly [kind: number, a: number, b: number];

function sizeOf(a: number, granule: number, frames: number): number {
  const sizes = [
    1 + (a % 9),
    1 + (a % (3 * granule)),
    granule * (1 + (a % 70)),
    1000 + (a % 3000),
    Math.floor(frames / (2 + (a % 9))),
  ];
  return sizes[Math.floor(a / 7) % sizes.length];
}

function act(life: Life, [kind, a, b]: Step, law: Law): void {
  const { pool, line, live, granule } = life;
  const ask = {
    frames: sizeOf(a, granule, line.frames),
    align: [1, 1, 2, granule, 3, 2048][b % 6],
  };
  const places = line.places(ask.frames, ask.align);
  const place = pool.find(ask.frames, ask.align);
  expect(place >= 0).toBe(places.length > 0);
  if (place >= 0) law(line, ask, place, granule);
  const from = (a * 7919 + b * 104_729) % line.frames;
  expect(pool.findLowest(ask.frames, ask.align, from)).toBe(
    line.places(ask.frames, ask.align, from)[0]?.place ?? -1,
  );
  if (kind < 5 && live.length < MOST_HELD) {
    const handle = pool.alloc(ask.frames, ask.align, 1 + (b % 4));
    expect(handle === 0).toBe(place < 0);
    if (handle === 0) return;
    expect(pool.at(handle)).toMatchObject({ start: place, frames: ask.frames });
    line.take(place, ask.frames);
    live.push({ handle, start: place, frames: ask.frames });
    return;
  }
  const [gone] = live.splice(a % (live.length || 1), 1);
  if (gone === undefined) return;
  if (kind < 8 || live.length + 2 > MOST_HELD || gone.frames < 3) {
    pool.free(gone.handle);
    line.giveBack(gone.start, gone.frames);
    return;
  }
  const skip = 1 + (b % (gone.frames - 2));
  pool.freeRange(gone.start + skip, 1);
  line.giveBack(gone.start + skip, 1);
  const upper = gone.start + skip + 1;
  live.push({ ...gone, frames: skip });
  const { handle } = pool.covering(upper);
  live.push({ handle, start: upper, frames: gone.frames - skip - 1 });
}

function compare({ pool, line, live, granule }: Life, salt: number): void {
  const free = line.free();
  const units = (unit: number) => free.reduce((sum, run) => sum + NaiveLine.unitsOf(run, unit), 0);
  const granules = free.map((run) => NaiveLine.unitsOf(run, granule));
  expect({
    free: pool.freeFrames,
    longest: pool.largestFreeRun(),
    granules: pool.largestGranuleRun(),
    whole: pool.freeUnits(granule),
    units: pool.freeUnits(1 + (salt % 999)),
  }).toEqual({
    free: free.reduce((sum, run) => sum + lengthOf(run), 0),
    longest: Math.max(0, ...free.map(lengthOf)),
    granules: Math.max(0, ...granules) * granule,
    whole: units(granule),
    units: units(1 + (salt % 999)),
  });
  const holder = live[salt % (live.length || 1)];
  if (holder === undefined) return;
  const frame = holder.start + (salt % holder.frames);
  expect(pool.covering(frame).handle).toBe(holder.handle);
}

const steps = fc.array(fc.tuple(fc.nat(9), fc.nat(99_999), fc.nat(99_999)), {
  minLength: 30,
  maxLength: 120,
});

describe.each(POLICY_NAMES)('large nodes, %s', (policy) => {
  it.each(SHAPES)('%i frames in granules of %i agree with a list of runs', (frames, granule) => {
    fc.assert(
      fc.property(steps, (drawn) => {
        const pool = createExtentPool({ tag: 0, frames, granuleFrames: granule, policy });
        const life = { pool, line: new NaiveLine(frames), live: [], granule };
        const mark = pool.mark();
        for (const [i, step] of drawn.entries()) {
          if (i === 20) pool.mark();
          act(life, step, LAWS[policy]);
          compare(life, step[2]);
        }
        expect(pool.verifyIndex()).toEqual([]);
        pool.rollback(mark);
        const fresh = createExtentPool({ tag: 0, frames, granuleFrames: granule, policy });
        expect(Buffer.from(pool.snapshot()).equals(fresh.snapshot())).toBe(true);
      }),
      { numRuns: scaledRuns(12) },
    );
  });

  it.each(SHAPES)(
    '%i frames in granules of %i without a mark, the other way round',
    (frames, granule) => {
      fc.assert(
        fc.property(steps, (drawn) => {
          const pool = createExtentPool({ tag: 0, frames, granuleFrames: granule, policy });
          const life = { pool, line: new NaiveLine(frames), live: [], granule };
          for (const step of drawn) {
            act(life, step, LAWS[policy]);
            compare(life, step[1]);
          }
          expect(pool.verifyIndex()).toEqual([]);
        }),
        { numRuns: scaledRuns(12) },
      );
    },
  );
});
