/**
 * Best fit the obvious way in JavaScript: free runs in npm sorted-btree by (length, start), and two
 * Maps to find a run's neighbours. Invariant: each free run is once in the tree and once in each Map.
 */
import { createRequire } from 'node:module';
import type { OpenRacer, Racer } from './racer.js';
import { REFUSED } from './racer.js';

const require = createRequire(import.meta.url);

interface Tree {
  set(key: number, value: number): boolean;
  delete(key: number): boolean;
  nextHigherKey(key: number): number | undefined;
}

// The package's own types do not say that its default export is the class under Node's ESM.
const { default: BTree } = require('sorted-btree') as {
  readonly default: new () => Tree;
};

/** Key and handle: length · LENGTH_UNIT + start. */
const LENGTH_UNIT = 2 ** 26;

class BTreeBestFit implements Racer {
  readonly bytes = 0;
  private readonly byLength = new BTree();
  private readonly lengthAt = new Map<number, number>();
  private readonly startBefore = new Map<number, number>();

  constructor(frames: number) {
    this.put(0, frames);
  }

  alloc(frames: number, align: number): number {
    let key = this.byLength.nextHigherKey(frames * LENGTH_UNIT - 1);
    for (; key !== undefined; key = this.byLength.nextHigherKey(key)) {
      const start = key % LENGTH_UNIT;
      const length = (key - start) / LENGTH_UNIT;
      const place = Math.ceil(start / align) * align;
      if (place + frames > start + length) continue;
      this.take(start, length);
      if (place > start) this.put(start, place - start);
      const left = start + length - place - frames;
      if (left > 0) this.put(place + frames, left);
      return frames * LENGTH_UNIT + place;
    }
    return REFUSED;
  }

  free(handle: number): void {
    let start = this.startOf(handle);
    let length = (handle - start) / LENGTH_UNIT;
    const above = this.lengthAt.get(start + length);
    if (above !== undefined) {
      this.take(start + length, above);
      length += above;
    }
    const below = this.startBefore.get(start);
    if (below !== undefined) {
      this.take(below, start - below);
      length += start - below;
      start = below;
    }
    this.put(start, length);
  }

  startOf(handle: number): number {
    return handle % LENGTH_UNIT;
  }

  private put(start: number, length: number): void {
    this.byLength.set(length * LENGTH_UNIT + start, length);
    this.lengthAt.set(start, length);
    this.startBefore.set(start + length, start);
  }

  private take(start: number, length: number): void {
    this.byLength.delete(length * LENGTH_UNIT + start);
    this.lengthAt.delete(start);
    this.startBefore.delete(start + length);
  }
}

export const btreeBestFit: OpenRacer = (frames) => new BTreeBestFit(frames);
