/** Fragmentation measures: worked examples, and a frame-by-frame recount. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEmptyStore } from '../../core/memory/empty-store.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import {
  fragmentationOf,
  largestAlignedRun,
  unusableFreeByOrder,
} from '../../core/memory/fragmentation.js';
import { alteredStore } from '../kit/altered-store.js';
import { drawnNode } from './pages.js';

const measure = (picture: string, unit: number) => fragmentationOf(drawnNode(picture).base, unit);

/** Buddy blocks by splitting the node in halves until a half is wholly free or wholly held. */
function buddyBlocks(picture: string): number {
  const { length } = picture;
  const padded = picture.padEnd(2 ** Math.ceil(Math.log2(length)), '#');
  if (!padded.includes('.')) return 0;
  if (!padded.includes('#')) return 1;
  const half = padded.length / 2;
  return buddyBlocks(padded.slice(0, half)) + buddyBlocks(padded.slice(half));
}

describe('fragmentationOf', () => {
  it('Q29: a wholly free node: nothing unusable, the request can be met', () => {
    expect(measure('................', 8)).toEqual({
      unit: 8,
      freeFrames: 16,
      units: 2,
      largestRunFrames: 16,
      unusableFreeIndex: 0,
      fragmentationIndex: -1000,
    });
  });

  it('Q29: enough is free, none of it aligned: all unusable, index towards 1000', () => {
    const result = measure('####........####', 8);
    expect(result).toMatchObject({ units: 0, largestRunFrames: 8, unusableFreeIndex: 1000 });
    // Two blocks of 4: 1000 - (1000 + 8 * 1000 / 8) / 2 = 0.
    expect(result.fragmentationIndex).toBe(0);
    // Eight blocks of 1: 1000 - (1000 + 1000) / 8 = 750.
    expect(measure('.#.#.#.#.#.#.#.#', 8).fragmentationIndex).toBe(750);
  });

  it.each([2 ** 31, 2 ** 40, 0, -2, 3, 1.5])('a unit of %d frames is refused', (unit) => {
    const message = `unit of ${unit} frames: not a power of two up to 1073741824`;
    expect(() => measure('....', unit)).toThrow(message);
    expect(() => largestAlignedRun(drawnNode('....').base, unit)).toThrow(message);
  });

  it('nothing free: index 0, and 1000 thousandths unusable', () => {
    const none = { freeFrames: 0, unusableFreeIndex: 1000, fragmentationIndex: 0 };
    expect(measure('####', 2)).toMatchObject(none);
  });

  it('a node without memory has no run of any unit', () => {
    const none = createEmptyStore(4);
    expect([1, 4, 8].map((unit) => largestAlignedRun(none, unit))).toEqual([0, 0, 0]);
  });

  it('the largest aligned run is shorter than the largest run', () => {
    const aligned = (picture: string, unit: number) =>
      largestAlignedRun(drawnNode(picture).base, unit);
    expect(aligned('#......#........', 4)).toBe(8);
    expect(aligned('#.......#######.', 4)).toBe(4);
    expect(aligned('#......#.......#', 8)).toBe(0);
    const measured = measure('#.......#######.', 4);
    expect(measured).toMatchObject({ largestRunFrames: 7, unusableFreeIndex: 500 });
  });

  it('agrees with a recount by halves for each run of a node of 32 frames, and each pair of runs', () => {
    const frames = 32;
    const run = (start: number, end: number) => '#'.repeat(start) + '.'.repeat(end - start);
    for (let start = 0; start < frames; start++) {
      for (let end = start + 1; end <= frames; end++) {
        for (const second of [frames, end + 1, end + 4]) {
          const picture = (run(start, end) + run(Math.min(second, frames) - end, frames - end))
            .padEnd(frames, '#')
            .slice(0, frames);
          const free = [...picture].filter((char) => char === '.').length;
          // A unit that the node has no room for: never met, whatever is free.
          const inner = 1000 + Math.floor((free * 1000) / 64);
          const index = 1000 - Math.floor(inner / buddyBlocks(picture));
          expect(measure(picture, 64).fragmentationIndex, picture).toBe(index);
        }
      }
    }
  });

  it('agrees with a recount by halves', () => {
    const pictures = fc.array(fc.constantFrom('.', '#'), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(pictures, fc.constantFrom(1, 2, 4, 8), (chars, unit) => {
        const picture = chars.join('');
        const free = chars.filter((char) => char === '.').length;
        const units = Array.from({ length: Math.floor(chars.length / unit) }, (_, i) =>
          picture.slice(i * unit, (i + 1) * unit),
        ).filter((part) => !part.includes('#')).length;
        const result = measure(picture, unit);
        expect(result.units).toBe(units);
        const unusable = free === 0 ? 1000 : Math.floor(((free - units * unit) * 1000) / free);
        expect(result.unusableFreeIndex).toBe(unusable);
        if (units > 0 || free === 0) return;
        const blocks = buddyBlocks(picture);
        const inner = 1000 + Math.floor((free * 1000) / unit);
        expect(result.fragmentationIndex).toBe(1000 - Math.floor(inner / blocks));
      }),
    );
  });

  it('the unit that a store counts itself is measured as any other', () => {
    const runs = fc.array(fc.tuple(fc.nat({ max: 63 }), fc.integer({ min: 1, max: 9 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(runs, fc.constantFrom(2, 8), (claims, unit) => {
        const [counted, other] = [unit, 16].map((granuleFrames) => {
          const pool = createExtentPool({ tag: 0, frames: 64, granuleFrames });
          for (const [start, frames] of claims) {
            const run = pool.covering(start);
            const end = run.start + run.frames;
            if (run.owner === 0 && start + frames <= end) pool.allocAt(start, frames, 3);
          }
          return [fragmentationOf(pool, unit), largestAlignedRun(pool, unit)];
        });
        expect(counted).toEqual(other);
      }),
    );
  });

  it('a store that does not tell its blocks is asked for its extents', () => {
    const { base } = drawnNode('.#..#.#.....#.#.');
    const unasked = alteredStore(base, { freeBlocks: undefined });
    expect(fragmentationOf(unasked, 8)).toEqual(fragmentationOf(base, 8));
    // [0], [2, 4), [5], [7], [8, 12), [13], [15]: 1000 - (1000 + 11 * 1000 / 8) / 7.
    expect(fragmentationOf(unasked, 8).fragmentationIndex).toBe(661);
  });

  it('by order, the unusable share never falls', () => {
    const byOrder = unusableFreeByOrder(drawnNode('..#...####......').base, 4);
    expect(byOrder).toEqual([0, 90, 636, 1000, 1000]);
  });

  it.each([0.5, -1, 31, Number.NaN, '2'])('by order up to %s: refused', (given) => {
    // What a caller without types may hand over.
    const last = given as number;
    const { base } = drawnNode('..#.');
    const says = `orders up to ${last}: the last one is a whole number from 0 to 30`;
    expect(() => unusableFreeByOrder(base, last)).toThrow(says);
    expect(unusableFreeByOrder(base, 30)).toHaveLength(31);
    expect(unusableFreeByOrder(base, 0)).toEqual([0]);
  });
});
