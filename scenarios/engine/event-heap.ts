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
    this.rise(this.count++, time, rank * ORDERS + this.pushed++, item);
  }

  /** Drops the first moment; throws when there is none. */
  pop(): void {
    if (this.count === 0) throw new Error('the agenda is empty');
    const { times, keys, items } = this;
    const last = --this.count;
    // The gap goes down to the end, along the earlier of each two, and the last moment rises from there:
    // it came from the end, so it mostly stays, and nothing asked on the way down whether it does.
    let at = 0;
    for (let down = 1; down < last; down = 2 * at + 1) {
      const other = down + 1;
      if (other < last) {
        const time = times[other];
        const theirs = times[down];
        if (time < theirs || (time === theirs && keys[other] < keys[down])) down = other;
      }
      times[at] = times[down];
      keys[at] = keys[down];
      items[at] = items[down];
      at = down;
    }
    this.rise(at, times[last], keys[last], items[last]);
  }

  /** Puts a moment into a gap, or above it where those are later. */
  private rise(gap: number, time: number, key: number, item: number): void {
    const { times, keys, items } = this;
    let at = gap;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const theirs = times[up];
      if (time > theirs || (time === theirs && key > keys[up])) break;
      times[at] = theirs;
      keys[at] = keys[up];
      items[at] = items[up];
      at = up;
    }
    times[at] = time;
    keys[at] = key;
    items[at] = item;
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
