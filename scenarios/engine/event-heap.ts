/**
 * The agenda of a fleet run: a binary heap of moments on typed arrays.
 *
 * Invariant: moments leave by time, then by rank (what goes first at one time), then in the order
 * they came, so that a run never depends on the shape of the heap. Trade-off: nothing is removed
 * from the middle; whoever no longer wants a moment ignores it when it comes.
 */

/** What a moment is; the lower goes first when times are equal. */
export const RANK = { end: 0, parent: 1, retry: 2, patience: 3 } as const;

const FIRST_CAPACITY = 1024;

export class EventHeap {
  private times = new Float64Array(FIRST_CAPACITY);
  /** rank × 2^48 + order of arrival: one number that settles a tie. */
  private keys = new Float64Array(FIRST_CAPACITY);
  private items = new Int32Array(FIRST_CAPACITY);
  private count = 0;
  private pushed = 0;

  get size(): number {
    return this.count;
  }

  /** Time of the first moment in ms; Infinity when there is none. */
  get nextTime(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.times[0];
  }

  get nextRank(): number {
    return Math.floor(this.keys[0] / ORDERS);
  }

  get nextItem(): number {
    return this.items[0];
  }

  push(time: number, rank: number, item: number): void {
    if (this.count === this.times.length) this.grow();
    const key = rank * ORDERS + this.pushed++;
    let at = this.count++;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.before(time, key, up)) break;
      this.move(up, at);
      at = up;
    }
    this.put(at, time, key, item);
  }

  /** Drops the first moment; throws when there is none. */
  pop(): void {
    if (this.count === 0) throw new Error('the agenda is empty');
    const last = --this.count;
    const time = this.times[last];
    const key = this.keys[last];
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= last) break;
      if (down + 1 < last && this.before(this.times[down + 1], this.keys[down + 1], down)) down++;
      if (this.before(time, key, down)) break;
      this.move(down, at);
      at = down;
    }
    this.put(at, time, key, this.items[last]);
  }

  private before(time: number, key: number, other: number): boolean {
    const theirs = this.times[other];
    return time < theirs || (time === theirs && key < this.keys[other]);
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from], this.keys[from], this.items[from]);
  }

  private put(at: number, time: number, key: number, item: number): void {
    this.times[at] = time;
    this.keys[at] = key;
    this.items[at] = item;
  }

  private grow(): void {
    const capacity = this.times.length * 2;
    const { times, keys, items } = this;
    this.times = new Float64Array(capacity);
    this.keys = new Float64Array(capacity);
    this.items = new Int32Array(capacity);
    this.times.set(times);
    this.keys.set(keys);
    this.items.set(items);
  }
}

const ORDERS = 2 ** 48;
