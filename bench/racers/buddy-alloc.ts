/**
 * npm alloc: a buddy allocator that answers Buffer slices. One frame stands for one byte; the node must
 * be a power of two. Its blocks are aligned to their size, so a granule-aligned request is met.
 */
import { createRequire } from 'node:module';
import type { OpenRacer, Racer } from './racer.js';
import { REFUSED } from './racer.js';

const require = createRequire(import.meta.url);

interface BuddyAllocator {
  alloc(bytes: number): Buffer | null;
  free(block: Buffer): void;
}

// The package is CommonJS without types; this is the part of its face that is used.
const alloc = require('alloc') as {
  readonly BuddyAllocator: new (buffer: Buffer) => BuddyAllocator;
};

class BuddyAlloc implements Racer {
  readonly bytes = 0;
  private readonly pool: BuddyAllocator;
  private readonly blocks: (Buffer | undefined)[];

  constructor(frames: number) {
    this.pool = new alloc.BuddyAllocator(Buffer.alloc(frames));
    this.blocks = Array.from({ length: frames + 1 });
  }

  alloc(frames: number, align: number): number {
    const block = this.pool.alloc(frames > align ? frames : align);
    if (block === null) return REFUSED;
    this.blocks[block.byteOffset + 1] = block;
    return block.byteOffset + 1;
  }

  free(handle: number): void {
    const block = this.blocks[handle];
    if (block !== undefined) this.pool.free(block);
    this.blocks[handle] = undefined;
  }

  startOf(handle: number): number {
    return handle - 1;
  }
}

export const buddyAlloc: OpenRacer = (frames) => new BuddyAlloc(frames);
