/** The extent pool: the common laws under every policy and granule, and planted faults found. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import type { ExtentStore } from '../../core/memory/extent-store.js';
import { POLICY_NAMES } from '../../core/memory/policies.js';
import { alteredStore } from '../kit/altered-store.js';
import { churn, compareBestFit, fixedSteps } from './store-churn.js';
import { extentStoreLaws } from './store-laws.js';

for (const policy of POLICY_NAMES) {
  for (const granuleFrames of [1, 4, 512]) {
    extentStoreLaws(`${policy}, granule of ${granuleFrames}`, (frames, tag = 0) =>
      createExtentPool({ frames, tag, granuleFrames, policy }),
    );
  }
  // A measured node has 2^20 granules at most, and the laws know one of 24 TiB.
  extentStoreLaws(`${policy}, measured`, (frames, tag = 0) => {
    const granuleFrames = frames > 2 ** 20 ? 16_384 : 4;
    return createExtentPool({ frames, tag, granuleFrames, policy, measured: true });
  });
}

const bestFit = (frames: number, tag = 0) =>
  createExtentPool({ frames, tag, granuleFrames: 4, policy: 'best-fit' });

describe('best fit', () => {
  it('find is best fit, lowest address on ties', () => {
    const occupancy = fc.array(fc.tuple(fc.nat({ max: 39 }), fc.integer({ min: 1, max: 5 })));
    const ask = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(1, 2, 3, 4, 8));
    fc.assert(
      fc.property(occupancy, ask, (claims, [frames, align]) => {
        const store = bestFit(48);
        for (const [start, count] of claims) {
          const run = store.covering(start);
          if (run.owner === 0 && start + count <= run.start + run.frames) {
            store.allocAt(start, count, 3);
          }
        }
        compareBestFit(store, frames, align);
      }),
    );
  });

  it('the shorter of two runs is used, not the lower one', () => {
    const store = bestFit(16);
    store.allocAt(6, 1, 3);
    store.allocAt(9, 7, 3);
    expect(store.find(2, 1)).toBe(7);
    expect(store.findLowest(2, 1)).toBe(0);
  });

  it('a mark of a store of another shape is refused', () => {
    const mark = bestFit(8).mark();
    expect(() => bestFit(9).rollback(mark)).toThrow(/another store/);
    expect(() => bestFit(8, 1).rollback(mark)).toThrow(/another store/);
  });
});

describe('found bugs', () => {
  it('a piece taken off the longest run left the length of that run as it was', () => {
    const pool = createExtentPool({ tag: 0, frames: 64, granuleFrames: 8 });
    const [first, second] = [pool.alloc(3, 1, 5), pool.alloc(1, 1, 5)];
    pool.free(second);
    expect(pool.largestFreeRun()).toBe(61);
    pool.alloc(2, 1, 6);
    expect(pool.largestFreeRun()).toBe(59);
    pool.free(first);
    expect(pool.largestFreeRun()).toBe(59);
  });
});

type Fault = (store: ExtentStore) => Partial<ExtentStore>;

/** A store with a fault that its forks have too. */
function withFault(store: ExtentStore, fault: Fault): ExtentStore {
  return alteredStore(store, { fork: () => withFault(store.fork(), fault), ...fault(store) });
}

function churnWith(fault: Fault, frames: number): () => void {
  const create = (count: number) => withFault(bestFit(count), fault);
  return () => churn(create, frames, fixedSteps(400));
}

describe('the churn finds planted faults', () => {
  it('control: without a fault nothing is found', () => {
    expect(churnWith(() => ({}), 32)).not.toThrow();
  });

  it('find refuses the last frame', () => {
    const fault: Fault = (store) => ({
      find: (frames, align) => {
        const place = store.find(frames, align);
        return place + frames === store.frames ? -1 : place;
      },
    });
    expect(churnWith(fault, 8)).toThrow(/a place exists/);
  });

  it('rollback that does nothing', () => {
    expect(churnWith(() => ({ rollback: () => undefined }), 32)).toThrow(/rollback/);
  });

  it('free that frees one frame too few', () => {
    const fault: Fault = (store) => ({
      free: (handle) => {
        const { start, frames } = store.at(handle);
        store.freeRange(start, Math.max(1, frames - 1));
      },
    });
    expect(churnWith(fault, 32)).toThrow(/extents/);
  });

  it('a fork that is the store itself', () => {
    expect(churnWith((store) => ({ fork: () => store }), 32)).toThrow(/fork/);
  });
});
