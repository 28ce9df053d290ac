/**
 * What a node's memory is asked, on a node after churn at 90 %.
 *
 * Invariant: each query has a loop of its own; a shared one would measure the call of what it is
 * handed. Trade-off: the common state of a node; the states that are worst for a query are in
 * `worst-queries`.
 */
import type { ExtentPool } from '../../core/memory/extent-pool.js';
import { GRANULE } from '../trace-file.js';
import { atBothSizes, churnedPool } from './churned.js';
import { type Body, secondary, type Work } from './measure.js';

const QUERIES = 1024;

export function queryBodies(): readonly Body[] {
  return [
    ...asked('query: 1G pages possible', (pool) => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.freeUnits(GRANULE);
      return sum;
    }),
    ...asked('query: largest free run', (pool) => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.largestFreeRun();
      return sum;
    }),
    ...asked('query: largest run of 1G pages', (pool) => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.largestGranuleRun();
      return sum;
    }),
    ...asked('query: free frames', (pool) => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.freeFrames;
      return sum;
    }),
    ...secondary([
      ...asked('alloc and free of one frame', allocAndFree),
      ...asked('alloc and free of one frame, measures kept', allocAndFree, true),
      ...asked('the same, largest free run asked in between', (pool) => {
        let sum = 0;
        for (let i = 0; i < QUERIES; i++) {
          const handle = pool.alloc(1, 1, 1);
          sum += pool.largestFreeRun();
          pool.free(handle);
        }
        return sum;
      }),
    ]),
  ];
}

function allocAndFree(pool: ExtentPool): number {
  for (let i = 0; i < QUERIES; i++) pool.free(pool.alloc(1, 1, 1));
  return pool.freeFrames;
}

/** `ask` asks QUERIES times and answers a sum, so that nothing is asked in vain. */
function asked(what: string, ask: (pool: ExtentPool) => number, measured = false): Body[] {
  return atBothSizes(what, (size): Work => {
    const pool = churnedPool(size, measured);
    return {
      batch: QUERIES,
      run: () => {
        if (ask(pool) < 0) throw new Error('a count below zero');
      },
    };
  });
}
