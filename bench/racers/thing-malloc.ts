/**
 * npm @thi.ng/malloc: two linked lists in an ArrayBuffer, first fit. One frame stands for 8 bytes; its
 * headers lie in the same space. It knows no alignment beyond 8 bytes: aligned requests get slack.
 */
import { MemPool } from '@thi.ng/malloc';
import type { OpenRacer, Racer } from './racer.js';

const FRAME_BYTES = 8;

class ThingMalloc implements Racer {
  readonly bytes = 0;
  private readonly pool: MemPool;

  constructor(frames: number) {
    this.pool = new MemPool({ size: frames * FRAME_BYTES });
  }

  alloc(frames: number, align: number): number {
    return this.pool.malloc((frames + align - 1) * FRAME_BYTES);
  }

  free(handle: number): void {
    this.pool.free(handle);
  }

  startOf(handle: number): number {
    return handle / FRAME_BYTES;
  }
}

export const thingMalloc: OpenRacer = (frames) => new ThingMalloc(frames);
