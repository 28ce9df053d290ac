/**
 * Queries on nodes that are worst for them: thousands of free runs of one length, the longest of them
 * just taken; units that no counter is kept of.
 *
 * A query that is O(1) costs the same on a node of 1 TiB with 1,024 extents as on one of 24 TiB with
 * 24,576. The pools are measured; those that only remember their longest runs stand beside them.
 * Invariant: a body leaves the node as it found it. Trade-off: what asks after a change includes
 * the change, an allocation and its release, whose own cost is among the queries.
 */
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import {
  fragmentationOf,
  largestAlignedRun,
  unusableFreeByOrder,
} from '../../core/memory/fragmentation.js';
import { GRANULE } from '../trace-file.js';
import { atBothSizes, type NodeSize } from './churned.js';
import { type Body, secondary } from './measure.js';

const CALLS = 16;
const GRANULES: Readonly<Record<NodeSize, number>> = { '1 TiB': 1024, '24 TiB': 24 * 1024 };
/** Granules of a run so long that one holder of a frame is all there is between two of them. */
const LONG_RUN = 95;
const ODD_UNIT = 7;
/** Up to blocks of 1 TiB. */
const MAX_ORDER = 19;
const HOLDER = 1;

export function worstQueryBodies(): readonly Body[] {
  const [equal, only, ...others] = afterAChange(true);
  return [
    ...equal,
    ...only,
    ...secondary([
      ...others.flat(),
      ...afterAChange(false).flat(),
      ...asked('units of two granules', equalRuns, (pool) => pool.freeUnits(2 * GRANULE)),
      ...asked('units of 7 frames', equalRuns, (pool) => pool.freeUnits(ODD_UNIT)),
      ...asked(
        'fragmentation index of two granules',
        equalRuns,
        (pool) => fragmentationOf(pool, 2 * GRANULE).fragmentationIndex,
      ),
      ...asked('unusable free index, 20 orders', equalRuns, (pool) =>
        unusableFreeByOrder(pool, MAX_ORDER).reduce((sum, index) => sum + index, 0),
      ),
    ]),
  ];
}

/** What is asked when the answer has just changed, of pools that are measured or that remember. */
function afterAChange(measured: boolean): Body[][] {
  const named = (what: string) => (measured ? what : `${what}, remembered`);
  return [
    asked(
      named('largest free run, one of equal longest runs just taken'),
      equalRuns,
      (pool) => whileTaken(pool, GRANULE, 1, () => pool.largestFreeRun()),
      measured,
    ),
    asked(
      named('largest free run, the only longest run just taken'),
      oneLonger,
      (pool) => whileTaken(pool, GRANULE + 1, 1, () => pool.largestFreeRun()),
      measured,
    ),
    asked(
      named('largest run of 1G pages, a long run just broken'),
      longRuns,
      (pool) => whileTaken(pool, LONG_RUN * GRANULE, GRANULE, () => pool.largestGranuleRun()),
      measured,
    ),
    asked(
      named('largest run of aligned 2G units, a long run just broken'),
      longRuns,
      (pool) =>
        whileTaken(pool, LONG_RUN * GRANULE, GRANULE, () => largestAlignedRun(pool, 2 * GRANULE)),
      measured,
    ),
  ];
}

function asked(
  what: string,
  lay: (pool: ExtentPool, granules: number) => void,
  ask: (pool: ExtentPool) => number,
  measured = true,
): Body[] {
  return atBothSizes(`worst: ${what}`, (size) => {
    const granules = GRANULES[size];
    const shape = { tag: 0, frames: granules * GRANULE, granuleFrames: GRANULE, measured };
    const pool = createExtentPool(shape);
    lay(pool, granules);
    return {
      batch: CALLS,
      run: () => {
        for (let i = 0; i < CALLS; i++) if (ask(pool) < 0) throw new Error('a count below zero');
      },
    };
  });
}

/** What `ask` answers while one more place is taken. */
function whileTaken(pool: ExtentPool, frames: number, align: number, ask: () => number): number {
  const handle = pool.alloc(frames, align, HOLDER);
  if (handle === 0) throw new Error(`no place for ${frames} frames`);
  const answer = ask();
  pool.free(handle);
  return answer;
}

/** Every other granule is free. */
function equalRuns(pool: ExtentPool, granules: number): void {
  for (let g = 0; g < granules; g += 2) pool.allocAt(g * GRANULE, GRANULE, HOLDER);
}

/** Every other granule is free, and one frame more after one of them. */
function oneLonger(pool: ExtentPool, granules: number): void {
  equalRuns(pool, granules);
  const middle = 2 * Math.floor(granules / 4);
  pool.freeRange(middle * GRANULE, 1);
}

/** Runs of LONG_RUN whole granules, one frame held in the granule after each. */
function longRuns(pool: ExtentPool, granules: number): void {
  for (let g = LONG_RUN; g < granules; g += LONG_RUN + 1) pool.allocAt(g * GRANULE, 1, HOLDER);
}
