/**
 * What each word of an extent pool means.
 *
 *   [ header | address table + bitmap | bins + bitmaps of the policy | measures | record | record | … ) END
 *
 * A record is one extent in 16 words, 64 bytes: one cache line, so that all there is to know about
 * an extent costs one miss. Records begin at a multiple of 16; links between them are plain word
 * offsets ("at"), 0 is no record, and the record a list node lies in is the node's offset with the
 * low four bits cleared. Words 6…15 are the policy's.
 *
 * Equations: RECORD_WORDS = 2^RECORD_SHIFT; slot of a record = (at - firstRecord) / RECORD_WORDS;
 * a granule is 2^shift frames; an address block is 2^BLOCK_GRANULES_SHIFT granules, or more where the node
 * would have more blocks than a bitmap has bits.
 * How to read them: files of the hot path take these numbers into constants of their own module,
 * `const { START } = layout`, and so they do with the functions they call. V8 folds those into the
 * code; an imported or exported binding, or a function declared in the module, it loads and checks at
 * every use, which costs the pool a tenth of its time each. For the same reason their classes `declare`
 * fields that the constructor sets: a field defined without a value holds `undefined` first, and V8
 * then asks at every use what it holds (8 % of an operation).
 * Invariant: frames < 2^31 - 2^15, so that a frame number plus a granule is still an int32.
 */
import { LEVEL_BITS } from './bit-levels.js';

/** Header: what the words are of (magic), and the shape, which never changes. */
export const MAGIC = 0;
export const NODE_FRAMES = 1;
export const GRANULE_SHIFT = 2;
export const TAG = 3;
export const POLICY = 4;
export const FIRST_RECORD = 5;
/** Header: counters, and the two places where records come from. */
export const FREE_FRAMES = 6;
export const FREE_GRANULES = 7;
/** Last record vacated; the others follow by their ABOVE. */
export const VACANT = 8;
/** One past the last word ever used. */
export const END = 9;
/** Header, never changes: where what `measures` keeps at hand lies; 0 = not kept. */
export const MEASURES = 10;
export const HEADER_WORDS = 16;
/** The header words that change: FREE_FRAMES … END. */
export const COUNTERS = FIRST_RECORD + 1;
export const COUNTER_WORDS = END - FREE_FRAMES + 1;

/** Record. */
export const START = 0;
export const FRAMES = 1;
/** FREE, the holder, VACATED or SPENT. */
export const OWNER = 2;
/** Of the handle this record has, or would be given next; from 1. */
export const GENERATION = 3;
/** Boundary tags: the records of the physical neighbours. */
export const BELOW = 4;
export const ABOVE = 5;
/** First word of the policy's. */
export const POLICY_WORDS = 6;
export const RECORD_SHIFT = 4;
export const RECORD_WORDS = 1 << RECORD_SHIFT;

/** OWNER of a record that is in the vacant list. */
export const VACATED = -1;
/** OWNER of a record that has used up its generations; never used again. */
export const SPENT = -2;

export const MAX_FRAMES = 2 ** 31 - 2 ** 15 - 1;
/** Bins for ragged ends need 2 granules' worth of bits. */
export const MAX_GRANULE = LEVEL_BITS / 2;
/** log2 of a block's granules: with one less the table takes 1.1 bytes an extent more, at 1 TiB nine tenths full. */
const BLOCK_GRANULES_SHIFT = 2;

/** log2 of the frames of one block of the address table. */
export function blockShiftOf(frames: number, granuleShift: number): number {
  let shift = granuleShift + BLOCK_GRANULES_SHIFT;
  while (blocksOf(frames, shift) > LEVEL_BITS) shift++;
  return shift;
}

/** How many blocks of 2^shift frames a node has. */
export function blocksOf(frames: number, shift: number): number {
  return Math.ceil(frames / 2 ** shift);
}

/**
 * Whole granules inside a run: the start is rounded up, the end down. Signed shifts, because frame
 * numbers are below 2^31 (MAX_FRAMES) and V8 keeps the difference of unsigned ones as a double.
 */
export function wholeGranules(start: number, frames: number, shift: number): number {
  const first = (start + (1 << shift) - 1) >> shift;
  const count = ((start + frames) >> shift) - first;
  return count & ~(count >> 31);
}

/**
 * Masks that change nothing: a link read from the words is never negative, a record's is a multiple of
 * RECORD_WORDS too. But V8 knows only that a word is an int32; told so, it adds the number of a field
 * without asking for overflow, which is a tenth of an operation's instructions.
 */
export const LINK = 0x7fffffff;
export const RECORD = LINK & -RECORD_WORDS;
/** The same for where a set of bins lies: also some words lower, or beyond, is an int32. */
export const BINS = LINK >> 1;

/** RECORD for this module's own use: an exported binding is loaded and checked like an imported one. */
const RECORD_BITS = RECORD;

/** The record a list node, or any word of a record, lies in. */
export function recordOf(word: number): number {
  return word & RECORD_BITS;
}

/** `words` rounded up to where a record may begin. */
export function recordAligned(words: number): number {
  return (words + RECORD_WORDS - 1) & -RECORD_WORDS;
}
