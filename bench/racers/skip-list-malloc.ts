/**
 * npm malloc: a skip list by size inside an ArrayBuffer. One frame stands for 8 bytes; its headers lie
 * in the same space. It knows no alignment beyond 8 bytes: aligned requests get slack.
 */
import { createRequire } from 'node:module';
import type { OpenRacer, Racer } from './racer.js';
import { REFUSED } from './racer.js';

const require = createRequire(import.meta.url);

interface Allocator {
  alloc(bytes: number): number;
  free(address: number): number;
}

// The package is CommonJS without types; this is the part of its face that is used.
const Malloc = require('malloc') as new (buffer: ArrayBuffer) => Allocator;

const FRAME_BYTES = 8;

class SkipListMalloc implements Racer {
  readonly bytes = 0;
  private readonly pool: Allocator;
  private readonly limit: number;

  constructor(frames: number) {
    this.limit = frames * FRAME_BYTES;
    this.pool = new Malloc(new ArrayBuffer(this.limit));
  }

  alloc(frames: number, align: number): number {
    const bytes = (frames + align - 1) * FRAME_BYTES;
    // Beyond the whole buffer it throws instead of answering 0.
    return bytes > this.limit ? REFUSED : this.pool.alloc(bytes);
  }

  free(handle: number): void {
    this.pool.free(handle);
  }

  startOf(handle: number): number {
    return handle / FRAME_BYTES;
  }
}

export const skipListMalloc: OpenRacer = (frames) => new SkipListMalloc(frames);
