/**
 * Prints by how many bytes of heap an operation of a pool grows it: one JSON object, run in a process of
 * its own by `heap-growth.test`, as `node --expose-gc FILE POLICY`.
 *
 * Invariant: nothing is collected while it counts (the test gives the young generation room), and the
 * loops themselves keep handles in an array of doubles. Trade-off: warmed up first, for code that is not
 * compiled yet puts every double on the heap.
 */
import { createExtentPool } from '../../core/memory/extent-pool.js';
import type { PolicyName } from '../../core/memory/free-index.js';

const GRANULE = 512;
const SLOTS = 1024;
const OPERATIONS = 200_000;
/** Undoing costs ten times as much. */
const UNDONE = 20_000;
const WARM_UP = 20_000;
const OWNER = 7;

const pool = createExtentPool({
  tag: 0,
  frames: SLOTS * GRANULE,
  granuleFrames: GRANULE,
  // What the test passes.
  policy: process.argv[2] as PolicyName,
});
const handles = new Float64Array(SLOTS);
const slots = new Int32Array(4096);
const sizes = new Int32Array(4096);
const aligns = new Int32Array(4096).fill(1);

let state = 20221031;
const draw = (below: number): number => {
  state = (Math.imul(state, 1103515245) + 12345) | 0;
  return (state >>> 8) % below;
};
for (let i = 0; i < slots.length; i++) {
  slots[i] = draw(SLOTS);
  const isLarge = draw(10) < 2;
  sizes[i] = isLarge ? GRANULE * (1 + draw(4)) : 1 + draw(GRANULE);
  if (isLarge && draw(2) === 0) aligns[i] = GRANULE;
}

function choose(count: number): void {
  for (let i = 0; i < count; i++) {
    const slot = slots[i & 4095];
    const handle = handles[slot];
    if (handle === 0) handles[slot] = pool.alloc(sizes[i & 4095], aligns[i & 4095], OWNER);
    else {
      pool.free(handle);
      handles[slot] = 0;
    }
  }
}

function fixed(count: number): void {
  for (let i = 0; i < count; i++) {
    const slot = i & (SLOTS - 1);
    const handle = handles[slot];
    if (handle === 0) handles[slot] = pool.allocAt(slot * GRANULE + 17, 300, OWNER);
    else {
      pool.free(handle);
      handles[slot] = 0;
    }
  }
}

function undone(count: number): void {
  for (let i = 0; i < count; i++) {
    const mark = pool.mark();
    pool.alloc(sizes[i & 4095], 1, OWNER);
    pool.rollback(mark);
  }
}

function clear(): void {
  for (const handle of handles) if (handle !== 0) pool.free(handle);
  handles.fill(0);
}

/** Bytes an operation, the least of three rounds. */
function grown(run: (count: number) => void, operations = OPERATIONS): number {
  for (let round = 0; round < 10; round++) run(WARM_UP);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    run(operations);
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / operations);
  }
  clear();
  return least;
}

console.log(
  JSON.stringify({ choose: grown(choose), fixed: grown(fixed), undone: grown(undone, UNDONE) }),
);
