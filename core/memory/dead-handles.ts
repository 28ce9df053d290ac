/**
 * What is wrong with a handle that names no held extent of a pool, in words.
 *
 * A handle is generation · 2^32 + tag · 2^24 + slot, and a record counts its generation up at each free;
 * so of a handle of this pool's tag it is known whether it has been freed or never been given.
 * Invariant: reads only, and only once a handle has been refused. Trade-off: a handle of another store
 * of the same tag looks like one of this pool, and the words say so.
 */
import * as layout from './extent-layout.js';
import { SLOTS } from './extent-records.js';
import type { Handle } from './extent-store.js';

const { END, FIRST_RECORD, GENERATION, OWNER, RECORD_WORDS, SPENT, TAG } = layout;

const GENERATION_UNIT = 2 ** 32;

/** The error of a refused handle; `isFreed` = it was to be freed. */
export function deadHandle(words: Int32Array, handle: Handle, isFreed: boolean): Error {
  const generation = Math.floor(handle / GENERATION_UNIT);
  if (!Number.isSafeInteger(handle) || generation < 1) {
    const why = handle === 0 ? ': 0 is what a refused request is answered with' : '';
    return new Error(`handle ${handle} is stale: it never named an extent${why}`);
  }
  const tag = Math.floor((handle % GENERATION_UNIT) / SLOTS);
  const own = words[TAG];
  if (tag !== own) {
    return new Error(`handle ${handle} is of another store, of tag ${tag}; this one has ${own}`);
  }
  if (!wasFreed(words, handle % SLOTS, generation)) {
    const undone = 'if it ever gave it, a rollback or restore has taken it back';
    return new Error(
      `handle ${handle} is stale, or of another store of tag ${own}: this one has not given it; ${undone}`,
    );
  }
  const told = `handle ${handle} is stale: what it named is freed already`;
  const unless = `(unless it is of another store of tag ${own})`;
  return new Error(isFreed ? `double free: ${told} ${unless}` : `${told} ${unless}`);
}

/** Whether the record's generation is past this one. A spent record had no later one to give. */
function wasFreed(words: Int32Array, slot: number, generation: number): boolean {
  const at = words[FIRST_RECORD] + slot * RECORD_WORDS;
  if (at >= words[END]) return false;
  return words[at + OWNER] === SPENT || generation < words[at + GENERATION];
}
