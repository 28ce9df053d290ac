/**
 * The two nodes of the queries and copies, 1 TiB and 24 TiB, after churn at 90 %.
 *
 * Invariant: a body at one size has its like at the other, under the same name but for the size.
 * Trade-off: one seed, since what is compared is the size.
 */
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import { ALIGNED, FREED, GRANULE, SLOT_MASK, type Trace, traceOf } from '../trace-file.js';
import { type WorkloadName, workload } from '../workloads.js';
import type { Body, Work } from './measure.js';

const CHURN = 60_000;
const SEED = 1;

export const NODE_SIZES = ['1 TiB', '24 TiB'] as const;
export type NodeSize = (typeof NODE_SIZES)[number];

const WORKLOADS: Readonly<Record<NodeSize, WorkloadName>> = { '1 TiB': 'a90', '24 TiB': 'd24t' };

/** The body at both sizes. */
export function atBothSizes(what: string, prepare: (size: NodeSize) => Work): Body[] {
  return NODE_SIZES.map((size) => ({ name: `${what}, ${size}`, prepare: () => prepare(size) }));
}

/** A pool after the trace of its size; `measured` as in its shape. */
export function churnedPool(size: NodeSize, measured = false): ExtentPool {
  return churned(traceOf(workload(WORKLOADS[size], SEED, CHURN)), measured);
}

function churned({ frames, words, operations, slots }: Trace, measured: boolean): ExtentPool {
  const pool = createExtentPool({ tag: 0, frames, granuleFrames: GRANULE, measured });
  const handles = new Float64Array(slots);
  for (let i = 0; i < operations; i++) {
    const slot = words[2 * i] & SLOT_MASK;
    if ((words[2 * i] & FREED) !== 0) {
      if (handles[slot] !== 0) pool.free(handles[slot]);
      handles[slot] = 0;
    } else {
      const align = (words[2 * i] & ALIGNED) !== 0 ? GRANULE : 1;
      handles[slot] = pool.alloc(words[2 * i + 1], align, 1);
    }
  }
  return pool;
}
