/**
 * What an extent pool asks of a placement policy: an index over its free extents.
 *
 * A policy is a carver with these functions; all they remember lies in the arena's words, in bins
 * behind the address table and in words 6…15 of each record. So snapshots and undo need not know
 * which policy a pool has.
 *
 * Invariant: after `refile(at, …, start, frames)` the index knows record `at` as that free run, after
 * `remove` not at all; `search` never answers 0 while a place exists. What a run was is told and not
 * noted in its record: whoever changes a run has just read it, so a note would only be words to write.
 * Trade-off: index and words are one object, because a second one costs each operation loads and
 * checks (6 ns of some 100); and the place a search found is left in `place`, so that nothing is
 * allocated. The index never asks whether a mark is set: `keepUpdate` is called before.
 */

/** By what a store chooses among the places that fit. */
export type PolicyName = 'granule-aware' | 'best-fit' | 'first-fit';

export interface FreeRun {
  readonly start: number;
  readonly frames: number;
}

export interface FreeIndex {
  /**
   * The free run of record `at`, filed as [was, was+wasFrames), is now [start, start+frames), of one
   * frame at least; `wasFrames` 0: it was not filed. The record says the new run already.
   */
  refile(at: number, was: number, wasFrames: number, start: number, frames: number): void;
  /** A record that is filed as [start, start+frames) is no free run any more. */
  remove(at: number, start: number, frames: number): void;
  /**
   * Notes in the journal what `refile` with the same arguments is going to write; with 0 frames now,
   * what `remove` is going to.
   */
  keepRefile(at: number, was: number, wasFrames: number, start: number, frames: number): void;
  /**
   * The record of a free run with a place for `frames` frames aligned to `align`, and the place in
   * `place`; 0 only if there is none.
   */
  search(frames: number, align: number): number;
  /** Where the last successful search placed its request. Not part of the state. */
  readonly place: number;
  /** Frames of the longest free run. */
  largestRun(): number;
  /** Granules of the longest run of whole free granules. */
  mostGranules(): number;
  /** Differences from an index built afresh over `free` (record → present run), in words. */
  problems(free: ReadonlyMap<number, FreeRun>): string[];
}
