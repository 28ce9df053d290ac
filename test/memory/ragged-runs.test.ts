/**
 * Which end of a run without a whole granule a request takes: the end whose granule holds it with the
 * least to spare, the low one of equals, and the low one where it reaches over the boundary anyway.
 */
import { describe, expect, it } from 'vitest';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { expectSame } from '../expect-same.js';

const GRANULE = 16;

/** Where `frames` are placed when [start, end) is all that is free, with a mark set or without. */
function placeOf(start: number, end: number, frames: number, marked: boolean): number {
  const pool = createExtentPool({
    tag: 0,
    frames: 4 * GRANULE,
    granuleFrames: GRANULE,
    policy: 'granule-aware',
  });
  pool.allocAt(0, start, 1);
  pool.allocAt(end, 4 * GRANULE - end, 1);
  // A record that was used before, so that the quick way has one at hand.
  pool.free(pool.allocAt(start, 1, 2));
  if (marked) pool.mark();
  const { start: place } = pool.at(pool.alloc(frames, 1, 9));
  expectSame(pool.verifyIndex(), []);
  return place;
}

describe('a ragged run over a boundary', () => {
  it('is taken from at the same end with a mark and without, for each run and size', () => {
    let highs = 0;
    for (let start = 1; start < GRANULE; start++) {
      for (let end = GRANULE + 1; end < 2 * GRANULE; end++) {
        for (let frames = 1; frames < end - start; frames++) {
          const ends = [
            { room: GRANULE - start, place: start },
            { room: end - GRANULE, place: end - frames },
          ];
          const fitting = ends.filter(({ room }) => room >= frames);
          const least = Math.min(...fitting.map(({ room }) => room));
          const { place } = fitting.find(({ room }) => room === least) ?? ends[0];
          if (place !== start) highs++;
          for (const marked of [false, true]) {
            const found = placeOf(start, end, frames, marked);
            const asked = { start, end, frames, marked };
            expectSame({ ...asked, found }, { ...asked, found: place });
          }
        }
      }
    }
    expect(highs).toBeGreaterThan(500);
  });
});
