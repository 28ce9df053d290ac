/** Node memory: base and pools in step, over reserve, release, mark, rollback and fork. */
import { describe, expect, it } from 'vitest';
import {
  createNodeMemory,
  freePages,
  inUsePages,
  LEAKED,
  OUTSIDE,
  POOL,
  pagesOf,
  releasePages,
  reservePages,
} from '../../core/memory/node-memory.js';
import { drawnNode } from './pages.js';

const TASK = 100;
const picture = (memory: ReturnType<typeof drawnNode>) =>
  [...memory.base.extents()].map(({ start, frames, owner }) => [start, frames, owner]);

describe('page pools of a node', () => {
  it('reserve moves free frames into the pool as free pages; release moves them back', () => {
    const memory = drawnNode('................');
    reservePages(memory, 1, [2, 4, 8, 2]);
    expect(picture(memory)).toEqual([
      [0, 2, 0],
      [2, 4, POOL + 1],
      [6, 2, 0],
      [8, 2, POOL + 1],
      [10, 6, 0],
    ]);
    const [, pool] = memory.pools;
    expect([pagesOf(pool), freePages(pool), inUsePages(pool)]).toEqual([3, 3, 0]);
    releasePages(memory, 1, [4, 2]);
    expect([pagesOf(pool), memory.base.freeFrames]).toEqual([2, 12]);
    expect(memory.verifyIndex()).toEqual([]);
  });

  it('pages in use and leaked pages count as pages, not as free ones', () => {
    const memory = drawnNode('................');
    reservePages(memory, 1, [0, 8]);
    const [, pool] = memory.pools;
    pool.store.allocAt(0, 2, TASK);
    pool.store.allocAt(4, 2, LEAKED);
    expect([pagesOf(pool), freePages(pool), inUsePages(pool)]).toEqual([4, 2, 2]);
    expect(memory.verifyIndex()).toEqual([]);
  });

  it('neighbouring reservations join, so that one run releases both', () => {
    const memory = drawnNode('........');
    reservePages(memory, 0, [0, 2]);
    reservePages(memory, 0, [4, 2]);
    reservePages(memory, 0, [2, 2]);
    expect(picture(memory)).toEqual([
      [0, 6, POOL],
      [6, 2, 0],
    ]);
    releasePages(memory, 0, [0, 6]);
    expect(picture(memory)).toEqual([[0, 8, 0]]);
    expect([...memory.pools[0].store.extents()]).toHaveLength(1);
    expect(memory.pools[0].store.covering(0).owner).toBe(OUTSIDE);
  });

  it('programming errors throw: taken frames, half pages, pages in use', () => {
    const memory = drawnNode('..#.....');
    expect(() => reservePages(memory, 1, [2, 2])).toThrow(/not all free/);
    expect(() => reservePages(memory, 1, [3, 2])).toThrow(/whole pages/);
    expect(() => reservePages(memory, 1, [4, 3])).toThrow('run [4, +3) is not whole pages of 2');
    reservePages(memory, 1, [4, 4]);
    memory.pools[1].store.allocAt(6, 2, TASK);
    expect(() => releasePages(memory, 1, [4, 4])).toThrow(/not all free/);
    expect(memory.verifyIndex()).toEqual([]);
  });

  it('page sizes must ascend in multiples of the frame', () => {
    const shape = { node: 0, frameKib: 2048, frames: 8 };
    for (const pageSizesKib of [[1024], [4096, 2048], [2048, 2048], [3000], [0]]) {
      expect(() => createNodeMemory({ ...shape, pageSizesKib })).toThrow(/page sizes/);
    }
  });

  it('rollback restores all stores to the byte, and a fork goes its own way', () => {
    const memory = drawnNode('................');
    reservePages(memory, 1, [0, 4]);
    const before = memory.snapshot();
    const mark = memory.mark();
    const fork = memory.fork();
    reservePages(memory, 2, [8, 8]);
    memory.pools[1].store.allocAt(0, 4, TASK);
    expect(memory.snapshot()).not.toEqual(before);
    expect(fork.snapshot()).toEqual(before);
    memory.rollback(mark);
    expect(memory.snapshot()).toEqual(before);
    reservePages(fork, 1, [4, 2]);
    expect(memory.snapshot()).toEqual(before);
  });

  it('verifyIndex sees base and pool out of step', () => {
    const memory = drawnNode('........');
    memory.pools[1].store.freeRange(2, 2);
    expect(memory.verifyIndex().join('\n')).toMatch(/base has 0/);
    const other = drawnNode('........');
    other.base.allocAt(0, 2, POOL + 1);
    expect(other.verifyIndex()).toEqual(['pool 1: 0 frames, base has 2']);
    const odd = drawnNode('........');
    odd.base.allocAt(1, 1, POOL + 1);
    odd.pools[1].store.freeRange(1, 1);
    expect(odd.verifyIndex().join('\n')).toMatch(/not whole pages/);
  });

  it('names a pool that is held where base is not, and pages that are not whole at one end', () => {
    const problems = (run: readonly [number, number]) => {
      const memory = drawnNode('........');
      memory.base.allocAt(run[0], run[1], POOL + 1);
      memory.pools[1].store.freeRange(run[0], run[1]);
      return memory.verifyIndex();
    };
    expect(problems([2, 4])).toEqual([]);
    expect(problems([2, 3])).toEqual(['pool 1 [2, +3): not whole pages of 2 frames']);
    expect(problems([1, 2])).toEqual(['pool 1 [1, +2): not whole pages of 2 frames']);
    // As many frames in both, but not the same ones.
    const memory = drawnNode('........');
    memory.pools[1].store.freeRange(2, 4);
    memory.base.allocAt(2, 2, POOL + 1);
    memory.base.allocAt(6, 2, POOL + 1);
    expect(memory.verifyIndex()).toEqual(['pool 1 [2, +4): base has 0']);
  });

  it('reserving what is reserved already is refused and changes nothing', () => {
    const memory = drawnNode('................');
    reservePages(memory, 1, [0, 8]);
    const before = memory.snapshot();
    expect(() => reservePages(memory, 1, [2, 2])).toThrow('frames [2, +2) are not all free');
    expect(memory.snapshot()).toEqual(before);
  });

  it('a snapshot is those of base and pools, one after the other', () => {
    const memory = drawnNode('................');
    reservePages(memory, 1, [2, 4]);
    const parts = [memory.base, ...memory.pools.map(({ store }) => store)];
    expect(Buffer.from(memory.snapshot())).toEqual(
      Buffer.concat(parts.map((store) => store.snapshot())),
    );
  });

  it('granules are what a page of 1 GiB takes, and a frame where that is larger', () => {
    const granule = (frameKib: number) => {
      return createNodeMemory({ node: 0, frameKib, frames: 4, pageSizesKib: [frameKib] }).base
        .granuleFrames;
    };
    expect([4096, 2048, 64].map(granule)).toEqual([256, 512, 16_384]);
    expect([1024 ** 2, 2 * 1024 ** 2].map(granule)).toEqual([1, 1]);
  });

  it('a handle of one node is refused by every store of the next one', () => {
    const storesOf = (node: number) => {
      const sizes = { frameKib: 2048, frames: 8, pageSizesKib: [2048, 4096, 16_384] };
      const { base, pools } = createNodeMemory({ node, ...sizes });
      return [base, ...pools.map(({ store }) => store)];
    };
    const [here, there] = [storesOf(0), storesOf(1)];
    for (const store of [...here, ...there]) {
      if (store.freeFrames === 0) store.freeRange(0, 8);
      store.allocAt(0, 8, TASK);
    }
    for (const store of here) {
      for (const other of there) {
        expect(() => other.at(store.covering(0).handle)).toThrow(/another store/);
      }
    }
  });

  it('a handle of one pool is refused by another pool and by the base', () => {
    const memory = drawnNode('................');
    reservePages(memory, 0, [0, 2]);
    reservePages(memory, 1, [2, 2]);
    const handle = memory.pools[0].store.allocAt(0, 1, TASK);
    memory.pools[1].store.allocAt(2, 2, TASK);
    expect(() => memory.pools[1].store.free(handle)).toThrow(/another store/);
    expect(() => memory.base.free(handle)).toThrow(/another store/);
  });
});
