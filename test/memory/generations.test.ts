/**
 * Records that run out of generations: the last handle of each is given out, and then the record is
 * never used again. The generations are written into a snapshot; two million lives are in adversarial.
 */
import { describe, expect, it } from 'vitest';
import * as layout from '../../core/memory/extent-layout.js';
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import { LAST_GENERATION } from '../../core/memory/extent-records.js';
import { FREE } from '../../core/memory/extent-store.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';

const { FIRST_RECORD, GENERATION, OWNER, RECORD_WORDS, SPENT } = layout;

/** The pool with every record's next handle of this generation. */
function aged(pool: ExtentPool, generation: number): ExtentPool {
  const words = new Int32Array(pool.snapshot().buffer);
  for (let at = words[FIRST_RECORD]; at < words.length; at += RECORD_WORDS) {
    words[at + GENERATION] = generation;
  }
  pool.restore(new Uint8Array(words.buffer));
  return pool;
}

function spentIn(pool: ExtentPool): number {
  const words = new Int32Array(pool.snapshot().buffer);
  const records = [...words.keys()].filter((at) => at >= words[FIRST_RECORD]);
  return records
    .filter((at) => (at - words[FIRST_RECORD]) % RECORD_WORDS === 0)
    .filter((at) => words[at + OWNER] === SPENT).length;
}

describe.each(POLICY_NAMES)('generations, %s', (policy) => {
  const create = () => createExtentPool({ tag: 0, frames: 48, granuleFrames: 4, policy });

  /** Three runs, the middle one's neighbours free or held. */
  function threeRuns(generation: number, below: boolean, above: boolean, from = 16) {
    const pool = create();
    const first = pool.allocAt(0, from, 5);
    const last = pool.allocAt(32, 16, 6);
    pool.allocAt(from, 32 - from, 7);
    if (!below) pool.free(first);
    if (!above) pool.free(last);
    aged(pool, generation);
    return { pool, middle: pool.covering(from).handle };
  }

  const AROUND = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const;

  it.each(AROUND)(
    'held below: %s, above: %s: the last handle works, and is stale once freed',
    (below, above) => {
      for (const [generation, spent] of [
        [LAST_GENERATION - 1, 0],
        [LAST_GENERATION, 1],
      ]) {
        const { pool, middle } = threeRuns(generation, below, above);
        const plain = threeRuns(1, below, above);
        expect(pool.at(middle)).toMatchObject({ start: 16, frames: 16, owner: 7 });
        pool.free(middle);
        plain.pool.free(plain.middle);
        expect(spentIn(pool)).toBe(spent);
        expect(() => pool.at(middle)).toThrow(/stale/);
        expect(() => pool.free(middle)).toThrow(/stale/);
        const runs = (of: ExtentPool) =>
          [...of.extents()].map(({ start, frames, owner }) => [start, frames, owner]);
        expect(runs(pool)).toEqual(runs(plain.pool));
        expect(pool.freeFrames).toBe(plain.pool.freeFrames);
        expect(pool.verifyIndex()).toEqual([]);
      }
    },
  );

  it.each(AROUND)(
    'held below: %s, above: %s: what lies in the same block is still found',
    (below, above) => {
      // Blocks of eight frames: the middle run begins in the block that the first one begins in.
      const { pool, middle } = threeRuns(LAST_GENERATION, below, above, 3);
      pool.free(middle);
      expect(pool.verifyIndex()).toEqual([]);
      expect(pool.covering(2).owner).toBe(below ? 5 : FREE);
      expect(pool.covering(5).owner).toBe(FREE);
      expect(pool.covering(5).start).toBe(below ? 3 : 0);
    },
  );

  it.each(AROUND)(
    'held below: %s, above: %s: a rollback brings the last handle back',
    (below, above) => {
      const { pool, middle } = threeRuns(LAST_GENERATION, below, above);
      const before = Buffer.from(pool.snapshot());
      const mark = pool.mark();
      pool.free(middle);
      expect(spentIn(pool)).toBe(1);
      pool.alloc(3, 1, 9);
      pool.rollback(mark);
      expect(before.equals(pool.snapshot())).toBe(true);
      expect(pool.at(middle)).toMatchObject({ start: 16, owner: 7 });
      expect(pool.verifyIndex()).toEqual([]);
    },
  );

  it('the record of a whole node is replaced, too', () => {
    const pool = create();
    pool.allocAt(0, 48, 7);
    aged(pool, LAST_GENERATION);
    pool.free(pool.covering(0).handle);
    expect(spentIn(pool)).toBe(1);
    expect(pool.verifyIndex()).toEqual([]);
    // Neither shape nor counters took harm: another pool of this shape takes the snapshot on.
    const other = create();
    other.restore(pool.snapshot());
    expect([...other.extents()]).toEqual([{ start: 0, frames: 48, owner: FREE, handle: 0 }]);
    expect(other.alloc(48, 1, 7)).toBeGreaterThan(0);
  });

  it('the lowest and the highest record of a node are replaced among others', () => {
    for (const frame of [0, 47]) {
      const { pool } = threeRuns(LAST_GENERATION, true, true);
      pool.free(pool.covering(frame).handle);
      expect(spentIn(pool)).toBe(1);
      expect(pool.covering(frame)).toMatchObject({ frames: 16, owner: FREE });
      expect(pool.verifyIndex()).toEqual([]);
      create().restore(pool.snapshot());
    }
  });

  it('a record that is replaced below another one of its block leaves that one the last', () => {
    const { pool } = threeRuns(LAST_GENERATION, true, true, 3);
    pool.free(pool.covering(0).handle);
    expect(spentIn(pool)).toBe(1);
    expect(pool.covering(5)).toMatchObject({ start: 3, owner: 7 });
    expect(pool.verifyIndex()).toEqual([]);
  });

  it('every handle is a safe integer: the last generation of a record is 2,097,151', () => {
    const pool = createExtentPool({ frames: 48, granuleFrames: 4, policy, tag: 255 });
    pool.allocAt(0, 48, 7);
    for (const [generation, spent] of [
      [2 ** 21 - 2, 0],
      [2 ** 21 - 1, 1],
    ]) {
      aged(pool, generation);
      const { handle } = pool.covering(0);
      expect(Number.isSafeInteger(handle)).toBe(true);
      expect(Math.floor(handle / 2 ** 32)).toBe(generation);
      pool.free(handle);
      expect(spentIn(pool)).toBe(spent);
      pool.allocAt(0, 48, 7);
    }
  });

  it('a spent record is never handed out again, and its handles stay stale', () => {
    const { pool, middle } = threeRuns(LAST_GENERATION, true, true);
    pool.free(middle);
    const handles: number[] = [];
    for (let i = 0; i < 16; i++) handles.push(pool.alloc(1, 1, 8));
    expect(handles.map((handle) => handle % 2 ** 24)).not.toContain(middle % 2 ** 24);
    expect(() => pool.at(middle)).toThrow(/stale/);
    for (const handle of handles) pool.free(handle);
    expect(spentIn(pool)).toBeGreaterThanOrEqual(1);
    expect(pool.verifyIndex()).toEqual([]);
  });
});
