/**
 * Giving a whole pool back to the parent: CPUs online again, pages free again, nothing reserved.
 *
 * Used when the reservation service stops and when the parent itself goes down. Invariant: the
 * effects are right at the moment every enclave has ended and every page of the pools is free; put
 * the effects that end enclaves and tasks before them.
 * It is made of parts, so that whoever studies what a part looks at can do so (core/explore).
 * Trade-off: the state of that moment is computed from the host as it is now (cores that enclaves
 * still hold are counted in), so that one decision can do both.
 */

import { OUTSIDE, type PagePool } from '../memory/node-memory.js';
import { copyPool } from './apply.js';
import type { Effect } from './effect.js';
import type { Host } from './host.js';
import { newestFirst } from './records.js';
import { type CpuPool, emptyPool, type HostTree, type Reservation } from './tree.js';

/** What a service that is not running holds. */
export const NOTHING_RESERVED: Reservation = { state: 'inactive', pageKib: 0, memoryMib: 0 };

/** The parts of that, in their order; each looks at the host by itself. */
export interface PoolParts {
  readonly cpus: (host: Host) => readonly Effect[];
  readonly pages: (host: Host, node: number) => readonly Effect[];
  readonly reservation: (host: Host) => readonly Effect[];
}

export const POOL_PARTS: PoolParts = {
  cpus: returnCpus,
  pages: returnPages,
  reservation: endReservation,
};

/** Effects that empty the CPU pool and every page pool and make the reservation inactive. */
export function returnPool(host: Host, parts: PoolParts = POOL_PARTS): Effect[] {
  const pages = host.memory.flatMap((_, node) => parts.pages(host, node));
  return [...parts.cpus(host), ...pages, ...parts.reservation(host)];
}

function returnCpus({ tree }: Host): Effect[] {
  const pool = poolWithAllCores(tree);
  const effects: Effect[] = [];
  for (const cpu of pool.avail.flat().sort((a, b) => a - b)) {
    if (tree.online[cpu] === 0) effects.push({ kind: 'set-online', cpu, to: 1 });
  }
  if (pool.avail.length > 0) effects.push({ kind: 'set-pool', from: pool, to: emptyPool(0) });
  return effects;
}

function returnPages({ memory }: Host, node: number): Effect[] {
  return memory[node].pools.flatMap((pagePool, size): Effect[] => {
    const runs = poolRuns(pagePool);
    return runs.length === 0 ? [] : [{ kind: 'resize-pages', node, size, runs, grow: false }];
  });
}

function endReservation({ tree }: Host): Effect[] {
  if (tree.reservation.state === 'inactive') return [];
  return [{ kind: 'set-reservation', from: { ...tree.reservation }, to: NOTHING_RESERVED }];
}

/** Flat [start, frames, …] of every frame of a page pool, free or held; runs are maximal. */
export function poolRuns({ store }: PagePool): number[] {
  const runs: number[] = [];
  for (const { start, frames, owner } of store.extents()) {
    if (owner === OUTSIDE) continue;
    const last = runs.length - 2;
    if (last >= 0 && runs[last] + runs[last + 1] === start) runs[last + 1] += frames;
    else runs.push(start, frames);
  }
  return runs;
}

/** The CPU pool as it will be once every enclave has returned its cores. */
function poolWithAllCores(tree: HostTree): CpuPool {
  const pool = copyPool(tree.pool);
  for (const { cores } of newestFirst(tree)) {
    for (const { index, cpus } of cores) {
      while (pool.avail.length <= index) pool.avail.push([]);
      const joined = [...pool.avail[index], ...cpus];
      pool.avail[index] = joined.sort((a, b) => a - b);
    }
  }
  return pool;
}
