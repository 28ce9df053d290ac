/**
 * Snapshot, fork, restore and undo of a node after churn at 90 %, beside bare copies of as many bytes.
 *
 * Invariant: a bare copy does nothing but what a snapshot must. Trade-off: the collector of fresh memory
 * runs in some of the calls and not in others, so medians say more than minima.
 */
import { atBothSizes, churnedPool } from './churned.js';
import { type Body, secondary } from './measure.js';

export function copyBodies(): readonly Body[] {
  return [
    ...atBothSizes('a bare copy of as many bytes', (size) => {
      const bytes = churnedPool(size).snapshot();
      const into = new Uint8Array(bytes.length);
      return { batch: 1, run: () => into.set(bytes) };
    }),
    ...atBothSizes('a bare copy into fresh memory', (size) => {
      const bytes = churnedPool(size).snapshot();
      return { batch: 1, run: () => void bytes.slice() };
    }),
    ...atBothSizes('snapshot', (size) => {
      const pool = churnedPool(size);
      return { batch: 1, run: () => void pool.snapshot() };
    }),
    ...atBothSizes('snapshot into memory at hand', (size) => {
      const pool = churnedPool(size);
      const into = new Uint8Array(pool.bytes);
      return { batch: 1, run: () => void pool.snapshot(into) };
    }),
    ...atBothSizes('fork', (size) => {
      const pool = churnedPool(size);
      return { batch: 1, run: () => void pool.fork() };
    }),
    ...secondary([
      ...atBothSizes('restore', (size) => {
        const pool = churnedPool(size);
        const bytes = pool.snapshot();
        return { batch: 1, run: () => pool.restore(bytes) };
      }),
      ...atBothSizes('mark, alloc, free, rollback', (size) => {
        const pool = churnedPool(size);
        return {
          batch: 1,
          run: () => {
            const mark = pool.mark();
            pool.free(pool.alloc(1, 1, 1));
            pool.rollback(mark);
          },
        };
      }),
    ]),
  ];
}
