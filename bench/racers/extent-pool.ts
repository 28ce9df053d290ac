/** Our own allocator, under each of its policies. Invariant: nothing but calls of the public face. */
import { createExtentPool, type ExtentPool } from '../../core/memory/extent-pool.js';
import type { PolicyName } from '../../core/memory/free-index.js';
import { GRANULE } from '../trace-file.js';
import type { OpenRacer, Racer } from './racer.js';

const OWNER = 1;

export function extentPool(policy: PolicyName): OpenRacer {
  return (frames) =>
    new PoolRacer(createExtentPool({ tag: 0, frames, granuleFrames: GRANULE, policy }));
}

class PoolRacer implements Racer {
  declare private readonly pool: ExtentPool;

  constructor(pool: ExtentPool) {
    this.pool = pool;
  }

  get bytes(): number {
    return this.pool.bytes;
  }

  alloc(frames: number, align: number): number {
    return this.pool.alloc(frames, align, OWNER);
  }

  free(handle: number): void {
    this.pool.free(handle);
  }

  startOf(handle: number): number {
    return this.pool.at(handle).start;
  }

  countExtents(): number {
    let count = 0;
    for (const _ of this.pool.extents()) count++;
    return count;
  }
}
