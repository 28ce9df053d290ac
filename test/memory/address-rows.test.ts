/**
 * Merges that empty blocks of the address table far up a node, where the set of filled blocks has many rows.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';

/** Blocks of four frames: 2,048 of them, in 64 rows of 32. */
const FRAMES = 8192;
/** In the middle of the 33rd row: as far above the first row as its summary is below it. */
const TOP = 4200;

it.each(POLICY_NAMES)('%s: the table is right after each release, in whatever order', (policy) => {
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 20, maxLength: 40 });
  const order = fc.array(fc.nat({ max: 999 }), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(lengths, order, (extents, picks) => {
      const pool = createExtentPool({ tag: 0, frames: FRAMES, granuleFrames: 1, policy });
      const held: number[] = [];
      let at = TOP;
      for (const frames of extents) {
        if (frames > at) break;
        at -= frames;
        held.push(pool.allocAt(at, frames, 5));
      }
      for (const pick of picks) {
        const [handle] = held.splice(pick % held.length, 1);
        pool.free(handle);
        expect(pool.verifyIndex()).toEqual([]);
        if (held.length === 0) return;
      }
    }),
    { numRuns: 30 },
  );
});
