/**
 * The words of one extent pool: a single growing Int32Array that holds the whole state, and the
 * undo journal over it.
 *
 * Since every bin, bitmap, counter and extent lies in these words, a snapshot, a fork and a restore
 * are one copy of the live prefix, and the journal is a list of (index, old value).
 *
 * Invariant: while `logging`, every word below the live end is `keep`t before it is written.
 * Trade-off: each writer must name its words; the pay-off is that without a mark the journal costs
 * one predictable branch per primitive, and that undo knows nothing of extents.
 */
import * as layout from './extent-layout.js';
import { Notes, Segment, turnIntoImage, undoBackTo } from './write-log.js';

const { END } = layout;

export class Arena {
  declare words: Int32Array<ArrayBuffer>;
  /** True while writes must be kept. */
  logging = false;
  /** Where the last successful search of a free index places the request. Not part of the state. */
  place = 0;
  private newest: Segment | undefined = undefined;
  /** The log of `newest`. */
  private readonly notes = new Notes();

  constructor(words: Int32Array<ArrayBuffer>) {
    this.words = words;
  }

  /** Notes the present value of a word about to be written. Call only while `logging`. */
  keep(at: number): void {
    this.notes.keepRun(this.words, at, 1);
  }

  /** Notes `count` words from `at` on. Call only while `logging`. */
  keepRun(at: number, count: number): void {
    this.notes.keepRun(this.words, at, count);
  }

  /** Doubles the room, up to `most` words. The words move: a reference taken before is dead. */
  grow(most: number): void {
    const roomy = new Int32Array(Math.min(2 * this.words.length, most));
    roomy.set(this.words);
    this.words = roomy;
  }

  /** Begins a segment; undone by `undoTo`. */
  beginSegment(): Segment {
    const { newest, notes } = this;
    if (newest !== undefined) {
      if (this.logging && notes.length === 0) return newest;
      newest.log = notes.packed();
    }
    const segment = new Segment();
    if (newest !== undefined) newest.next = segment;
    notes.clear();
    this.newest = segment;
    this.logging = true;
    return segment;
  }

  /** Between operations: lets an overlong log become an image. */
  trim(): void {
    const { newest, notes } = this;
    if (newest === undefined || !notes.isOverlong(this.words[END])) return;
    turnIntoImage(this.words, newest, notes);
    this.logging = false;
  }

  /** Restores the words of the mark's moment. Throws on a mark that is not of this pool's past. */
  undoTo(mark: Segment): void {
    const { newest, notes } = this;
    if (!undoBackTo(this.words, mark, newest, notes)) {
      throw new Error('rollback to a mark of another store, or one rolled back before');
    }
    mark.next = undefined;
    mark.log = [];
    notes.clear();
    this.newest = mark;
    this.logging = mark.image === undefined;
  }

  /** The live words, copied, with `spare` zero words behind them. */
  copyWords(spare: number): Int32Array<ArrayBuffer> {
    const end = this.words[END];
    const words = new Int32Array(end + spare);
    words.set(this.words.subarray(0, end));
    return words;
  }

  /** Takes on a copy of other words as the whole state; marks set before are void. */
  replaceWords(words: Int32Array): void {
    if (words.length <= this.words.length) this.words.set(words);
    else this.words = new Int32Array(words);
    this.newest = undefined;
    this.notes.clear();
    this.logging = false;
  }
}
