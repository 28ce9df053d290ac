/** How many extents a store holds: as many as a handle can name, and no fewer. */
import { describe, expect, it } from 'vitest';
import { Arena } from '../../core/memory/arena.js';
import { allocEach } from '../../core/memory/equal-extents.js';
import { END, FIRST_RECORD, RECORD_WORDS } from '../../core/memory/extent-layout.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { makeRoom, SLOTS } from '../../core/memory/extent-records.js';
import { opened } from './opened.js';

describe('room for records', () => {
  it('is there for more than 2^16 extents', () => {
    const frames = 70_000;
    const pool = createExtentPool({ tag: 0, frames, granuleFrames: 512, policy: 'best-fit' });
    allocEach(pool, { start: 0, frames: 1, count: frames }, 7);
    expect([...pool.extents()]).toHaveLength(frames);
    expect(pool.covering(frames - 1)).toMatchObject({ start: frames - 1, frames: 1, owner: 7 });
    expect(pool.freeFrames).toBe(0);
  });

  it('ends in the middle of equal extents: those before it are taken whole, and all words agree', () => {
    const { pool, carver } = opened({ tag: 0, frames: 4096, granuleFrames: 4 });
    const { words } = carver;
    const first = words[FIRST_RECORD];
    // As if records had begun so far below that there is room for 20 more.
    words[FIRST_RECORD] = words[END] + (20 - SLOTS) * RECORD_WORDS;
    const extents = { start: 0, frames: 1, count: 100 };
    expect(() => allocEach(pool, extents, 7)).toThrow('more than 16777216 extents in one store');
    carver.words[FIRST_RECORD] = first;
    expect(pool.verifyIndex()).toEqual([]);
    const taken = pool.frames - pool.freeFrames;
    expect(taken).toBeGreaterThan(10);
    expect(taken).toBeLessThan(21);
    expect(pool.covering(taken - 1)).toMatchObject({ start: taken - 1, frames: 1, owner: 7 });
  });

  it('is found for the last of 2^24, and not beyond', () => {
    // Words of which the first record lay so far below that these are the last ones.
    const arena = (wordsLeft: number) => {
      const words = new Int32Array(64);
      words[END] = 48;
      words[FIRST_RECORD] = words.length + wordsLeft - SLOTS * RECORD_WORDS;
      return new Arena(words);
    };
    const almost = arena(RECORD_WORDS);
    makeRoom(almost);
    expect(almost.words.length).toBe(64 + RECORD_WORDS);
    for (const wordsLeft of [0, -1]) {
      expect(() => makeRoom(arena(wordsLeft))).toThrow('more than 16777216 extents in one store');
    }
  });
});
