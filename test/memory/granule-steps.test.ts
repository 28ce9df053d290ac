/**
 * The steps of the granule-aware rule one by one (see granule-twin): which free run is taken where
 * several hold the request, how far a bounded step looks, and that what fits is never refused.
 */
import { describe, expect, it } from 'vitest';
import { GranuleLife, lifeWith } from './granule-life.js';
import type { Run } from './line.js';

const GRANULE = 4;
const FRAMES = 64 * GRANULE;

/** A run by its first frame and its length. */
const run = (start: number, frames: number): Run => ({ start, end: start + frames });

/** `count` runs of equal length, one every 8 frames, the first at `start`. */
const row = (count: number, start: number, frames: number): Run[] =>
  Array.from({ length: count }, (_, i) => run(start + 8 * i, frames));

interface Case {
  readonly says: string;
  /** In the order of freeing: the last one is the newest. */
  readonly free: readonly Run[];
  readonly ask: readonly [frames: number, align: number];
  readonly takes: { readonly place: number; readonly step: number } | undefined;
}

/** Five frames on a boundary: one whole granule, no eight frames. */
const SHORT = 5;
/** Pieces of two frames, the first of them odd. */
const CROOKED = { start: 1, frames: 2 };
/** Two granules each, with no place for seven frames on a multiple of three. */
const OFF_THREE = Array.from({ length: 12 }, (_, i) => run(4 + 12 * i, 8));
/** Starts of pieces of six frames that have no place on a multiple of three. */
const LONGEST_CROOKED = [5, 13, 29, 37, 53, 61, 77, 85, 101, 109, 125, 133];

const CASES: readonly Case[] = [
  {
    says: 'the smallest piece that holds it',
    free: [run(8, 3), run(16, 2), run(24, 3)],
    ask: [2, 1],
    takes: { place: 16, step: 1 },
  },
  {
    says: 'the newest of equal pieces',
    free: [run(8, 2), run(24, 2), run(16, 2)],
    ask: [1, 1],
    takes: { place: 16, step: 1 },
  },
  {
    says: 'a ragged end rather than a longer run without a granule: a head at its low end',
    free: [run(8, 3), run(30, 10)],
    ask: [2, 1],
    takes: { place: 30, step: 1 },
  },
  {
    says: 'a tail at its high end',
    free: [run(8, 3), run(28, 10)],
    ask: [1, 1],
    takes: { place: 37, step: 1 },
  },
  {
    says: 'the aligned one of the pieces',
    free: [run(9, 2), run(16, 2), run(25, 2)],
    ask: [2, 2],
    takes: { place: 16, step: 2 },
  },
  {
    says: 'an aligned piece among the twelve looked at',
    free: [run(200, 20), run(160, 2), ...row(11, CROOKED.start, CROOKED.frames)],
    ask: [2, 2],
    takes: { place: 160, step: 2 },
  },
  {
    says: 'a run with whole granules where the thirteenth piece is the aligned one',
    free: [run(200, 20), run(160, 2), ...row(12, CROOKED.start, CROOKED.frames)],
    ask: [2, 2],
    takes: { place: 200, step: 3 },
  },
  {
    says: 'of two runs the one of which fewer granules are destroyed',
    free: [run(32, 8), run(64, 13)],
    ask: [5, 4],
    takes: { place: 72, step: 3 },
  },
  {
    says: 'of one rank the shortest, although a newer one is longer',
    free: [run(32, 7), run(66, 10)],
    ask: [5, 1],
    takes: { place: 32, step: 3 },
  },
  {
    says: 'a run that holds it by luck, among the twelve looked at',
    free: [run(129, 9), run(200, 8), ...row(11, 0, SHORT)],
    ask: [8, 1],
    takes: { place: 129, step: 3 },
  },
  {
    says: 'a run that surely holds it, where the lucky one is the thirteenth',
    free: [run(129, 9), run(200, 8), ...row(12, 0, SHORT)],
    ask: [8, 1],
    takes: { place: 200, step: 4 },
  },
  {
    says: 'the newest of one rank, longer or not, where its place costs no more than it must',
    free: [run(32, 8), run(64, 9)],
    ask: [8, 1],
    takes: { place: 64, step: 3 },
  },
  {
    says: 'the same for less than a granule',
    free: [run(32, 4), run(64, 5)],
    ask: [3, 1],
    takes: { place: 64, step: 3 },
  },
  {
    says: 'the shorter of one rank where the newest touches a granule more than it must',
    free: [run(165, 8), run(129, 9)],
    ask: [8, 1],
    takes: { place: 165, step: 3 },
  },
  {
    says: 'a run that may hold it on a boundary, without a look at twelve that cannot',
    free: [run(192, 12), run(160, 9), ...row(12, 0, SHORT)],
    ask: [9, 4],
    takes: { place: 160, step: 3 },
  },
  {
    says: 'a run as long as the alignment may cost, where twelve do not hold it',
    free: [run(200, 12), run(224, 16), ...row(12, 0, SHORT)],
    ask: [9, 3],
    takes: { place: 201, step: 4 },
  },
  {
    says: 'the best of such runs, where twelve long enough without the alignment do not hold it',
    free: [run(184, 15), run(160, 12), ...OFF_THREE],
    ask: [7, 3],
    takes: { place: 192, step: 4 },
  },
  {
    says: 'the thirteenth run where no other holds it',
    free: [run(129, 9), ...row(12, 0, SHORT)],
    ask: [8, 1],
    takes: { place: 129, step: 5 },
  },
  {
    says: 'of several such runs the newest, although a shorter one is there',
    free: [run(129, 9), run(161, 10), ...row(12, 0, SHORT)],
    ask: [8, 1],
    takes: { place: 161, step: 5 },
  },
  {
    says: 'the thirteenth piece where no run holds it',
    free: [run(160, 2), ...row(12, CROOKED.start, CROOKED.frames)],
    ask: [2, 2],
    takes: { place: 160, step: 6 },
  },
  {
    says: 'the thirteenth of the longest pieces there can be',
    free: [177, 201, ...LONGEST_CROOKED].map((start) => run(start, 6)),
    ask: [6, 3],
    takes: { place: 201, step: 6 },
  },
  {
    says: 'nothing where twelve pieces and a short run do not hold it',
    free: [run(160, 7), ...row(12, CROOKED.start, CROOKED.frames)],
    ask: [8, 1],
    takes: undefined,
  },
];

function newLife(free: readonly Run[]): GranuleLife {
  const life = lifeWith(FRAMES, GRANULE, free);
  expect(life.freeRuns()).toEqual([...free].sort((a, b) => a.start - b.start));
  return life;
}

describe('the granule-aware rule takes', () => {
  it.each(CASES)('$says', ({ free, ask, takes }) => {
    const life = newLife(free);
    expect(life.ask(...ask)).toEqual(takes);
    life.alloc(...ask);
    life.compare();
  });
});

it.each([FRAMES + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER])(
  'the granule-aware rule has no place for %i frames, whatever the alignment',
  (frames) => {
    const { pool } = newLife([run(9, 2), run(16, 41), run(101, 30), run(200, 8)]);
    for (const align of [1, 2, 3, GRANULE, 12, 2 ** 31, 2 ** 32, 2 ** 40]) {
      expect(pool.find(frames, align)).toBe(-1);
      expect(pool.alloc(frames, align, 2)).toBe(0);
    }
    expect(pool.verifyIndex()).toEqual([]);
  },
);

it.each([2 ** 31, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER])(
  'the granule-aware rule knows one multiple of %i: frame 0',
  (align) => {
    for (const frames of [1, 5, 41]) {
      expect(newLife([run(0, 41), run(101, 50)]).pool.find(frames, align)).toBe(0);
      expect(newLife([run(1, 41), run(101, 50)]).pool.find(frames, align)).toBe(-1);
    }
  },
);

describe('a piece of each length', () => {
  it.each([8, 64])('in granules of %i is found by requests of up to its length', (granule) => {
    for (let length = 1; length <= 2 * granule - 2; length++) {
      const piece = { start: 2 * granule + 1, end: 2 * granule + 1 + length };
      const longer = { start: 4 * granule, end: 7 * granule };
      for (const frames of new Set([1, (length + 1) >> 1, (length & 96) + 1, length - 1, length])) {
        if (frames < 1 || frames > length) continue;
        const life = lifeWith(8 * granule, granule, [longer, piece]);
        life.useRecord();
        const [before] = life.freeRuns();
        life.alloc(frames, 1);
        expect(life.freeRuns()).not.toContainEqual(before);
        life.compare();
      }
    }
  });
});

it('a run of as many granules as share a rank keeps its place in the order when it loses one', () => {
  const [granule, frames] = [2, 600];
  const [older, newer] = [
    { start: 10, end: 140 },
    { start: 200, end: 330 },
  ];
  for (const isMarked of [false, true]) {
    const life = lifeWith(frames, granule, [older, newer]);
    if (isMarked) life.mark();
    expect(life.ask(128, 1)).toEqual({ place: 200, step: 3 });
    life.hold(10, 2);
    expect(life.ask(128, 1)).toEqual({ place: 200, step: 3 });
  }
});

it('on a node whose records begin right behind the bins nothing is found in them', () => {
  // No run of so many granules as would surely hold it: the bins end there.
  const life = new GranuleLife(252 * 128, 128);
  life.alloc(16, 1);
  for (let granules = 230; granules <= 252; granules++) {
    for (const align of [1000, 2000, 4000, 31_000]) life.ask(granules * 128 - 100, align);
  }
  life.compare();
});

it('pieces of the largest granules there can be have a bin each', () => {
  const granule = 16_384;
  const longest = { start: 1, end: 2 * granule - 1 };
  const life = lifeWith(4 * granule, granule, [{ start: 2 * granule, end: 4 * granule }, longest]);
  for (const frames of [2 * granule - 1, 2 * granule - 2, granule, 1]) life.ask(frames, 1);
  life.alloc(2 * granule - 2, 1);
  expect(life.freeRuns().length).toBe(1);
  life.compare();
});
