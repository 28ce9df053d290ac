/** Which nodes an extent pool can be made for, and what it is like before anything is taken. */
import { describe, expect, it } from 'vitest';
import {
  blockShiftOf,
  blocksOf,
  MAX_FRAMES,
  MAX_GRANULE,
  POLICY,
} from '../../core/memory/extent-layout.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import type { PolicyName } from '../../core/memory/free-index.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import type { PoolShape } from '../../core/memory/pool-shape.js';

const create = (frames: number, granuleFrames: number, tag = 0) => {
  return () => createExtentPool({ frames, granuleFrames, tag });
};

describe('shapes', () => {
  it('a node, granule or tag out of range is refused', () => {
    for (const frames of [0, -1, 1.5, 2 ** 31, MAX_FRAMES + 1]) {
      expect(create(frames, 4)).toThrow(/a node of/);
    }
    // As extent-layout says it: a frame number plus a granule is an int32.
    expect(create(2 ** 31 - 2 ** 15, 4)).toThrow(/a node of 2147450880 frames/);
    expect(create(2 ** 31 - 2 ** 15 - 1, 4)).not.toThrow();
    for (const granule of [0, 3, 2 ** 15, 0.5]) expect(create(8, granule)).toThrow(/granule/);
    for (const tag of [-1, 256, 1.5]) expect(create(8, 4, tag)).toThrow(/tag/);
  });

  it.each<[what: string, shape: object, says: string]>([
    [
      'frames as text',
      { frames: '8' },
      'a node of 8 frames: not a whole number from 1 to 2147450879',
    ],
    ['no frames', { frames: undefined }, 'a node of undefined frames: not a whole number from 1'],
    [
      'a granule as text',
      { granuleFrames: '4' },
      'a granule of 4 frames: not a power of two up to',
    ],
    ['no granule', { granuleFrames: undefined }, 'a granule of undefined frames'],
    [
      'no tag',
      { tag: undefined },
      'tag undefined: not 0…255, which tells the handles of one pool from',
    ],
    ['a tag as text', { tag: '1' }, 'tag 1: not 0…255'],
    ['a policy that is none', { policy: null }, 'policy "null": known are'],
    ['measured as a word', { measured: 'yes' }, 'measured is "yes": neither true nor false'],
    ['measured as a number', { measured: 1 }, 'measured is 1: neither true nor false'],
    [
      'a field that there is not',
      { granule: 4 },
      'a pool\'s shape has no "granule": known are frames, granuleFrames, tag, policy, measured',
    ],
    ['a field of every object', { toString: 4 }, 'has no "toString"'],
  ])('%s is refused', (_, given, says) => {
    // What a caller without types may hand over.
    const shape = { frames: 8, granuleFrames: 4, tag: 0, ...given } as PoolShape;
    expect(() => createExtentPool(shape)).toThrow(says);
  });

  it.each([undefined, null, 64])('%s is no shape', (given) => {
    // What a caller without types may hand over.
    const shape = given as unknown as PoolShape;
    expect(() => createExtentPool(shape)).toThrow(
      `a pool's shape is ${given}: an object with frames, granuleFrames and tag is needed`,
    );
  });

  it('a field that is undefined is one that is left out', () => {
    const { frames, granuleFrames } = { frames: 8, granuleFrames: 4 };
    const left = { policy: undefined, measured: undefined };
    const shape = { frames, granuleFrames, tag: 0, ...left } as unknown as PoolShape;
    expect(createExtentPool(shape).snapshot()).toEqual(create(8, 4)().snapshot());
  });

  it('a policy that there is not is refused by name', () => {
    const policy = 'worst-fit' as PolicyName;
    expect(() => createExtentPool({ tag: 0, frames: 8, granuleFrames: 4, policy })).toThrow(
      'policy "worst-fit": known are granule-aware, best-fit, first-fit',
    );
  });

  it('have one of three policies, the granule-aware one unless told otherwise', () => {
    expect(POLICY_NAMES).toEqual(['granule-aware', 'best-fit', 'first-fit']);
    const [bytes, ...others] = [undefined, ...POLICY_NAMES].map((policy) =>
      createExtentPool({
        tag: 0,
        frames: 64,
        granuleFrames: 8,
        policy: policy ?? POLICY_NAMES[0],
      }).snapshot(),
    );
    expect(create(64, 8)().snapshot()).toEqual(bytes);
    expect(new Set(others.map((other) => new Int32Array(other.buffer)[POLICY]))).toEqual(
      new Set([1, 2, 3]),
    );
  });

  it.each(POLICY_NAMES)('%s: the largest and the smallest of each are taken', (policy) => {
    for (const [frames, granuleFrames, tag] of [
      [MAX_FRAMES, MAX_GRANULE, 255],
      [MAX_FRAMES, 1, 0],
      [1, 1, 0],
      [1, MAX_GRANULE, 1],
    ]) {
      const pool = createExtentPool({ frames, granuleFrames, tag, policy });
      expect([...pool.extents()]).toEqual([{ start: 0, frames, owner: 0, handle: 0 }]);
      expect(pool.granuleFrames).toBe(granuleFrames);
      expect(pool.freeGranules).toBe(Math.floor(frames / granuleFrames));
      expect(pool.find(frames, 1)).toBe(0);
      expect(pool.verifyIndex()).toEqual([]);
      const last = pool.allocAt(frames - 1, 1, 7);
      expect(pool.at(last)).toEqual({ start: frames - 1, frames: 1, owner: 7, handle: last });
      expect(pool.verifyIndex()).toEqual([]);
    }
  });

  it('a handle tells its store: the tag and the slot are in it, and the first generation is 1', () => {
    const handle = createExtentPool({ frames: 8, granuleFrames: 4, tag: 3 }).allocAt(0, 8, 9);
    expect(handle).toBe(2 ** 32 + 3 * 2 ** 24);
  });

  it('a snapshot is of one policy, granule, tag and size', () => {
    const shape = { frames: 64, granuleFrames: 8, tag: 1, policy: 'best-fit' } as const;
    const bytes = createExtentPool(shape).snapshot();
    createExtentPool(shape).restore(bytes);
    for (const other of [
      { ...shape, frames: 65 },
      { ...shape, granuleFrames: 4 },
      { ...shape, tag: 2 },
      { ...shape, policy: 'first-fit' },
    ] as const) {
      expect(() => createExtentPool(other).restore(bytes)).toThrow(/of another store/);
    }
  });

  it('blocks are four granules, and wider where a set of blocks would not hold them', () => {
    expect([blockShiftOf(1000, 3), blockShiftOf(2 ** 18, 3)]).toEqual([5, 5]);
    expect([blockShiftOf(2 ** 20, 3), blockShiftOf(2 ** 20 + 1, 3)]).toEqual([5, 6]);
    expect([blocksOf(64, 4), blocksOf(65, 4), blocksOf(1, 4)]).toEqual([4, 5, 1]);
  });
});
