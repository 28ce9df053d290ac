/**
 * One bit per frame, first fit by scanning words. A handle is length · 2^26 + start. Invariant: bit set
 * = frame held; the bits beyond the node are set. Trade-off: no bookkeeping beside the map, each
 * search starts at the first word that is not full.
 */
import type { OpenRacer, Racer } from './racer.js';
import { REFUSED } from './racer.js';

const LENGTH_UNIT = 2 ** 26;

class WordBitmap implements Racer {
  readonly bytes: number;
  private readonly frames: number;
  private readonly words: Int32Array;
  private firstOpen = 0;

  constructor(frames: number) {
    this.frames = frames;
    this.words = new Int32Array(Math.ceil(frames / 32));
    this.bytes = this.words.byteLength;
  }

  alloc(frames: number, align: number): number {
    const { words } = this;
    while (this.firstOpen < words.length && words[this.firstOpen] === -1) this.firstOpen++;
    let start = Math.ceil((this.firstOpen * 32) / align) * align;
    let at = start;
    while (start + frames <= this.frames) {
      if (at === start + frames) {
        this.fill(start, frames, true);
        return frames * LENGTH_UNIT + start;
      }
      at = this.freeUntil(at, start + frames);
      if (at < start + frames) start = Math.ceil(this.nextFree(at) / align) * align;
      if (at < start) at = start;
    }
    return REFUSED;
  }

  free(handle: number): void {
    const start = this.startOf(handle);
    this.fill(start, (handle - start) / LENGTH_UNIT, false);
    this.firstOpen = Math.min(this.firstOpen, start >>> 5);
  }

  startOf(handle: number): number {
    return handle % LENGTH_UNIT;
  }

  /** The first held frame from `at` on, at most `end`. */
  private freeUntil(at: number, end: number): number {
    for (let frame = at; frame < end; frame = (frame | 31) + 1) {
      const held = this.words[frame >>> 5] & (-1 << frame);
      if (held !== 0) return Math.min(end, (frame & -32) + 31 - Math.clz32(held & -held));
    }
    return end;
  }

  /** The first free frame from `at` on, at most the node's length. */
  private nextFree(at: number): number {
    for (let frame = at; frame < this.frames; frame = (frame | 31) + 1) {
      const open = ~this.words[frame >>> 5] & (-1 << frame);
      if (open !== 0) return Math.min(this.frames, (frame & -32) + 31 - Math.clz32(open & -open));
    }
    return this.frames;
  }

  private fill(start: number, frames: number, held: boolean): void {
    const { words } = this;
    const end = start + frames;
    for (let frame = start; frame < end; frame = (frame | 31) + 1) {
      const last = Math.min(end - 1, frame | 31);
      const mask = (-1 << frame) & (-1 >>> (31 - (last & 31)));
      if (held) words[frame >>> 5] |= mask;
      else words[frame >>> 5] &= ~mask;
    }
  }
}

export const wordBitmap: OpenRacer = (frames) => new WordBitmap(frames);
