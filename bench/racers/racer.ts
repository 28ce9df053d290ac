/**
 * What a bench asks of an allocator, whoever wrote it.
 *
 * Invariant: a live handle is never REFUSED. An allocator that knows no alignment gets the slack to
 * align inside; one that rounds up says so in `heldFrames`, so that quality counts what it withholds.
 * Trade-off: numbers only, so that the replay loop keeps its handles in one Float64Array.
 */
import type { Trace } from '../trace-file.js';

/** What `alloc` answers when nothing fits. */
export const REFUSED = 0;

export interface Racer {
  /** A handle, or REFUSED. `align` is 1 or the frames of a granule. */
  alloc(frames: number, align: number): number;
  free(handle: number): void;
  /** First frame of a live handle. */
  startOf(handle: number): number;
  /** Bytes of bookkeeping now; 0 when unknown. */
  readonly bytes: number;
  /** Of one that replays by itself: the whole of a trace on a fresh node, ready to be run once. */
  wholeReplay?(trace: Trace): () => void;
  /** Extents now, free runs included. */
  countExtents?(): number;
}

/** A racer over `frames` free frames. */
export type OpenRacer = (frames: number) => Racer;
