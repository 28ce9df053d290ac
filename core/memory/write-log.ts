/**
 * The undo journal of one extent pool: what its words were before they were written.
 *
 * A mark begins a segment of the journal: the words written since, each with its old value, in order.
 * Writing the old values back, last first, is the exact inverse of everything done after the mark.
 * The newest segment is noted in memory that is used again and again (`Notes`), so that noting costs
 * two stores; when the next mark comes, its notes are packed into the segment.
 * Segments point forward only (older to newer) and the pool knows just the newest one, so a mark
 * that its owner forgets takes its segment with it to the garbage collector: nothing has to be
 * released. A segment whose log has grown past a copy of the pool is turned into that copy (the
 * present words with the log undone), after which logging rests until the next mark.
 *
 * Invariant: the words at the moment of a mark = the present words, with the logs from the newest
 * segment back to the mark's undone (or from the nearest image on that way).
 * Trade-off: a full copy costs O(words), but at most once per mark and after as many writes; and the
 * memory of the longest log stays with the pool.
 */

/** Log entries beyond this many numbers per word of the pool become an image. */
const IMAGE_FACTOR = 2;
const MIN_LOG = 4096;
/** Numbers a pool has room for from its first note on: those of two operations or so. */
const FIRST_ROOM = 256;

export class Segment {
  /** Flat [index, old value, …] in order of writing; empty while this is the newest segment. */
  log: readonly number[] = [];
  /** All words at the moment the segment began, once the log has grown too long. */
  image: Int32Array<ArrayBuffer> | undefined = undefined;
  /** The segment of the next mark. */
  next: Segment | undefined = undefined;
}

/** The log of the newest segment. */
export class Notes {
  private log = new Int32Array(0);
  /** Numbers noted: two per word. */
  length = 0;

  /** Notes `count` words from `at` on. */
  keepRun(words: Int32Array, at: number, count: number): void {
    let end = this.length;
    if (end + 2 * count > this.log.length) this.grow(end + 2 * count);
    const { log } = this;
    for (let word = at; word < at + count; word++) {
      log[end] = word;
      log[end + 1] = words[word];
      end += 2;
    }
    this.length = end;
  }

  private grow(least: number): void {
    const roomy = new Int32Array(Math.max(FIRST_ROOM, 2 * this.log.length, least));
    roomy.set(this.log.subarray(0, this.length));
    this.log = roomy;
  }

  /** Whether they cost more than a copy of `words` live words. */
  isOverlong(words: number): boolean {
    return this.length > Math.max(MIN_LOG, IMAGE_FACTOR * words);
  }

  /** Writes the old values back, last first. */
  undo(words: Int32Array): void {
    const { log } = this;
    for (let i = this.length - 2; i >= 0; i -= 2) words[log[i]] = log[i + 1];
  }

  /** A copy that takes no more room than it needs. */
  packed(): number[] {
    const { log, length } = this;
    const packed = new Array<number>(length);
    for (let i = 0; i < length; i++) packed[i] = log[i];
    return packed;
  }

  clear(): void {
    this.length = 0;
  }
}

/** Replaces the log of the newest segment by the words as they were when it began. */
export function turnIntoImage(words: Int32Array<ArrayBuffer>, newest: Segment, notes: Notes): void {
  const image = words.slice();
  notes.undo(image);
  newest.image = image;
  notes.clear();
}

/**
 * Takes `words` back to the beginning of `from`; `newest`, whose log is `notes`, must follow it or be it.
 * False, and nothing done, when it does not: then `from` is of another pool, or was undone by an
 * earlier mark's rollback.
 */
export function undoBackTo(
  words: Int32Array,
  from: Segment,
  newest: Segment | undefined,
  notes: Notes,
): boolean {
  if (from === newest) {
    undoNewest(words, newest, notes);
    return true;
  }
  const segments: Segment[] = [];
  for (let s: Segment | undefined = from; s !== undefined; s = s.next) segments.push(s);
  if (segments.at(-1) !== newest) return false;
  // What was written after the nearest image need not be undone.
  const imageAt = segments.findIndex((segment) => segment.image !== undefined);
  const nearest = imageAt < 0 ? segments.length - 1 : imageAt;
  if (segments[nearest] === newest) undoNewest(words, newest, notes);
  else words.set(segments[nearest].image ?? []);
  for (let i = nearest - 1; i >= 0; i--) undoLog(words, segments[i].log);
  return true;
}

const undoNewest = (words: Int32Array, { image }: Segment, notes: Notes): void => {
  if (image !== undefined) words.set(image);
  else notes.undo(words);
};

const undoLog = (words: Int32Array, log: readonly number[]): void => {
  for (let i = log.length - 2; i >= 0; i -= 2) words[log[i]] = log[i + 1];
};
