/**
 * The undo journal of one extent pool: what its words were before they were written.
 *
 * A mark is a segment of the journal: the words written since, each with its old value, in order.
 * Writing the old values back, last first, is the exact inverse of everything done after the mark.
 * Segments point forward only (older to newer) and the pool knows just the newest one, so a mark
 * that its owner forgets takes its segment with it to the garbage collector: nothing has to be
 * released. A segment whose log has grown past a copy of the pool is turned into that copy (the
 * present words with the log undone), after which logging rests until the next mark.
 *
 * Invariant: the words at the moment of a mark = the present words, with the logs from the newest
 * segment back to the mark's undone (or from the nearest image on that way).
 * Trade-off: a full copy costs O(words), but at most once per mark and after as many writes.
 */

/** Log entries beyond this many numbers per word of the pool become an image. */
const IMAGE_FACTOR = 2;
const MIN_LOG = 4096;

export class Segment {
  /** Flat [index, old value, …] in order of writing. */
  readonly log: number[] = [];
  /** All words at the moment the segment began, once the log has grown too long. */
  image: Int32Array<ArrayBuffer> | undefined = undefined;
  /** The segment of the next mark. */
  next: Segment | undefined = undefined;
}

/** Whether a segment's log costs more than a copy of `words` live words. */
export function isOverlong(segment: Segment, words: number): boolean {
  return segment.log.length > Math.max(MIN_LOG, IMAGE_FACTOR * words);
}

/** Writes back the old values of one segment, last first. */
export function undoLog(words: Int32Array, { log }: Segment): void {
  for (let i = log.length - 2; i >= 0; i -= 2) words[log[i]] = log[i + 1];
}

/** Replaces the log of the newest segment by the words as they were when it began. */
export function turnIntoImage(words: Int32Array<ArrayBuffer>, segment: Segment): void {
  const image = words.slice();
  undoLog(image, segment);
  segment.image = image;
  segment.log.length = 0;
}

/**
 * Takes `words` back to the beginning of `from`; `newest` must follow it. False, and nothing done,
 * when it does not: then `from` is of another pool, or was undone by an earlier mark's rollback.
 */
export function undoBackTo(words: Int32Array, from: Segment, newest: Segment): boolean {
  const segments: Segment[] = [];
  for (let s: Segment | undefined = from; s !== undefined; s = s.next) segments.push(s);
  if (segments.at(-1) !== newest) return false;
  const imageAt = segments.findIndex((segment) => segment.image !== undefined);
  const image = imageAt < 0 ? undefined : segments[imageAt].image;
  if (image !== undefined) words.set(image);
  const last = imageAt < 0 ? segments.length : imageAt;
  for (let i = last - 1; i >= 0; i--) undoLog(words, segments[i]);
  return true;
}
