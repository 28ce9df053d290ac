/** No allocator at all: what the replay loop itself costs. It accepts everything at frame 0. */
import type { OpenRacer, Racer } from './racer.js';

class Floor implements Racer {
  readonly bytes = 0;
  private held = 0;

  alloc(frames: number, align: number): number {
    this.held += frames;
    return frames + align;
  }

  free(handle: number): void {
    this.held -= handle;
  }

  startOf(): number {
    return 0;
  }
}

export const floor: OpenRacer = () => new Floor();
