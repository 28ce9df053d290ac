/**
 * A textbook binary buddy on typed arrays: powers of two, one intrusive list per order.
 *
 * The node is cut into the largest aligned blocks that fit, so that any length works. A handle is
 * order · 2^32 + start + 1. Invariant: a free block's head frame is in the list of its order and says
 * so in `freeOrder`. Trade-off: each request is rounded up to a power of two, which is what a buddy
 * pays for its speed; one word per frame of bookkeeping for each of three arrays.
 */
import type { OpenRacer, Racer } from './racer.js';
import { REFUSED } from './racer.js';

const ORDERS = 31;
const NONE = -1;
const ORDER_UNIT = 2 ** 32;

function orderOf(frames: number): number {
  return frames <= 1 ? 0 : 32 - Math.clz32(frames - 1);
}

/** Frames a buddy withholds for a request. */
export function buddyFrames(frames: number): number {
  return 2 ** orderOf(frames);
}

class Buddy implements Racer {
  readonly bytes: number;
  private readonly frames: number;
  private readonly heads = new Int32Array(ORDERS).fill(NONE);
  private readonly freeOrder: Int8Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  /** Bit per order: its list is not empty. */
  private filled = 0;

  constructor(frames: number) {
    this.frames = frames;
    this.freeOrder = new Int8Array(frames).fill(NONE);
    this.next = new Int32Array(frames);
    this.previous = new Int32Array(frames);
    this.bytes = 9 * frames;
    for (let start = 0; start < frames; ) {
      let order = 31 - Math.clz32(frames - start);
      while (start % 2 ** order !== 0) order--;
      this.put(start, order);
      start += 2 ** order;
    }
  }

  /** A block of an order is aligned to its size; a granule-aligned request is at least a granule. */
  alloc(frames: number, align: number): number {
    const order = orderOf(frames > align ? frames : align);
    if (order >= ORDERS) return REFUSED;
    const fitting = this.filled & (-1 << order);
    if (fitting === 0) return REFUSED;
    let from = 31 - Math.clz32(fitting & -fitting);
    const start = this.heads[from];
    this.take(start, from);
    while (from > order) {
      from--;
      this.put(start + (1 << from), from);
    }
    return order * ORDER_UNIT + start + 1;
  }

  free(handle: number): void {
    let order = Math.floor(handle / ORDER_UNIT);
    let start = this.startOf(handle);
    while (order < ORDERS - 1) {
      const buddy = start ^ (1 << order);
      if (buddy + (1 << order) > this.frames || this.freeOrder[buddy] !== order) break;
      this.take(buddy, order);
      if (buddy < start) start = buddy;
      order++;
    }
    this.put(start, order);
  }

  startOf(handle: number): number {
    return (handle | 0) - 1;
  }

  private put(start: number, order: number): void {
    const head = this.heads[order];
    this.next[start] = head;
    this.previous[start] = NONE;
    if (head !== NONE) this.previous[head] = start;
    this.heads[order] = start;
    this.freeOrder[start] = order;
    this.filled |= 1 << order;
  }

  private take(start: number, order: number): void {
    const next = this.next[start];
    const previous = this.previous[start];
    if (previous === NONE) this.heads[order] = next;
    else this.next[previous] = next;
    if (next !== NONE) this.previous[next] = previous;
    if (this.heads[order] === NONE) this.filled &= ~(1 << order);
    this.freeOrder[start] = NONE;
  }
}

export const buddy: OpenRacer = (frames) => new Buddy(frames);
