/** What is told of a handle that names nothing: freed, of another store, never given, or none at all. */
import { describe, expect, it } from 'vitest';
import * as layout from '../../core/memory/extent-layout.js';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import { LAST_GENERATION } from '../../core/memory/extent-records.js';

const { FIRST_RECORD, GENERATION } = layout;
const FREED = 'is stale: what it named is freed already (unless it is of another store of tag 3)';
const NOT_GIVEN = 'is stale, or of another store of tag 3: this one has not given it';

const create = (tag = 3) => createExtentPool({ frames: 64, granuleFrames: 4, tag });

/** What `free` and `at` say of a handle. */
function told(pool: ExtentPool, handle: number): readonly string[] {
  const before = pool.snapshot();
  const words = [
    () => pool.free(handle),
    () => pool.at(handle),
    () => pool.setOwner(handle, 5),
  ].map((call) => {
    try {
      call();
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      return error instanceof Error ? error.message : '';
    }
    return 'nothing was thrown';
  });
  expect(pool.snapshot()).toEqual(before);
  expect(words[1]).toBe(words[2]);
  return words.slice(0, 2);
}

describe('a handle that names nothing', () => {
  it('has been freed: to free it is a double free, wherever its record is now', () => {
    const pool = create();
    const [first, middle, last] = [0, 8, 16].map((start) => pool.allocAt(start, 8, 7));
    // Its record stays; is taken in by the one below; is given out anew.
    for (const handle of [first, middle]) {
      pool.free(handle);
      expect(told(pool, handle)).toEqual([
        `double free: handle ${handle} ${FREED}`,
        `handle ${handle} ${FREED}`,
      ]);
    }
    for (let i = 0; i < 4; i++) pool.alloc(1, 1, 7);
    for (const handle of [first, middle]) expect(told(pool, handle)[0]).toMatch(/^double free: /);
    expect(pool.at(last)).toMatchObject({ start: 16 });
  });

  it('has been freed as the last of its record', () => {
    const pool = create();
    pool.allocAt(0, 64, 7);
    const words = new Int32Array(pool.snapshot().buffer);
    words[words[FIRST_RECORD] + GENERATION] = LAST_GENERATION;
    pool.restore(new Uint8Array(words.buffer));
    const { handle } = pool.covering(0);
    pool.free(handle);
    expect(told(pool, handle)[0]).toBe(`double free: handle ${handle} ${FREED}`);
  });

  it('is of a store of another tag', () => {
    const foreign = create(255).allocAt(0, 8, 7);
    const pool = create();
    pool.allocAt(0, 8, 7);
    const message = `handle ${foreign} is of another store, of tag 255; this one has 3`;
    expect(told(pool, foreign)).toEqual([message, message]);
    expect(told(create(0), create(1).allocAt(0, 8, 7))[0]).toMatch(/of tag 1; this one has 0/);
  });

  it('is of a store of the same tag: told as what it looks like', () => {
    const other = create();
    const pool = create();
    const twice = () => {
      other.free(other.allocAt(0, 8, 7));
      return other.allocAt(0, 8, 7);
    };
    const handle = twice();
    pool.allocAt(0, 8, 7);
    const [free, at] = told(pool, handle);
    expect(free).toContain(NOT_GIVEN);
    expect(at).toBe(free);
    pool.free(pool.covering(0).handle);
    // The generation that this one would give next.
    expect(told(pool, handle)[0]).toContain(NOT_GIVEN);
    const old = pool.allocAt(0, 8, 7);
    expect(old).toBe(handle);
  });

  it('has been given since what was restored or rolled back', () => {
    const pool = create();
    const mark = pool.mark();
    const since = [0, 8, 16].map((start) => pool.allocAt(start, 8, 7));
    pool.rollback(mark);
    for (const handle of since) {
      const [free, at] = told(pool, handle);
      expect(free).toBe(
        `handle ${handle} ${NOT_GIVEN}; if it ever gave it, a rollback or restore has taken it back`,
      );
      expect(at).toBe(free);
    }
  });

  it('was given and freed in what is undone: its record is behind the last one again', () => {
    for (const undo of ['restore', 'rollback'] as const) {
      const pool = create();
      const [bytes, mark] = [pool.snapshot(), pool.mark()];
      const since = [0, 8, 16].map((start) => pool.allocAt(start, 8, 7));
      for (const handle of since) pool.free(handle);
      for (const handle of since) expect(told(pool, handle)[0]).toMatch(/^double free: /);
      if (undo === 'restore') pool.restore(bytes);
      else pool.rollback(mark);
      for (const handle of since) expect(told(pool, handle)[0]).toContain(NOT_GIVEN);
    }
  });

  it.each([
    [0, ': 0 is what a refused request is answered with'],
    [-1, ''],
    [1.5, ''],
    [2 ** 32 - 1, ''],
    [2 ** 32 + 0.5, ''],
    [2 ** 53, ''],
    [Number.NaN, ''],
    [Number.POSITIVE_INFINITY, ''],
  ])('%d is none', (handle, why) => {
    const message = `handle ${handle} is stale: it never named an extent${why}`;
    expect(told(create(), handle)).toEqual([message, message]);
  });

  it('names a record that there is not: the first one behind the last', () => {
    const pool = create();
    const [last] = [pool.allocAt(0, 64, 7)];
    expect(told(pool, last + 1)[0]).toContain(NOT_GIVEN);
    expect(told(pool, 2 ** 32 + 4 * 2 ** 24 - 1)[0]).toContain(NOT_GIVEN);
  });
});
