/**
 * The granule-aware policy takes exactly the place its rule names: every choice is compared with a naive
 * twin, in lives whose free memory is cut so that every step of the rule has to answer.
 */
import { describe, expect, it } from 'vitest';
import { scaledRuns } from '../seed.js';
import { GranuleLife } from './granule-life.js';
import { type ChurnStep, fixedSteps } from './store-churn.js';

/** Length of a run that a node is cut into at first: frames, by two draws. */
type Cut = (granule: number, a: number, b: number) => number;

interface Shape {
  readonly granules: number;
  readonly granule: number;
  readonly cut: Cut;
}

/** Runs without a whole granule, mostly. */
const crumbs: Cut = (granule, a) => 1 + (a % (granule + 2));
/** Runs of one to four granules, ragged ends of all lengths. */
const slices: Cut = (granule, a) => granule + (a % (3 * granule));
/** Equal runs, so that the order of filing decides. */
const equals: Cut = (granule) => 2 * granule + 1;
/** Every third of 60 to 100 granules: several share a rank. */
const blocks: Cut = (granule, a, b) =>
  (b % 3 === 0 ? 60 * granule : granule) + (a % (40 * granule));
const uncut: Cut = () => Infinity;

const SHAPES: readonly (Shape & { readonly name: string })[] = [
  { name: 'crumbs', granules: 24, granule: 8, cut: crumbs },
  { name: 'crumbs', granules: 12, granule: 64, cut: crumbs },
  { name: 'crumbs', granules: 3, granule: 4096, cut: crumbs },
  { name: 'slices', granules: 150, granule: 4, cut: slices },
  { name: 'slices', granules: 120, granule: 16, cut: slices },
  { name: 'equal runs', granules: 120, granule: 8, cut: equals },
  { name: 'blocks', granules: 900, granule: 2, cut: blocks },
  { name: 'blocks', granules: 900, granule: 1, cut: blocks },
  { name: 'no runs', granules: 6, granule: 32, cut: uncut },
];

/** A node cut into held runs with a few frames between; every second one is freed, in no order. */
function begin({ granules, granule, cut }: Shape, salt: number): GranuleLife {
  const life = new GranuleLife(granules * granule + (salt % granule), granule);
  const { frames } = life.pool;
  let at = 0;
  for (const [gap, a, b] of fixedSteps(1000 + 99 * salt).slice(99 * salt)) {
    const parts = [Math.max(1, Math.min(cut(granule, a, b), frames - at)), gap % 4];
    for (const part of parts) {
      const length = Math.min(part, frames - at);
      if (length > 0) life.hold(at, length);
      at += length;
    }
  }
  const order = life.live.filter((_, i) => i % 2 === 0);
  order.sort((p, q) => ((p.start * 7919) % 1009) - ((q.start * 7919) % 1009));
  for (const run of order) life.free(life.live.indexOf(run));
  return life;
}

/** Around what a piece, a granule, a run and the node can hold. */
function sizeOf(a: number, b: number, granule: number, frames: number): number {
  const sizes = [
    1 + (a % 3),
    1 + (a % granule),
    1 + (a % (2 * granule)),
    2 * granule - 3 + (a % 5),
    granule * (1 + (a % 4)),
    1 + (a % (5 * granule)),
    1 + (a % (100 * granule)),
    frames - (a % granule),
  ];
  return Math.max(1, sizes[b % sizes.length]);
}

function alignOf(a: number, granule: number): number {
  const half = Math.max(1, granule / 2);
  const aligns = [1, 1, 1, 2, half, granule, 2 * granule, 3, 4 * granule, granule + 1, 3 * granule];
  return aligns[a % aligns.length];
}

function act(life: GranuleLife, [kind, a, b]: ChurnStep, isMarking: boolean): void {
  const { granule, pool, live } = life;
  for (let i = 1; i < 4; i++) {
    const x = a * i + b;
    life.ask(sizeOf(x, b + i, granule, pool.frames), alignOf(x + kind, granule));
  }
  const what = kind % 12;
  const index = a % (live.length || 1);
  if (what < 5) life.alloc(sizeOf(a, b % 7, granule, pool.frames), alignOf(b + kind, granule));
  else if (what < 9) {
    if (live.length > 0) life.free(index);
  } else if (what === 9) {
    const { frames } = live[index] ?? { frames: 0 };
    const skip = 1 + (b % Math.max(1, frames - 2));
    if (frames > 2) life.freePart(index, skip, 1 + (a % (frames - skip - 1)));
  } else if (what === 10) {
    if (isMarking) life.mark();
  } else life.goBack(a);
}

/** Asks for many sizes and alignments of what is free at this moment. */
function sweep(life: GranuleLife, salt: number): void {
  const { pool, granule } = life;
  const stride = 1 + Math.floor(granule / 8);
  for (let frames = 1 + (salt % stride); frames <= 6 * granule; frames += stride) {
    for (let align = 1; align <= 2 * granule + 1; align += 1 + Math.floor(align / 9)) {
      life.ask(frames, align);
    }
  }
  for (let less = salt % stride; less < 3 * granule; less += stride) {
    for (const align of [1, 2, 3, 1000, 30_000]) life.ask(Math.max(1, pool.frames - less), align);
  }
}

describe('the granule-aware policy', () => {
  it.each(SHAPES)('chooses by its rule: $name, $granules granules of $granule', (shape) => {
    for (let salt = 0; salt < scaledRuns(16); salt++) {
      const life = begin(shape, salt);
      sweep(life, salt);
      const steps = fixedSteps(60 + 999 * salt).slice(999 * salt);
      for (const [i, step] of steps.entries()) {
        act(life, step, salt % 2 === 1);
        if (i % 10 === 0) life.compare();
        else life.compareMost();
      }
      life.compare();
      sweep(life, salt);
    }
  });
});

/** Where a set of bins fills its last word, what lies behind it belongs to somebody else. */
describe('nodes of every length', () => {
  it.each([1, 2, 4, 8, 16, 32])('in granules of %i choose by the rule', (granule) => {
    let asked = 0;
    for (let granules = 1; granules <= 130; granules++) {
      for (const held of [0, 1, 2, 3]) {
        const life = new GranuleLife(granules * granule + (granules % 3) + held, granule);
        if (held > 0) life.alloc(held, 1);
        const { frames } = life.pool;
        for (const size of [frames, frames - held, frames - held - 1, granule, 1]) {
          for (const align of [1, 2, 1000]) {
            if (size < 1) continue;
            life.ask(size, align);
            asked++;
          }
        }
        life.compare();
      }
    }
    expect(asked).toBeGreaterThan(7000);
  });
});
