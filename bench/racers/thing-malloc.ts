/**
 * npm @thi.ng/malloc: two linked lists in an ArrayBuffer, first fit. One frame stands for 8 bytes; its
 * headers lie in the same space. It knows no alignment beyond 8 bytes: aligned requests get slack.
 */
import { MemPool } from '@thi.ng/malloc';
import type { OpenRacer, Racer } from './racer.js';
import { REFUSED } from './racer.js';

const FRAME_BYTES = 8;

class ThingMalloc implements Racer {
  readonly bytes = 0;
  private readonly pool: MemPool;
  private readonly limit: number;

  constructor(frames: number) {
    this.limit = frames * FRAME_BYTES;
    this.pool = new MemPool({ size: this.limit });
  }

  alloc(frames: number, align: number): number {
    const bytes = (frames + align - 1) * FRAME_BYTES;
    // A size beyond 32 bits would be taken for a small one.
    return bytes > this.limit ? REFUSED : this.pool.malloc(bytes);
  }

  free(handle: number): void {
    this.pool.free(handle);
  }

  startOf(handle: number): number {
    return handle / FRAME_BYTES;
  }
}

export const thingMalloc: OpenRacer = (frames) => new ThingMalloc(frames);
