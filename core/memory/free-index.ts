/**
 * What an extent pool asks of a placement policy: an index over its free extents.
 *
 * A policy is a few functions without state of their own: all they remember lies in the pool's
 * words, in bins behind the header and in words 6…15 of each record. So forks, snapshots and undo
 * need not know which policy a pool has.
 *
 * Invariant: after `update(arena, at, start, frames)` the index knows record `at` as that free run,
 * or not at all when `frames` is 0; `find` never answers 0 while a place exists.
 * Trade-off: the place a search found is left in `arena.place`, so that nothing is allocated; the
 * pool keeps the header's counters for the journal, the index its own words.
 */
import type { Arena } from './arena.js';

/** By what a store chooses among the places that fit. */
export type PolicyName = 'granule-aware' | 'best-fit' | 'first-fit';

export interface FreeIndex {
  /** Words it takes behind the header. */
  readonly words: number;
  /** The free run of record `at` is now [start, start+frames), or none when frames = 0. */
  update(arena: Arena, at: number, start: number, frames: number): void;
  /** The same as `update` with 0 frames. */
  remove(arena: Arena, at: number): void;
  /**
   * The record of a free run with a place for `frames` frames aligned to `align`, and the place in
   * `arena.place`; 0 only if there is none.
   */
  find(arena: Arena, frames: number, align: number): number;
  /** Frames of the longest free run. */
  largestRun(arena: Arena): number;
  /** Granules of the longest run of whole free granules. */
  mostGranules(arena: Arena): number;
  /** Differences from an index built afresh over `free` (record → present run), in words. */
  problems(arena: Arena, free: ReadonlyMap<number, FreeRun>): string[];
}

export interface FreeRun {
  readonly start: number;
  readonly frames: number;
}

/** Opens a policy's index over the words from `base` on. */
export type OpenIndex = (base: number, frames: number, granuleShift: number) => FreeIndex;
