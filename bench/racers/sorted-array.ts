/**
 * The naive way: free runs in two arrays sorted by address, first fit by walking, splice to change.
 * A handle is length · 2^26 + start. Invariant: no two runs touch.
 */
import type { OpenRacer, Racer } from './racer.js';
import { REFUSED } from './racer.js';

const LENGTH_UNIT = 2 ** 26;

class SortedArray implements Racer {
  private readonly starts: number[];
  private readonly lengths: number[];

  constructor(frames: number) {
    this.starts = [0];
    this.lengths = [frames];
  }

  get bytes(): number {
    return 16 * this.starts.length;
  }

  alloc(frames: number, align: number): number {
    const { starts, lengths } = this;
    for (let i = 0; i < starts.length; i++) {
      if (lengths[i] < frames) continue;
      const start = starts[i];
      const place = align === 1 ? start : Math.ceil(start / align) * align;
      const left = start + lengths[i] - place - frames;
      if (left < 0) continue;
      this.cut(i, place - start, place + frames, left);
      return frames * LENGTH_UNIT + place;
    }
    return REFUSED;
  }

  free(handle: number): void {
    const { starts, lengths } = this;
    const start = this.startOf(handle);
    const length = (handle - start) / LENGTH_UNIT;
    const i = this.firstAbove(start);
    const joinsBelow = i > 0 && starts[i - 1] + lengths[i - 1] === start;
    const joinsAbove = i < starts.length && starts[i] === start + length;
    if (joinsBelow) {
      lengths[i - 1] += length + (joinsAbove ? lengths[i] : 0);
      if (joinsAbove) this.drop(i);
    } else if (joinsAbove) {
      starts[i] = start;
      lengths[i] += length;
    } else {
      starts.splice(i, 0, start);
      lengths.splice(i, 0, length);
    }
  }

  startOf(handle: number): number {
    return handle % LENGTH_UNIT;
  }

  private cut(i: number, lower: number, upperStart: number, upper: number): void {
    if (lower > 0) {
      this.lengths[i] = lower;
      if (upper === 0) return;
      this.starts.splice(i + 1, 0, upperStart);
      this.lengths.splice(i + 1, 0, upper);
    } else if (upper > 0) {
      this.starts[i] = upperStart;
      this.lengths[i] = upper;
    } else {
      this.drop(i);
    }
  }

  private drop(i: number): void {
    this.starts.splice(i, 1);
    this.lengths.splice(i, 1);
  }

  private firstAbove(start: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle] < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export const sortedArray: OpenRacer = (frames) => new SortedArray(frames);
