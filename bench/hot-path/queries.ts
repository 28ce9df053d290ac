/**
 * What a node's memory is asked, on a node after churn at 90 %: of a pool as it is by default, and of one that
 * is measured.
 *
 * Invariant: each query has a loop of its own; a shared one would measure the call of what it is
 * handed. Trade-off: the common state of a node; the states that are worst for a query are in
 * `worst-queries`.
 */
import type { ExtentPool } from '../../core/memory/extent-pool.js';
import { fragmentationOf, largestAlignedRun } from '../../core/memory/fragmentation.js';
import { GRANULE } from '../trace-file.js';
import { atBothSizes, churnedPool } from './churned.js';
import { type Body, secondary, type Work } from './measure.js';
import {
  ALIGNED_RUN,
  FRAGMENTATION,
  FREE_FRAMES,
  LARGEST_RUN,
  PAGES,
  QUERIES,
  queryBody,
} from './query-names.js';

const CALLS = 1024;

/** Asks so many times and answers a sum, so that nothing is asked in vain. */
type Ask = (pool: ExtentPool, times: number) => number;

const ASKED: Readonly<Record<string, Ask>> = {
  [FREE_FRAMES]: (pool, times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += pool.freeFrames;
    return sum;
  },
  [PAGES]: (pool, times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += pool.freeUnits(GRANULE);
    return sum;
  },
  [LARGEST_RUN]: (pool, times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += pool.largestFreeRun();
    return sum;
  },
  [ALIGNED_RUN]: (pool, times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += largestAlignedRun(pool, 2 * GRANULE);
    return sum;
  },
  [FRAGMENTATION]: (pool, times) => {
    let sum = 0;
    for (let i = 0; i < times; i++) {
      // Thousandths: the first from 0 on, the second at most 1000.
      const { unusableFreeIndex, fragmentationIndex } = fragmentationOf(pool, 2 * GRANULE);
      sum += unusableFreeIndex - fragmentationIndex + 1000;
    }
    return sum;
  },
};

export function queryBodies(): readonly Body[] {
  const judged = [false, true].flatMap((measured) =>
    QUERIES.flatMap(({ what }) => asked(queryBody(what, measured), ASKED[what], measured)),
  );
  return [
    ...judged,
    ...secondary([
      ...asked('query: largest run of 1G pages', (pool, times) => {
        let sum = 0;
        for (let i = 0; i < times; i++) sum += pool.largestGranuleRun();
        return sum;
      }),
      ...asked('alloc and free of one frame', allocAndFree),
      ...asked('alloc and free of one frame, measures kept', allocAndFree, true),
      ...asked('the same, largest free run asked in between', (pool, times) => {
        let sum = 0;
        for (let i = 0; i < times; i++) {
          const handle = pool.alloc(1, 1, 1);
          sum += pool.largestFreeRun();
          pool.free(handle);
        }
        return sum;
      }),
    ]),
  ];
}

function allocAndFree(pool: ExtentPool, times: number): number {
  for (let i = 0; i < times; i++) pool.free(pool.alloc(1, 1, 1));
  return pool.freeFrames;
}

function asked(what: string, ask: Ask, measured = false): Body[] {
  return atBothSizes(what, (size): Work => {
    const pool = churnedPool(size, measured);
    return {
      batch: CALLS,
      run: () => {
        if (ask(pool, CALLS) < 0) throw new Error('a count below zero');
      },
    };
  });
}
