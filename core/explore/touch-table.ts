/**
 * What touches make of a word: a touch is one word that one list of effects changes.
 *
 * Most new words depend on the old one alone; these stand in one table, a run of entries for each
 * touch, by old word. Invariant: an entry is UNKNOWN until it was kept, and kept entries never change.
 * Trade-off: a run that grows too short is copied to the end and its old room lost, so that a look
 * takes one place of memory and no object.
 */
import { UNKNOWN } from './tuple-memo.js';

const FIRST_RUN = 16;
const FIRST_ROOM = 1 << 10;

export class TouchTable {
  /** Touches in the table. */
  size = 0;
  private words = new Uint8Array(FIRST_ROOM);
  /** Where the run of a touch begins; -1 - number of what is remembered elsewhere, for a wide one. */
  private from = new Int32Array(FIRST_ROOM);
  private lengths = new Int32Array(FIRST_ROOM);
  private entries = new Int32Array(FIRST_ROOM).fill(UNKNOWN);
  private used = 0;

  get bytes(): number {
    const { words, from, lengths, entries } = this;
    return words.byteLength + from.byteLength + lengths.byteLength + entries.byteLength;
  }

  /** One more touch of a word. */
  add(word: number): void {
    this.addWide(word, 0);
    this.makeRun(this.size - 1, FIRST_RUN);
  }

  /** One more touch, whose new words are remembered elsewhere under a number. */
  addWide(word: number, number: number): void {
    if (this.size === this.words.length) this.growTouches();
    this.words[this.size] = word;
    this.from[this.size] = -1 - number;
    this.size++;
  }

  wordOf(touch: number): number {
    return this.words[touch];
  }

  isWide(touch: number): boolean {
    return this.from[touch] < 0;
  }

  wideOf(touch: number): number {
    return -1 - this.from[touch];
  }

  /** The new word of a touch in this key, or UNKNOWN. */
  next(touch: number, key: Int32Array): number {
    const old = key[this.words[touch]];
    return old < this.lengths[touch] ? this.entries[this.from[touch] + old] : UNKNOWN;
  }

  /** Keeps what a touch makes of an old word. */
  keep(touch: number, old: number, fresh: number): void {
    if (old >= this.lengths[touch]) this.makeRun(touch, 2 * old);
    this.entries[this.from[touch] + old] = fresh;
  }

  /** Gives a touch a longer run, with what it had. */
  private makeRun(touch: number, length: number): void {
    const [was, had] = [this.from[touch], this.lengths[touch]];
    if (this.used + length > this.entries.length) {
      const entries = new Int32Array(2 * (this.used + length)).fill(UNKNOWN);
      entries.set(this.entries);
      this.entries = entries;
    }
    this.entries.copyWithin(this.used, was, was + had);
    this.from[touch] = this.used;
    this.lengths[touch] = length;
    this.used += length;
  }

  private growTouches(): void {
    const words = new Uint8Array(2 * this.size);
    words.set(this.words);
    this.words = words;
    const from = new Int32Array(2 * this.size);
    from.set(this.from);
    this.from = from;
    const lengths = new Int32Array(2 * this.size);
    lengths.set(this.lengths);
    this.lengths = lengths;
  }
}
