/** The store of a node without memory: the contract of `extent-store` for zero frames. */
import { describe, expect, it } from 'vitest';
import { createEmptyStore } from '../../core/memory/empty-store.js';
import { layFootprint } from '../../core/memory/footprint.js';
import { planHugepages } from '../../core/memory/hugepages.js';
import { createNodeMemory, inUsePages, pagesOf } from '../../core/memory/node-memory.js';

describe('empty store', () => {
  const store = createEmptyStore(512);

  it('finds nothing, takes nothing, lists nothing', () => {
    expect([store.find(1, 1), store.findLowest(1, 1, 0), store.alloc(1, 1, 5)]).toEqual([
      -1, -1, 0,
    ]);
    expect([store.freeUnits(1), store.largestFreeRun(), store.largestGranuleRun()]).toEqual([
      0, 0, 0,
    ]);
    expect([...store.extents()]).toEqual([]);
    expect(store.verifyIndex()).toEqual([]);
  });

  it('throws where an extent pool would: bad requests, frames and handles that are not there', () => {
    expect(() => store.find(0, 1)).toThrow(/request of 0 frames/);
    expect(() => store.alloc(1, 1, 0)).toThrow(/owner 0/);
    expect(() => store.allocAt(0, 1, 5)).toThrow(/without memory/);
    expect(() => store.freeRange(0, 1)).toThrow(/without memory/);
    for (const call of [store.free, store.at, store.covering]) {
      expect(() => call(1)).toThrow(/without memory/);
    }
    expect(() => store.setOwner(1, 5)).toThrow(/handle 1 .*without memory/);
    expect(() => store.free(2)).toThrow(/handle 2 /);
    expect(() => store.at(3)).toThrow(/handle 3 /);
    expect(() => store.covering(4)).toThrow(/frame 4 /);
  });

  it('comes back from its own snapshot, and from no other', () => {
    store.restore(store.fork().snapshot());
    store.rollback(store.mark());
    expect(() => store.restore(new Uint8Array(4))).toThrow(/4 bytes/);
  });
});

describe('a node without memory', () => {
  const shape = { node: 1, frameKib: 2048, frames: 0, pageSizesKib: [2048, 1024 ** 2] };

  it('has pools of no pages, which no write makes larger', () => {
    const memory = createNodeMemory(shape);
    for (const [size, pool] of memory.pools.entries()) {
      expect([pagesOf(pool), inUsePages(pool)]).toEqual([0, 0]);
      expect(planHugepages(memory, size, 5)).toEqual({ grow: true, runs: [], resulting: 0 });
    }
    expect(memory.snapshot()).toEqual(new Uint8Array(0));
    expect(memory.fork().verifyIndex()).toEqual([]);
  });

  it.each([
    { kind: 'fresh', usableMib: 0, bootNode: false },
    { kind: 'uptime', usableMib: 0, bootNode: false, days: 9, seed: 1 },
    { kind: 'explicit', freeKib: [] },
  ] as const)('takes a footprint of nothing: $kind', (footprint) => {
    expect(layFootprint(createNodeMemory(shape), footprint).raggedFreeKib).toBe(0);
    const usable = { kind: 'fresh', usableMib: 2, bootNode: false } as const;
    expect(() => layFootprint(createNodeMemory(shape), usable)).toThrow(/0 frames installed/);
  });
});
