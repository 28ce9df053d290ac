/**
 * The visited table: every state reached so far, each once, by its whole key.
 *
 * Open addressing over state numbers; the keys themselves lie in chunks of a fixed number of int32
 * words, in the order they were found, so a state's number is also its place in the breadth-first
 * queue. Invariant: two equal keys never get two numbers, and two different keys never share one:
 * a probe compares all words, the hash only says where to begin.
 * Trade-off: a language's own set of strings would be shorter to write, but ends at 2^24 entries
 * and costs ten times the memory; this table ends at 2^31 entries.
 */
import { hashOf } from './tuple-hash.js';

const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_SLOTS = 1 << 12;

export interface VisitedTable {
  /** States in the table. */
  readonly size: number;
  /** Int32 words of one key. */
  readonly words: number;
  /** Bytes held for keys and slots. */
  readonly bytes: number;
  /** Number of the key if it is new, or -1 - number of the equal key that was there before. */
  insert(key: Int32Array): number;
  /** Number of a key, or -1. */
  find(key: Int32Array): number;
  /** Copies the key of a number into `out`. */
  read(state: number, out: Int32Array): void;
}

/** An empty table for keys of `words` int32 words. */
export function createVisited(words: number): VisitedTable {
  if (!Number.isInteger(words) || words < 1) throw new Error(`keys of ${words} words`);
  return new Visited(words);
}

class Visited implements VisitedTable {
  readonly words: number;
  size = 0;
  /** State number + 1; 0 = empty. */
  private slots = new Uint32Array(FIRST_SLOTS);
  private readonly chunks: Int32Array[] = [];

  constructor(words: number) {
    this.words = words;
  }

  get bytes(): number {
    return 4 * (this.slots.length + this.chunks.length * CHUNK * this.words);
  }

  insert(key: Int32Array): number {
    const at = this.probe(key);
    const found = this.slots[at];
    if (found !== 0) return -found;
    const state = this.size++;
    this.slots[at] = this.size;
    this.write(state, key);
    if (2 * this.size > this.slots.length) this.grow();
    return state;
  }

  find(key: Int32Array): number {
    return this.slots[this.probe(key)] - 1;
  }

  read(state: number, out: Int32Array): void {
    if (state < 0 || state >= this.size) throw new Error(`state ${state} of ${this.size}`);
    const chunk = this.chunks[state >>> CHUNK_BITS];
    const from = (state & (CHUNK - 1)) * this.words;
    for (let i = 0; i < this.words; i++) out[i] = chunk[from + i];
  }

  /** The slot that has the key, or the empty one where it belongs. */
  private probe(key: Int32Array): number {
    const { slots, words } = this;
    const mask = slots.length - 1;
    let at = hashOf(key, 0, words) & mask;
    for (let found = slots[at]; found !== 0; found = slots[at]) {
      if (this.equals(found - 1, key)) return at;
      at = (at + 1) & mask;
    }
    return at;
  }

  private equals(state: number, key: Int32Array): boolean {
    const chunk = this.chunks[state >>> CHUNK_BITS];
    const from = (state & (CHUNK - 1)) * this.words;
    for (let i = 0; i < this.words; i++) if (chunk[from + i] !== key[i]) return false;
    return true;
  }

  private write(state: number, key: Int32Array): void {
    const inside = state & (CHUNK - 1);
    if (inside === 0) this.chunks.push(new Int32Array(CHUNK * this.words));
    const chunk = this.chunks[state >>> CHUNK_BITS];
    const to = inside * this.words;
    for (let i = 0; i < this.words; i++) chunk[to + i] = key[i];
  }

  private grow(): void {
    const slots = new Uint32Array(2 * this.slots.length);
    const mask = slots.length - 1;
    for (let state = 0; state < this.size; state++) {
      const from = (state & (CHUNK - 1)) * this.words;
      let at = hashOf(this.chunks[state >>> CHUNK_BITS], from, this.words) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = state + 1;
    }
    this.slots = slots;
  }
}
