/**
 * What every extent store must do, whatever its index: one suite for all implementations.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExtentStore } from '../../core/memory/extent-store.js';
import { naiveMemory, naivePlaces, naiveTake } from '../kit/naive-memory.js';
import { runsFactorFrom, scaledRuns } from '../seed.js';
import { churn, fixedSteps, STEP_WEIGHTS, swarm } from './store-churn.js';

type Create = (frames: number, tag?: number) => ExtentStore;

export const churnSteps = fc.array(
  fc.tuple(fc.nat({ max: 1199 }), fc.nat({ max: 9999 }), fc.nat({ max: 9999 })),
  { minLength: 1, maxLength: 60 },
);

/** Frames of the smallest node looked at whole; fewer for a tenth of the cases, as the mutation test has it. */
const SMALL = runsFactorFrom(process.env) < 1 ? 9 : 12;

export function extentStoreLaws(name: string, create: Create): void {
  describe(`${name}: the laws of an extent store`, () => {
    it(`every occupancy of ${SMALL} frames: a place is found iff one exists`, () => {
      expect(everyOccupancy(create, SMALL)).toBe(2 ** SMALL * SMALL * 5);
    });

    it('random churn agrees with the naive twin, marks and forks to the byte', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 40 }), churnSteps, (frames, steps) => {
          churn(create, frames, steps);
        }),
      );
    });

    it('swarm churn agrees too: kinds of steps weighted at random, some left out', () => {
      const weights = fc.array(fc.nat({ max: 3 }), {
        minLength: STEP_WEIGHTS,
        maxLength: STEP_WEIGHTS,
      });
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 40 }),
          churnSteps,
          weights,
          (frames, steps, drawn) => {
            const done = churn(create, frames, swarm(steps, drawn));
            if (drawn.some((weight) => weight > 0) && drawn[STEP_WEIGHTS - 1] === 0) {
              expect(done.fork).toBe(undefined);
            }
          },
        ),
      );
    });

    it('a long churn reaches every kind of step', () => {
      const done = churn(create, 64, fixedSteps(scaledRuns(3000)));
      const reached = Object.keys(done).sort();
      const kinds = ['fork', 'free', 'freePart', 'mark', 'reown', 'rollback', 'take', 'takeBest'];
      expect(reached).toEqual(kinds);
    });

    handleLaws(create);
    boundaryLaws(create);
  });
}

/** Checks all sizes and five alignments on every set of held frames; returns the cases checked. */
function everyOccupancy(create: Create, frames: number): number {
  let cases = 0;
  for (let held = 0; held < 2 ** frames; held++) {
    const store = create(frames);
    const twin = naiveMemory(frames);
    for (let f = 0; f < frames; f++) {
      if ((held >> f) % 2 === 0) continue;
      store.allocAt(f, 1, 7);
      naiveTake(twin, f, 1, 7);
    }
    for (let size = 1; size <= frames; size++) {
      for (const align of [1, 2, 3, 4, 8]) {
        cases++;
        const places = naivePlaces(twin, size, align);
        const found = store.find(size, align);
        const isRight = places.length === 0 ? found === -1 : places.includes(found);
        if (!isRight || store.findLowest(size, align) !== (places[0] ?? -1)) {
          throw new Error(`held ${held.toString(2)}: ${size} frames aligned ${align} at ${found}`);
        }
      }
    }
  }
  return cases;
}

function handleLaws(create: Create): void {
  it('a freed handle is stale: free, at and setOwner refuse it', () => {
    const store = create(8);
    const handle = store.allocAt(2, 3, 9);
    store.free(handle);
    expect(() => store.free(handle)).toThrow(/stale/);
    expect(() => store.at(handle)).toThrow(/stale/);
    expect(() => store.setOwner(handle, 5)).toThrow(/stale/);
    let thrown: unknown;
    try {
      store.free(handle);
    } catch (error) {
      thrown = error;
    }
    // Of something thrown that is no error, no test for words would notice.
    expect(thrown).toBeInstanceOf(Error);
  });

  it('a handle given since a snapshot is stale once that is restored, until its number comes again', () => {
    const store = create(8);
    const bytes = store.snapshot();
    const since = store.allocAt(0, 2, 9);
    store.restore(bytes);
    expect(() => store.free(since)).toThrow(/stale/);
    expect(store.allocAt(4, 2, 7)).toBe(since);
    expect(store.at(since)).toEqual({ start: 4, frames: 2, owner: 7, handle: since });
  });

  it('a slot used again does not revive its old handle', () => {
    const store = create(8);
    const old = store.allocAt(0, 4, 9);
    store.free(old);
    const young = store.allocAt(0, 4, 9);
    expect(young).not.toBe(old);
    expect(() => store.free(old)).toThrow(/stale/);
    expect(store.at(young)).toEqual({ start: 0, frames: 4, owner: 9, handle: young });
  });

  it('a handle of a store with another tag is refused', () => {
    const here = create(8, 1);
    const there = create(8, 2);
    here.allocAt(0, 4, 9);
    const foreign = there.allocAt(0, 4, 9);
    expect(() => here.free(foreign)).toThrow(/another store/);
    expect(here.freeFrames).toBe(4);
  });

  it('a handle given out after a mark is stale once that is undone', () => {
    const store = create(8);
    const kept = store.allocAt(0, 1, 9);
    const mark = store.mark();
    const undone = [2, 4].map((start) => store.allocAt(start, 1, 9));
    store.rollback(mark);
    for (const handle of undone) expect(() => store.at(handle)).toThrow(/stale/);
    expect(store.at(kept).start).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 52])('%d is no handle', (handle) => {
    const store = create(8);
    store.allocAt(0, 4, 9);
    expect(() => store.free(handle)).toThrow(/handle/);
  });

  it('a refused change changes nothing', () => {
    const store = create(16);
    store.allocAt(4, 4, 9);
    const before = store.snapshot();
    expect(() => store.allocAt(7, 2, 9)).toThrow(/not all free/);
    expect(() => store.allocAt(3, 2, 9)).toThrow(/not all free/);
    expect(() => store.allocAt(5, 2, 9)).toThrow(/not all free/);
    expect(() => store.allocAt(4, 4, 9)).toThrow(/not all free/);
    expect(() => store.allocAt(15, 2, 9)).toThrow(/of a node of 16/);
    expect(() => store.allocAt(0, 2, 0)).toThrow(/owner/);
    expect(() => store.freeRange(3, 2)).toThrow(/not inside one held extent/);
    expect(() => store.freeRange(7, 2)).toThrow(/not inside one held extent/);
    expect(() => store.freeRange(0, 1)).toThrow(/not inside one held extent/);
    expect(() => store.covering(16)).toThrow(/of a node of 16/);
    expect(() => store.find(0, 1)).toThrow(/request/);
    expect(() => store.findLowest(1, 1, -1)).toThrow(/from frame -1/);
    expect(() => store.findLowest(1, 1, 0.5)).toThrow(/from frame 0.5/);
    expect(store.snapshot()).toEqual(before);
  });

  it('alloc takes what find names, and answers 0 when nothing fits', () => {
    const store = create(16);
    store.allocAt(5, 2, 9);
    const place = store.find(4, 2);
    const handle = store.alloc(4, 2, 3);
    expect(store.at(handle)).toEqual({ start: place, frames: 4, owner: 3, handle });
    const before = store.snapshot();
    expect(store.alloc(11, 1, 3)).toBe(0);
    expect(store.snapshot()).toEqual(before);
  });

  it('a restored snapshot has its content, its handles and its future back', () => {
    const store = create(16);
    const handle = store.allocAt(4, 4, 9);
    const bytes = store.snapshot();
    store.free(handle);
    store.alloc(3, 1, 5);
    store.restore(bytes);
    expect(store.snapshot()).toEqual(bytes);
    expect(store.at(handle).start).toBe(4);
    expect(store.verifyIndex()).toEqual([]);
  });

  it('freeRange in the middle: the lower part keeps the handle, the upper gets one', () => {
    const store = create(16);
    const handle = store.allocAt(2, 10, 9);
    store.freeRange(5, 3);
    expect(store.at(handle)).toEqual({ start: 2, frames: 3, owner: 9, handle });
    const upper = store.covering(8).handle;
    expect(store.at(upper)).toEqual({ start: 8, frames: 4, owner: 9, handle: upper });
  });

  it('freeRange at the front: the part that stays keeps the handle', () => {
    const store = create(16);
    const handle = store.allocAt(2, 10, 9);
    store.freeRange(2, 4);
    expect(store.at(handle)).toEqual({ start: 6, frames: 6, owner: 9, handle });
  });
}

interface Boundary {
  readonly name: string;
  readonly held: readonly (readonly [number, number])[];
  readonly ask: readonly [frames: number, align: number];
  readonly place: number;
}

/** On 16 frames; in each row at most one free run can serve, so that every policy agrees. */
const BOUNDARIES: readonly Boundary[] = [
  { name: 'first frame', held: [[1, 15]], ask: [1, 1], place: 0 },
  { name: 'last frame', held: [[0, 15]], ask: [1, 1], place: 15 },
  { name: 'last frame, misaligned', held: [[0, 15]], ask: [1, 2], place: -1 },
  { name: 'whole node', held: [], ask: [16, 16], place: 0 },
  { name: 'one frame more than the node', held: [], ask: [17, 1], place: -1 },
  {
    name: 'straddle of a granule',
    held: [
      [0, 6],
      [10, 6],
    ],
    ask: [4, 4],
    place: -1,
  },
  {
    name: 'straddle, unaligned',
    held: [
      [0, 6],
      [10, 6],
    ],
    ask: [4, 1],
    place: 6,
  },
  {
    name: 'hole at the end',
    held: [
      [0, 4],
      [12, 4],
    ],
    ask: [8, 4],
    place: 4,
  },
  {
    name: 'hole at the end, granule cut',
    held: [
      [0, 8],
      [15, 1],
    ],
    ask: [8, 8],
    place: -1,
  },
  {
    name: 'exact fit',
    held: [
      [0, 4],
      [8, 8],
    ],
    ask: [4, 4],
    place: 4,
  },
  {
    name: 'one frame short',
    held: [
      [0, 4],
      [7, 9],
    ],
    ask: [4, 4],
    place: -1,
  },
  {
    name: 'aligned start past the run start',
    held: [
      [0, 1],
      [8, 8],
    ],
    ask: [4, 4],
    place: 4,
  },
  { name: 'alignment beyond the run', held: [[0, 9]], ask: [1, 16], place: -1 },
];

function boundaryLaws(create: Create): void {
  it.each(BOUNDARIES)('Q29 boundary: $name', ({ held, ask, place }) => {
    const store = create(16);
    for (const [start, frames] of held) store.allocAt(start, frames, 9);
    expect(store.find(...ask)).toBe(place);
    expect(store.findLowest(...ask)).toBe(place);
  });

  it('findLowest finds what has become free below the place it found before', () => {
    const store = create(16);
    for (const start of [0, 3, 6, 9]) store.allocAt(start, 3, 9);
    expect(store.findLowest(1, 1)).toBe(12);
    for (const lower of [9, 3, 0]) {
      store.freeRange(lower, 3);
      expect(store.findLowest(1, 1)).toBe(lower);
    }
  });

  it('findLowest starts inside a run, and finds nothing beyond the node', () => {
    const store = create(16);
    expect(store.findLowest(4, 4, 5)).toBe(8);
    expect(store.findLowest(4, 1, 12)).toBe(12);
    expect(store.findLowest(4, 1, 13)).toBe(-1);
    expect(store.findLowest(1, 1, 16)).toBe(-1);
  });

  it('24 TiB in 64 KiB frames is represented', () => {
    const frames = (24 * 1024 ** 3) / 64;
    const store = create(frames);
    expect(frames).toBe(402_653_184);
    const pageFrames = 1024 ** 2 / 64;
    const last = frames - pageFrames;
    const handle = store.allocAt(last, pageFrames, 9);
    expect(store.at(handle)).toEqual({ start: last, frames: pageFrames, owner: 9, handle });
    expect(store.freeUnits(pageFrames)).toBe(24 * 1024 - 1);
    expect(store.find(frames - pageFrames, pageFrames)).toBe(0);
    expect(store.find(frames, 1)).toBe(-1);
    expect(store.verifyIndex()).toEqual([]);
  });
}
