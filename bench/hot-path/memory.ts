/**
 * What else a node's memory is asked: O(1) queries, snapshot, fork, restore, undo, and the reservation
 * of 1 GiB pages, all on a node after churn at 90 %.
 */
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import { planHugepages } from '../../core/memory/hugepages.js';
import {
  createNodeMemory,
  PARENT,
  releasePages,
  reservePages,
} from '../../core/memory/node-memory.js';
import { ALIGNED, FREED, GRANULE, SLOT_MASK, type Trace, traceOf } from '../trace-file.js';
import { type WorkloadName, workload } from '../workloads.js';
import type { Body } from './measure.js';

const QUERIES = 1024;
const CHURN = 60_000;
const SEED = 1;
const FRAME_KIB = 2048;
const GIB_KIB = 1024 ** 2;
const PAGES = 64;

export function memoryBodies(): Body[] {
  return [...storeBodies('1 TiB', 'a90'), ...storeBodies('24 TiB', 'd24t'), ...pageBodies()];
}

function storeBodies(size: string, name: WorkloadName): Body[] {
  const pool = churned(traceOf(workload(name, SEED, CHURN)));
  const bytes = pool.snapshot();
  const into = new Uint8Array(bytes.length);
  let seen = 0;
  const batch = (what: string, run: () => void): Body => ({
    name: `${what}, ${size}`,
    batch: QUERIES,
    run,
  });
  const once = (what: string, run: () => void): Body => ({
    name: `${what}, ${size}`,
    batch: 1,
    run,
  });
  // Each query has a loop of its own: a shared one would measure the call of what it is handed.
  return [
    batch('query: 1G pages possible', () => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.freeUnits(GRANULE);
      seen = sum;
    }),
    batch('query: largest free run', () => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.largestFreeRun();
      seen = sum;
    }),
    batch('query: largest run of 1G pages', () => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.largestGranuleRun();
      seen = sum;
    }),
    batch('query: free frames', () => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) sum += pool.freeFrames;
      seen = sum;
    }),
    batch('alloc and free of one frame', () => {
      for (let i = 0; i < QUERIES; i++) pool.free(pool.alloc(1, 1, 1));
    }),
    batch('the same, largest free run asked in between', () => {
      let sum = 0;
      for (let i = 0; i < QUERIES; i++) {
        const handle = pool.alloc(1, 1, 1);
        sum += pool.largestFreeRun();
        pool.free(handle);
      }
      seen = sum;
      if (seen < 0) throw new Error('a count below zero');
    }),
    once('a bare copy of as many bytes', () => into.set(bytes)),
    once('a bare copy into fresh memory', () => void bytes.slice()),
    once('snapshot', () => void pool.snapshot()),
    once('snapshot into memory at hand', () => void pool.snapshot(into)),
    once('fork', () => void pool.fork()),
    once('restore', () => pool.restore(bytes)),
    once('mark, alloc, free, rollback', () => {
      const mark = pool.mark();
      pool.free(pool.alloc(1, 1, 1));
      pool.rollback(mark);
    }),
  ];
}

/** A pool after a trace. */
function churned({ frames, words, operations, slots }: Trace): ExtentPool {
  const pool = createExtentPool({ frames, granuleFrames: GRANULE });
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

/** A 24 TiB node in which two of three granules are spoilt by one unmovable block each. */
function pageBodies(): Body[] {
  const frames = 24 * 1024 * GRANULE;
  const shape = { node: 0, frameKib: FRAME_KIB, frames, pageSizesKib: [FRAME_KIB, GIB_KIB] };
  const memory = createNodeMemory(shape);
  for (let granule = 0; granule < frames / GRANULE; granule++) {
    if (granule % 3 !== 2) memory.base.allocAt(granule * GRANULE + (granule % GRANULE), 1, PARENT);
  }
  const plan = planHugepages(memory, 1, PAGES);
  if (plan.resulting !== PAGES) throw new Error(`${plan.resulting} pages instead of ${PAGES}`);
  return [
    {
      name: `reserve and release ${PAGES} 1G pages, fragmented 24 TiB`,
      batch: 1,
      run: () => {
        const grow = planHugepages(memory, 1, PAGES);
        reservePages(memory, 1, grow.runs);
        releasePages(memory, 1, planHugepages(memory, 1, 0).runs);
      },
    },
  ];
}
