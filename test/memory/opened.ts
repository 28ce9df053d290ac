/**
 * A pool whose carver can be looked at, for tests of what an operation notes, reads and writes.
 *
 * Invariant: the pool is as `createExtentPool` makes it. Trade-off: watching costs a call for each word.
 */
import type { ExtentCarver } from '../../core/memory/extent-carver.js';
import { ExtentPool } from '../../core/memory/extent-pool.js';
import { openCarver } from '../../core/memory/policies.js';
import { layOut, type PoolShape } from '../../core/memory/pool-shape.js';

export interface Opened {
  readonly pool: ExtentPool;
  readonly carver: ExtentCarver;
}

export function opened(shape: PoolShape): Opened {
  const { words, addresses, policy } = layOut(shape);
  const carver = openCarver(policy, words, addresses);
  const pool = new ExtentPool(carver, policy);
  pool.open();
  return { pool, carver };
}

/** Counts the words that the journal of a carver notes from now on. */
export function countNotes(carver: ExtentCarver): () => number {
  let noted = 0;
  const [keep, keepRun] = [carver.keep.bind(carver), carver.keepRun.bind(carver)];
  carver.keep = (at) => {
    noted++;
    keep(at);
  };
  carver.keepRun = (at, count) => {
    noted += count;
    keepRun(at, count);
  };
  return () => noted;
}

/** Words read and written by what is done. There must be room, so that the words stay where they are. */
export function wordsTouched(
  { carver }: Opened,
  act: () => void,
): { reads: number; writes: number } {
  const { words } = carver;
  let [reads, writes] = [0, 0];
  const watched = new Proxy(words, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member === 'function') return member.bind(target);
      reads++;
      return member;
    },
    set: (target, key, value) => {
      writes++;
      return Reflect.set(target, key, value, target);
    },
  });
  carver.words = watched;
  act();
  if (carver.words !== watched) throw new Error('the words have moved');
  carver.words = words;
  return { reads, writes };
}
