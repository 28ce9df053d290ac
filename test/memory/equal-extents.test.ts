/**
 * Equal extents in one go against one operation an extent, on twins: to the byte, under every policy,
 * with a mark set and without, and on a store that has no such operations.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocEach, freeEach, holdsEach } from '../../core/memory/equal-extents.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { type EqualExtents, type ExtentStore, FREE } from '../../core/memory/extent-store.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { alteredStore } from '../kit/altered-store.js';
import { scaledRuns } from '../seed.js';

const FRAMES = 300;
const OWNER = 9;

/** Draws that become, on the store as it then is, a run taken or freed, equal extents, a mark, … */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom('take', 'free', 'take each', 'take each', 'free each', 'mark', 'back'),
    at: fc.nat({ max: FRAMES - 1 }),
    frames: fc.constantFrom(1, 1, 2, 3, 4, 7, 8, 16, 24),
    count: fc.constantFrom(1, 2, 3, 4, 9, 40, 200),
  }),
  { minLength: 1, maxLength: 40 },
);

class Twins {
  readonly done = new Map<string, number>();
  readonly #many: ExtentStore;
  readonly #single: ExtentStore;
  readonly #held: EqualExtents[] = [];
  #marks: (() => void)[] = [];

  constructor(make: () => ExtentStore, hasMany: boolean) {
    this.#many = hasMany ? make() : alteredStore(make(), {});
    this.#single = make();
  }

  take({ what, at, frames, count }: { what: string; at: number; frames: number; count: number }) {
    if (what === 'mark') this.#mark();
    else if (what === 'back') this.#marks.pop()?.();
    else if (what === 'free each') this.#freeEach(at);
    else if (what === 'free') this.#free(at);
    else this.#take(at, frames, what === 'take' ? 1 : count, what === 'take' ? 5 : OWNER);
    this.done.set(what, (this.done.get(what) ?? 0) + 1);
    expect(Buffer.compare(this.#many.snapshot(), this.#single.snapshot())).toBe(0);
    expect(this.#many.verifyIndex()).toEqual([]);
  }

  #take(at: number, frames: number, count: number, owner: number): void {
    const run = this.#single.covering(at);
    // Half of them from the start of the run, as pages that are taken lowest first are.
    const start = at % 2 === 0 ? run.start : at;
    const room = run.start + run.frames - start;
    const extents = { start, frames, count: Math.min(count, Math.floor(room / frames)) };
    if (run.owner !== FREE || extents.count === 0) return;
    allocEach(this.#many, extents, owner);
    for (let i = 0; i < extents.count; i++) this.#single.allocAt(start + i * frames, frames, owner);
    expect(holdsEach(this.#many, extents, owner)).toBe(true);
    expect(holdsEach(this.#many, extents, owner + 1)).toBe(false);
    if (owner === OWNER) this.#held.push(extents);
  }

  #free(at: number): void {
    const { owner, start, frames } = this.#single.covering(at);
    if (owner !== 5) return;
    for (const store of [this.#many, this.#single]) store.freeRange(start, frames);
  }

  /** Some of them, where they are still there: marks may have been undone. */
  #freeEach(at: number): void {
    const [all] = this.#held.splice(at % Math.max(1, this.#held.length), 1);
    if (all === undefined || !holdsEach(this.#many, all, OWNER)) return;
    const { frames } = all;
    const skipped = at % 3 === 0 ? at % all.count : 0;
    const extents = { start: all.start + skipped * frames, frames, count: all.count - skipped };
    freeEach(this.#many, extents, OWNER);
    for (let i = extents.count - 1; i >= 0; i--) {
      this.#single.free(this.#single.covering(extents.start + i * frames).handle);
    }
    expect(holdsEach(this.#many, extents, OWNER)).toBe(false);
  }

  #mark(): void {
    const stores = [this.#many, this.#single];
    const marks = stores.map((store) => store.mark());
    const before = this.#single.snapshot();
    this.#marks.push(() => {
      for (const [i, store] of stores.entries()) store.rollback(marks[i]);
      expect(Buffer.compare(this.#single.snapshot(), before)).toBe(0);
    });
  }
}

const cases = POLICY_NAMES.flatMap((policy) =>
  [4, 16].map((granuleFrames) => ({ policy, granuleFrames })),
);

describe.each(cases)('equal extents: $policy, granules of $granuleFrames', (shape) => {
  const make = () => createExtentPool({ tag: 0, frames: FRAMES, ...shape });

  it.each([true, false])('are to the byte as one by one (together: %s)', (hasMany) => {
    const done = new Map<string, number>();
    fc.assert(
      fc.property(steps, (list) => {
        const twins = new Twins(make, hasMany);
        for (const step of list) twins.take(step);
        for (const [what, times] of twins.done) done.set(what, (done.get(what) ?? 0) + times);
      }),
      // Fewer would not do every thing once, which is asked below.
      { numRuns: hasMany ? scaledRuns(150) : 20 },
    );
    expect(done.size).toBe(6);
  });
});

describe.each(cases)('equal extents: $policy, granules of $granuleFrames', (shape) => {
  it.each([
    ['all of a run to the end of the node', 0, 0, 1, 300],
    ['all of a run that begins elsewhere', 100, 100, 1, 200],
    ['from the middle of a run on, to its end', 0, 40, 4, 65],
    ['from the middle of a run on, not to its end', 0, 40, 4, 40],
    ['so many that few granules are left', 100, 100, 4, 46],
    ['two', 0, 0, 4, 2],
  ])('%s: to the byte as one by one', (_, held, start, frames, count) => {
    const [many, single] = [0, 1].map(() => createExtentPool({ tag: 0, frames: FRAMES, ...shape }));
    for (const store of [many, single]) {
      // Records that were free runs once, so that there are links of old lists.
      for (let i = 0; i < 60; i++) store.allocAt(5 * i, 2, 3);
      for (let i = 0; i < 60; i++) store.freeRange(5 * ((7 * i) % 60), 2);
      if (held > 0) store.allocAt(0, held, 3);
    }
    allocEach(many, { start, frames, count }, OWNER);
    for (let i = 0; i < count; i++) single.allocAt(start + i * frames, frames, OWNER);
    expect(Buffer.compare(many.snapshot(), single.snapshot())).toBe(0);
    expect(many.verifyIndex()).toEqual([]);
  });
});

describe.each([true, false])('equal extents that are not (together: %s)', (hasMany) => {
  const make = () => {
    const pool = createExtentPool({ tag: 0, frames: 64, granuleFrames: 4 });
    return hasMany ? pool : alteredStore(pool, {});
  };

  it('are refused where a frame of them is held, outside, or of no owner', () => {
    const store = make();
    store.allocAt(20, 2, 7);
    const before = store.snapshot();
    if (hasMany) {
      expect(() => allocEach(store, { start: 8, frames: 4, count: 4 }, OWNER)).toThrow(
        /4 times 4 frames from 8/,
      );
    }
    expect(() => allocEach(store, { start: 64, frames: 4, count: 1 }, OWNER)).toThrow(/frames/);
    for (const frames of [1, 2]) {
      // All of them inside the held run: nothing of them is free.
      expect(() => allocEach(store, { start: 20, frames, count: 1 }, OWNER)).toThrow(/not all/);
    }
    expect(() => allocEach(store, { start: 0, frames: 4, count: 2 }, FREE)).toThrow(/owner 0/);
    expect(Buffer.compare(store.snapshot(), before)).toBe(0);
  });

  it.each([
    ['larger', { start: 0, frames: 8, count: 1 }],
    ['smaller', { start: 0, frames: 2, count: 2 }],
    ['beside', { start: 4, frames: 4, count: 3 }],
    ['of this size, but not of this place', { start: 2, frames: 4, count: 1 }],
    ['of someone else', { start: 8, frames: 4, count: 1 }],
    ['free', { start: 32, frames: 4, count: 1 }],
  ])('%s: nobody holds them, and none is freed', (_, extents) => {
    const store = make();
    allocEach(store, { start: 0, frames: 4, count: 2 }, OWNER);
    store.allocAt(8, 4, 7);
    const before = store.snapshot();
    expect(holdsEach(store, extents, OWNER)).toBe(false);
    expect(() => freeEach(store, extents, OWNER)).toThrow(/not all of owner 9/);
    expect(Buffer.compare(store.snapshot(), before)).toBe(0);
  });
});
