/**
 * What the reservation's record says it holds is what the page pools have: as many MiB, and pages of its
 * own size alone.
 *
 * A part of frame-conservation. Who places an enclave asks the pool of the record's page size, and who
 * looks at a parent is told the record's MiB, so a record that is not what the pools have promises what
 * is not there. Invariant: the pools' frames are counted one by one, never read from what was asked for.
 * Trade-off: a record says MiB of the whole parent; that each node has its share is in no book.
 */
import { OUTSIDE } from '../memory/node-memory.js';
import type { Scene, Violation } from './invariant.js';

const ID = 'frame-conservation';

/** [] where the platform keeps no such record. */
export function unlikeReserved(scene: Scene): Violation[] {
  const { profile, tree } = scene.host;
  if (profile.guarantees?.countsReserved !== true) return [];
  const found: Violation[] = [];
  const { pageKib, memoryMib } = tree.reservation;
  let pooledKib = 0;
  for (const pool of pooledBy(scene)) {
    pooledKib += pool.kib;
    if (pool.kib === 0 || pool.pageKib === pageKib) continue;
    const { node, size } = pool;
    const message = `the reservation is of pages of ${pageKib} KiB, page pool ${size} of node ${node} has ${pool.pageKib}`;
    found.push({ invariant: ID, message, numbers: { pageKib, pool: size }, node });
  }
  if (pooledKib !== memoryMib * 1024) {
    const pooledMib = pooledKib / 1024;
    const message = `the reservation says ${memoryMib} MiB, the page pools have ${pooledMib}`;
    found.push({ invariant: ID, message, numbers: { memoryMib, pooledMib } });
  }
  return found;
}

interface Pooled {
  readonly node: number;
  readonly size: number;
  readonly pageKib: number;
  readonly kib: number;
}

/** Every page pool of a host, and what is in it, free or held. */
export function pooledBy({ host, extents }: Scene): Pooled[] {
  return host.memory.flatMap(({ pools, frameKib }, node) =>
    pools.map(({ store, pageKib }, size): Pooled => {
      let frames = 0;
      for (const one of extents(store)) if (one.owner !== OUTSIDE) frames += one.frames;
      return { node, size, pageKib, kib: frames * frameKib };
    }),
  );
}
