/** The undo journal: exact inverses, marks that are forgotten, logs that become images. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExtentPool } from '../../core/memory/extent-pool.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { FREE, type Handle } from '../../core/memory/extent-store.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { expectSame } from '../expect-same.js';
import { scaledRuns } from '../seed.js';
import { fixedSteps } from './store-churn.js';

const hex = (pool: ExtentPool) => Buffer.from(pool.snapshot()).toString('hex');

/** One operation on a pool and the handles live in it. */
function operate(pool: ExtentPool, live: Handle[], [kind, a, b]: readonly number[]): void {
  if (kind % 2 === 0) {
    const handle = pool.alloc(1 + (a % 23), 2 ** (b % 4), 1 + (b % 5));
    if (handle !== 0) live.push(handle);
    return;
  }
  const [handle] = live.splice(a % (live.length || 1), 1);
  if (handle !== undefined) pool.free(handle);
}

function longestOf(pool: ExtentPool): number {
  let longest = 0;
  for (const { owner, frames } of pool.extents()) {
    if (owner === FREE && frames > longest) longest = frames;
  }
  return longest;
}

it('a tail that grows by twice the head is taken back, too', () => {
  // Both ends of a run are filed by their lengths: a head of 1 frame, and a tail of 1 that becomes 3.
  const pool = createExtentPool({ tag: 0, frames: 64, granuleFrames: 8, policy: 'granule-aware' });
  pool.allocAt(0, 7, 1);
  const run = pool.allocAt(7, 10, 1);
  const above = pool.allocAt(17, 2, 1);
  pool.allocAt(19, 45, 1);
  pool.free(run);
  const bytes = hex(pool);
  const mark = pool.mark();
  pool.free(above);
  pool.rollback(mark);
  expect(hex(pool)).toBe(bytes);
  expect(pool.verifyIndex()).toEqual([]);
});

describe.each(POLICY_NAMES)('journal, %s', (policy) => {
  const create = () => createExtentPool({ tag: 0, frames: 200, granuleFrames: 8, policy });

  it('k operations and k undos give the bytes back, one by one', () => {
    const pool = create();
    const live: Handle[] = [];
    const past = fixedSteps(400).map((step) => {
      const moment = { mark: pool.mark(), bytes: hex(pool) };
      operate(pool, live, step);
      return moment;
    });
    for (const { mark, bytes } of past.reverse()) {
      pool.rollback(mark);
      expect(hex(pool)).toBe(bytes);
      expect(pool.verifyIndex()).toEqual([]);
    }
  });

  it('a mark changes no choice and no word: with one before every step, and without any', () => {
    const step = fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 999 }), fc.nat({ max: 999 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const plain = { pool: create(), live: [] as Handle[] };
        const marked = { pool: create(), live: [] as Handle[] };
        for (const one of steps) {
          marked.pool.mark();
          operate(marked.pool, marked.live, one);
          operate(plain.pool, plain.live, one);
          expect(marked.live).toEqual(plain.live);
        }
        expect(hex(marked.pool)).toBe(hex(plain.pool));
        expect(marked.pool.largestFreeRun()).toBe(plain.pool.largestFreeRun());
      }),
    );
  });

  it.each([4, 8, 64])(
    'the same over a long run that marks nothing back, granules of %i',
    (shape) => {
      const make = () => createExtentPool({ tag: 0, frames: 300, granuleFrames: shape, policy });
      const plain = { pool: make(), live: [] as Handle[] };
      const marked = { pool: make(), live: [] as Handle[] };
      marked.pool.mark();
      for (const [kind, a, b] of fixedSteps(1500)) {
        // Mostly a few frames wherever they fit; now and then an aligned or a long run.
        const step = [kind, kind % 7 === 0 ? a : a % 6, kind % 5 === 0 ? b : 4 * b];
        operate(marked.pool, marked.live, step);
        operate(plain.pool, plain.live, step);
        expectSame(marked.live, plain.live);
        expectSame(plain.pool.largestFreeRun(), longestOf(plain.pool));
        expectSame(marked.pool.largestFreeRun(), plain.pool.largestFreeRun());
        expectSame(marked.pool.largestGranuleRun(), plain.pool.largestGranuleRun());
      }
      expect(hex(marked.pool)).toBe(hex(plain.pool));
      expect(plain.pool.verifyIndex()).toEqual([]);
    },
  );

  it('what was rolled back leaves no word in what comes after', () => {
    const step = fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 999 }), fc.nat({ max: 999 }));
    const steps = fc.array(step, { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(steps, steps, (first, then) => {
        const [turned, straight] = [create(), create()];
        const mark = turned.mark();
        const forgotten: Handle[] = [];
        for (const one of first) operate(turned, forgotten, one);
        turned.rollback(mark);
        const live: Handle[][] = [[], []];
        for (const one of then) {
          operate(turned, live[0], one);
          operate(straight, live[1], one);
        }
        expectSame(live[0], live[1]);
        expectSame(hex(turned), hex(straight));
      }),
      { numRuns: scaledRuns(100) },
    );
  });

  // Blocks of the address table are of 32 frames; an entry names the newest extent of its block.
  it.each([
    {
      what: 'a run taken in from the next block changes no entry of its own',
      held: [
        [8, 24],
        [0, 4],
        [4, 4],
      ],
      freed: [0],
    },
    {
      what: 'a run that takes in none from the next block changes no entry of that',
      held: [
        [0, 4],
        [4, 4],
        [8, 24],
        [32, 4],
        [36, 4],
      ],
      freed: [1, 2],
    },
  ])('$what, marked or not', ({ held, freed }) => {
    const bytes = [false, true].map((isMarked) => {
      const pool = create();
      const handles = held.map(([start = 0, frames = 0]) => pool.allocAt(start, frames, 1));
      if (isMarked) pool.mark();
      for (const one of freed) pool.free(handles[one]);
      return hex(pool);
    });
    expect(bytes[1]).toBe(bytes[0]);
  });

  it('the same where many lengths share a bin', () => {
    const make = () => createExtentPool({ tag: 0, frames: 60_000, granuleFrames: 512, policy });
    const plain = { pool: make(), live: [] as Handle[] };
    const marked = { pool: make(), live: [] as Handle[] };
    marked.pool.mark();
    for (const [i, [kind, a, b]] of fixedSteps(1500).entries()) {
      for (const { pool, live } of [plain, marked]) {
        if (kind % 2 === 1) operate(pool, live, [kind, a, b]);
        else {
          // Of some 1,000 to 4,000 frames, now and then of few; every ninth is aligned.
          const frames = kind % 3 === 0 ? 1 + (b % 40) : 900 + ((37 * a) % 3200);
          const handle = pool.alloc(frames, i % 9 === 0 ? 64 : 1, 1 + (b % 5));
          if (handle !== 0) live.push(handle);
        }
      }
      expectSame(marked.live, plain.live);
      if (i % 10 === 0) expectSame(hex(marked.pool), hex(plain.pool));
    }
    expect(hex(marked.pool)).toBe(hex(plain.pool));
    expect(plain.pool.verifyIndex()).toEqual([]);
  });

  it('a snapshot into memory at hand has the same bytes, and is restored from any offset', () => {
    const pool = create();
    const live: Handle[] = [];
    for (const step of fixedSteps(40)) operate(pool, live, step);
    const bytes = pool.snapshot();
    const wide = new Uint8Array(bytes.length + 9).fill(7);
    const into = pool.snapshot(wide.subarray(5));
    expect(into.buffer).toBe(wide.buffer);
    expect(Buffer.from(into)).toEqual(Buffer.from(bytes));
    expect(pool.snapshot(new Uint8Array(bytes.length - 1))).toEqual(bytes);
    const exact = new Uint8Array(bytes.length);
    expect(pool.snapshot(exact).buffer).toBe(exact.buffer);
    expect(exact).toEqual(bytes);
    for (const step of fixedSteps(400)) operate(pool, live, step);
    pool.restore(into);
    expect(hex(pool)).toBe(Buffer.from(bytes).toString('hex'));
    expect(pool.verifyIndex()).toEqual([]);
    wide.fill(0);
    expect(hex(pool)).toBe(Buffer.from(bytes).toString('hex'));
    expect(() => pool.restore(bytes.subarray(0, bytes.length - 3))).toThrow(/cut off/);
  });

  it('a log longer than the pool becomes an image, and still leads back', () => {
    const pool = create();
    const live: Handle[] = [];
    const steps = fixedSteps(6000);
    for (const step of steps.slice(0, 50)) operate(pool, live, step);
    const first = { mark: pool.mark(), bytes: hex(pool), live: [...live] };
    for (const step of steps.slice(0, 3000)) operate(pool, live, step);
    const second = { mark: pool.mark(), bytes: hex(pool) };
    for (const step of steps.slice(3000)) operate(pool, live, step);
    pool.rollback(second.mark);
    expect(hex(pool)).toBe(second.bytes);
    pool.rollback(first.mark);
    expect(hex(pool)).toBe(first.bytes);
    for (const step of steps.slice(0, 40)) operate(pool, first.live, step);
    pool.rollback(first.mark);
    expect(hex(pool)).toBe(first.bytes);
  });

  it('equal snapshots make equal choices: a restored copy goes the same way', () => {
    const step = fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 999 }), fc.nat({ max: 999 }));
    const steps = fc.array(step, { maxLength: 60 });
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const pool = create();
        const live: Handle[] = [];
        for (const one of before) operate(pool, live, one);
        const copy = create();
        copy.restore(pool.snapshot());
        const copied = [...live];
        for (const one of after) {
          operate(pool, live, one);
          operate(copy, copied, one);
        }
        expect(copied).toEqual(live);
        expect(hex(copy)).toBe(hex(pool));
        expect(copy.verifyIndex()).toEqual([]);
      }),
    );
  });
});

describe('found bugs', () => {
  it('bytes in a Buffer at an odd offset were refused: a slice of a Buffer is no copy', () => {
    const pool = createExtentPool({ tag: 0, frames: 64, granuleFrames: 8 });
    pool.alloc(5, 1, 9);
    const bytes = pool.snapshot();
    const odd = Buffer.alloc(bytes.length + 1);
    odd.set(bytes, 1);
    pool.alloc(7, 1, 9);
    pool.restore(odd.subarray(1));
    expect(pool.snapshot()).toEqual(bytes);
  });
});

describe('marks', () => {
  const create = (tag = 0) => createExtentPool({ frames: 64, granuleFrames: 8, tag });

  it('a mark rolled back by an earlier one is refused', () => {
    const pool = create();
    const early = pool.mark();
    pool.alloc(3, 1, 9);
    const late = pool.mark();
    pool.alloc(3, 1, 9);
    pool.rollback(early);
    expect(() => pool.rollback(late)).toThrow(/rolled back before/);
    expect(pool.freeFrames).toBe(64);
  });

  it('a mark of a fork or of a store before its restore is refused', () => {
    const pool = create();
    const mark = pool.mark();
    expect(() => pool.fork().rollback(mark)).toThrow(/another store/);
    pool.restore(pool.snapshot());
    expect(() => pool.rollback(mark)).toThrow(/another store/);
  });

  it('a snapshot of another shape, or cut off, is refused', () => {
    const bytes = create().snapshot();
    expect(() => create(1).restore(bytes)).toThrow(/another store/);
    expect(() => create().restore(bytes.slice(0, bytes.length - 64))).toThrow(/cut off/);
  });

  it('handles after a restore: those of the snapshot live, later ones are stale', () => {
    const pool = create();
    const kept = pool.alloc(5, 1, 9);
    const bytes = pool.snapshot();
    pool.free(kept);
    const later = pool.alloc(7, 1, 9);
    pool.restore(bytes);
    expect(pool.at(kept)).toEqual({ start: 0, frames: 5, owner: 9, handle: kept });
    expect(() => pool.free(later)).toThrow(/stale/);
  });
});
