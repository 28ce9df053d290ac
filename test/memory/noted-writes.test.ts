/**
 * When the journal notes and when it rests: nothing without a mark, nothing once the log has become an
 * image, everything again from the next mark on.
 */
import { describe, expect, it } from 'vitest';
import { Arena } from '../../core/memory/arena.js';
import { allocEach, freeEach } from '../../core/memory/equal-extents.js';
import { END } from '../../core/memory/extent-layout.js';
import type { ExtentPool } from '../../core/memory/extent-pool.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { Notes } from '../../core/memory/write-log.js';
import { countNotes, opened } from './opened.js';

/** Numbers of a log up to which it stays one, whatever the pool. */
const SHORT = 4096;

const hex = (pool: ExtentPool) => Buffer.from(pool.snapshot()).toString('hex');

/** Every operation that writes, once or more. */
function operateAll(pool: ExtentPool): void {
  const handles = [5, 3, 9, 17].map((frames) => pool.alloc(frames, 1, 7));
  pool.setOwner(handles[0], 8);
  pool.free(handles[1]);
  const { start } = pool.at(handles[3]);
  pool.freeRange(start + 3, 2);
  pool.freeRange(start, 1);
  pool.free(pool.allocAt(100, 20, 7));
  const extents = { start: 60, frames: 4, count: 6 };
  allocEach(pool, extents, 9);
  freeEach(pool, extents, 9);
  for (const { owner, handle } of [...pool.extents()]) if (owner !== 0) pool.free(handle);
}

const SHAPES = POLICY_NAMES.flatMap((policy) =>
  [false, true].map((measured) => ({ policy, measured })),
);

describe.each(SHAPES)('noting, $policy, measured: $measured', (shape) => {
  const open = () => opened({ tag: 0, frames: 200, granuleFrames: 8, ...shape });

  it('begins with the first mark, and a restore ends it', () => {
    const { pool, carver } = open();
    const noted = countNotes(carver);
    operateAll(pool);
    expect(noted()).toBe(0);
    const bytes = pool.snapshot();
    pool.mark();
    operateAll(pool);
    const marked = noted();
    expect(marked).toBeGreaterThan(100);
    pool.restore(bytes);
    operateAll(pool);
    expect(noted()).toBe(marked);
  });

  it('ends with the operation that makes the log longer than a copy; the mark leads back', () => {
    const { pool, carver } = open();
    const noted = countNotes(carver);
    operateAll(pool);
    const before = hex(pool);
    const mark = pool.mark();
    const isLong = () => 2 * noted() > Math.max(SHORT, 2 * carver.words[END]);
    const life: (() => void)[] = [];
    for (let i = 0; !isLong(); i++) {
      expect(carver.logging, `${noted()} noted`).toBe(true);
      const handle = pool.alloc(1 + (i % 7), 1, 7);
      if (isLong()) break;
      expect(carver.logging, `${noted()} noted`).toBe(true);
      pool.free(handle);
      life.push(() => pool.free(pool.alloc(1 + (i % 7), 1, 7)));
    }
    expect(carver.logging).toBe(false);
    expect(life.length).toBeGreaterThan(5);
    const then = noted();
    operateAll(pool);
    expect(noted()).toBe(then);
    for (let again = 0; again < 2; again++) {
      pool.rollback(mark);
      expect(hex(pool)).toBe(before);
      expect(carver.logging).toBe(false);
      for (const live of life) live();
    }
    expect(noted()).toBe(then);
    pool.mark();
    expect(carver.logging).toBe(true);
  });

  it('ends also with a release', () => {
    const { pool, carver } = open();
    const noted = countNotes(carver);
    const handles = Array.from({ length: 190 }, () => pool.alloc(1, 1, 7));
    pool.mark();
    const isLong = () => 2 * noted() > Math.max(SHORT, 2 * carver.words[END]);
    while (!isLong()) {
      expect(carver.logging).toBe(true);
      const handle = handles.pop();
      // What is not carved is not noted: only releases, until the log is long.
      if (handle === undefined) throw new Error(`${noted()} words noted by all releases`);
      pool.free(handle);
    }
    expect(carver.logging).toBe(false);
  });

  it('a mark leads back as often as is asked, and earlier ones after it', () => {
    const { pool } = open();
    const first = { mark: pool.mark(), bytes: hex(pool) };
    pool.alloc(3, 1, 7);
    const second = { mark: pool.mark(), bytes: hex(pool) };
    for (let again = 0; again < 3; again++) {
      pool.alloc(5 + again, 1, 8);
      pool.alloc(9, 4, 8);
      pool.rollback(second.mark);
      expect(hex(pool)).toBe(second.bytes);
    }
    pool.alloc(2, 1, 8);
    pool.mark();
    pool.alloc(2, 1, 8);
    pool.rollback(first.mark);
    expect(hex(pool)).toBe(first.bytes);
  });

  it.each([1, 2, 8])(
    'a mark undoes a release at either end of the node, granules of %i',
    (granule) => {
      for (const frame of [0, 47]) {
        const { pool } = opened({ tag: 0, ...shape, frames: 48, granuleFrames: granule });
        for (const start of [0, 16, 32]) pool.allocAt(start, 16, 7);
        const bytes = hex(pool);
        const mark = pool.mark();
        pool.free(pool.covering(frame).handle);
        pool.rollback(mark);
        expect(hex(pool)).toBe(bytes);
        expect(pool.verifyIndex()).toEqual([]);
      }
    },
  );

  it('two marks with nothing written between them are one point: undoing to one keeps the other', () => {
    const { pool } = open();
    pool.alloc(3, 1, 7);
    const [first, second] = [pool.mark(), pool.mark()];
    const bytes = hex(pool);
    pool.alloc(5, 1, 7);
    pool.rollback(first);
    pool.alloc(6, 1, 7);
    pool.rollback(second);
    expect(hex(pool)).toBe(bytes);
  });
});

describe('an arena', () => {
  it.each([
    [100, SHORT],
    [3000, 6000],
  ])('of %i live words keeps a log of %i numbers, and no longer one', (live, most) => {
    const words = Int32Array.from({ length: 5000 }, (_, i) => 7 * i);
    words[END] = live;
    const before = words.slice();
    const arena = new Arena(words);
    const mark = arena.beginSegment();
    for (let i = 0; i < most / 2; i++) {
      arena.keep(20 + (i % 50));
      arena.words[20 + (i % 50)] = i;
      arena.trim();
      expect(arena.logging).toBe(true);
    }
    arena.keep(80);
    arena.trim();
    expect(arena.logging).toBe(false);
    arena.words[90] = 1;
    arena.undoTo(mark);
    expect(arena.words).toEqual(before);
    expect(mark.log).toEqual([]);
  });

  it('that has no mark is not taken back', () => {
    const mark = new Arena(new Int32Array(32)).beginSegment();
    const arena = new Arena(new Int32Array(32));
    expect(() => arena.undoTo(mark)).toThrow('rollback to a mark of another store');
  });
});

describe('notes', () => {
  it('of a run longer than all the room there is are whole', () => {
    const words = Int32Array.from({ length: 3000 }, (_, i) => i + 1);
    const notes = new Notes();
    for (const [at, count] of [
      [0, 1],
      [100, 2000],
      [2500, 300],
      [10, 1],
    ]) {
      notes.keepRun(words, at, count);
    }
    expect(notes.length).toBe(2 * 2302);
    expect(notes.packed()).toHaveLength(2 * 2302);
    const copy = words.slice();
    copy.fill(0, 100, 2100).fill(0, 2500, 2800);
    copy[0] = 0;
    copy[10] = 0;
    notes.undo(copy);
    expect(copy).toEqual(words);
  });
});
