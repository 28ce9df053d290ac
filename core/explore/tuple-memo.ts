/**
 * Answers by tuples of a few int32 words, all of one width.
 *
 * Open addressing with the words in the slots themselves, so that a question costs one place of
 * memory; the tuple asked last costs none. Invariant: an answer is given back only to the tuple it was
 * kept for, word by word; the hash only says where to begin. Trade-off: nothing is ever forgotten,
 * and a slot is as wide as the tuple.
 */
import { hashOf } from './tuple-hash.js';

/** No answer is known. */
export const UNKNOWN = -1;

const FIRST_SLOTS = 16;

export class TupleMemo {
  private readonly width: number;
  /** The tuple asked last, and its answer. */
  private readonly tuple: Int32Array;
  private last = UNKNOWN;
  /** Slots of the words of a tuple and its answer + 1; 0 there = empty. */
  private slots: Int32Array;
  private mask = FIRST_SLOTS - 1;
  private used = 0;

  /** @param width words of a tuple, ≥ 1 */
  constructor(width: number) {
    this.width = width;
    this.tuple = new Int32Array(width);
    this.slots = new Int32Array(FIRST_SLOTS * (width + 1));
  }

  get bytes(): number {
    return this.slots.byteLength;
  }

  /** The answer kept for the values at these places, or UNKNOWN. */
  answer(values: Int32Array, places: readonly number[]): number {
    const { tuple, width } = this;
    let same = true;
    for (let i = 0; i < width; i++) {
      const value = values[places[i]];
      if (tuple[i] === value) continue;
      tuple[i] = value;
      same = false;
    }
    if (!same) this.last = this.slots[this.slotOf(tuple, 0) + width] - 1;
    return this.last;
  }

  /** Keeps an answer ≥ 0 for the tuple asked last, for which none was known. */
  put(answer: number): void {
    const { width, tuple } = this;
    const at = this.slotOf(tuple, 0);
    for (let i = 0; i < width; i++) this.slots[at + i] = tuple[i];
    this.slots[at + width] = answer + 1;
    this.last = answer;
    if (2 * ++this.used > this.mask) this.grow();
  }

  /** Where the slot begins that has the tuple, or the empty one where it belongs. */
  private slotOf(words: Int32Array, from: number): number {
    const { slots, mask, width } = this;
    let slot = hashOf(words, from, width) & mask;
    for (;;) {
      const at = slot * (width + 1);
      if (slots[at + width] === 0) return at;
      let same = 0;
      while (same < width && slots[at + same] === words[from + same]) same++;
      if (same === width) return at;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const { slots: old, width } = this;
    this.slots = new Int32Array(2 * old.length);
    this.mask = 2 * this.mask + 1;
    for (let from = 0; from < old.length; from += width + 1) {
      if (old[from + width] === 0) continue;
      const at = this.slotOf(old, from);
      for (let i = 0; i <= width; i++) this.slots[at + i] = old[from + i];
    }
  }
}
