/**
 * The extent store: who owns which frames of one NUMA node's physical memory.
 *
 * A node is a line of `frames` equal frames. The store cuts that line into extents: runs of
 * consecutive frames with one owner. Owner 0 is "free"; any other owner is a number that the layer
 * above gives a meaning (a hole, the parent's footprint, a page pool, a task, an enclave, ...): the
 * store knows nothing of enclaves.
 *
 * Invariants: extents partition [0, frames) without gap or overlap; two neighbouring free extents
 * are never left apart (free space is coalesced); a handle names one allocated extent and carries a
 * generation and the store's tag, so a stale handle, or one of a store of another tag, is detected
 * instead of touching somebody else's frames.
 *
 * The store is the truth for its frames (nothing rebuilds it): a branch forks it, an undo rolls it
 * back to the byte, and equal snapshots make equal choices afterwards.
 *
 * Searching (`find…`) only reads, so that a decision can name the frames it will take; taking
 * (`allocAt`) cannot fail when the named range is free.
 */

import type { ExtentList } from './extent-list.js';

/** Names one allocated extent of one store; never 0. Slot number and generation inside. */
export type Handle = number;

/** The owner of frames nobody holds. */
export const FREE = 0;

/** One run of frames with one owner, as `extents()` reports it. `handle` is 0 when free. */
export interface Extent {
  readonly start: number;
  readonly frames: number;
  readonly owner: number;
  readonly handle: Handle;
}

/** `count` runs of `frames` frames each, one right above the other; the lowest begins at `start`. */
export interface EqualExtents {
  readonly start: number;
  readonly frames: number;
  readonly count: number;
}

export interface ExtentStore {
  /** Length of the node in frames. */
  readonly frames: number;
  /** Frames whose owner is FREE. O(1). */
  readonly freeFrames: number;

  /**
   * First frame of a place for `frames` consecutive free frames whose start is a multiple of
   * `align`, chosen by the store's policy; -1 only if no such place exists.
   */
  find(frames: number, align: number): number;
  /** Like `find`, but always the lowest address at or above `from`. */
  findLowest(frames: number, align: number, from?: number): number;
  /** Frames of one granule: the unit (1 GiB) whose whole free runs the store counts. */
  readonly granuleFrames: number;
  /**
   * Frames of the longest run of whole free granules (0 when none). O(1) in a measured pool
   * (`PoolShape.measured`) and, in a granule-aware one, up to 63 granules; else remembered, and after
   * such a run has changed looked for among those of about as many granules, of which a node has one for
   * each 64 granules at most.
   */
  largestGranuleRun(): number;
  /**
   * Frames of the longest run of aligned units of 2^order granules, where the store knows it without a
   * walk over its extents. O(1) in a measured pool; in a granule-aware one it is looked for among the runs
   * of whole granules, the longest first, as far as one may be better. `order`: a whole number from 0 on.
   */
  knownAlignedRun?(order: number): number | undefined;
  /**
   * Longest run of free frames (0 when none). O(1) in a measured pool (under best fit with granules of
   * 512 frames or fewer), and under first fit; else remembered with how many are that long, and once the
   * last of them has changed looked for among the runs of as many whole granules, or one fewer: however
   * many extents there are, no more than half the node's granules. Under best fit, among the runs of
   * about its length.
   */
  largestFreeRun(): number;
  /**
   * How many aligned, wholly free units of `unit` frames exist (the 1G pages still possible). O(1) for
   * a frame and a granule, and in a measured pool for every power of two. For powers of two above a
   * granule a granule-aware pool asks its runs of that many whole granules, which are fewer than the
   * node has such units; else O(extents).
   */
  freeUnits(unit: number): number;
  /**
   * Naturally aligned power-of-two blocks that the free runs consist of, as a buddy allocator would
   * keep them. O(1) in a measured pool, else O(extents); absent = ask the extents.
   */
  freeBlocks?(): number;

  /**
   * Takes a place that the policy chooses, as `find` and `allocAt` in one go; 0 (never a handle) when
   * there is none.
   */
  alloc(frames: number, align: number, owner: number): Handle;
  /** Takes exactly [start, start+frames), which must be free, for `owner` (not FREE). */
  allocAt(start: number, frames: number, owner: number): Handle;
  /**
   * Returns a whole extent. Throws on a stale handle, on a double free, and on the handle of a store of
   * another tag; stores of one host have different tags up to 256 of them.
   */
  free(handle: Handle): void;
  /**
   * Returns [start, start+frames), which must lie inside one allocated extent. The lowest part that
   * stays keeps the handle; when two parts stay, the upper one gets a new handle (see `covering`).
   */
  freeRange(start: number, frames: number): void;
  /** Gives an allocated extent to another owner (not FREE), in place; the handle stays valid. */
  setOwner(handle: Handle, owner: number): void;

  /** The extent a live handle names. Throws on a stale or foreign handle. */
  at(handle: Handle): Extent;
  /** The extent that covers a frame, free or not. */
  covering(frame: number): Extent;
  /** All extents in address order, free ones included. */
  extents(): Iterable<Extent>;
  /** Adds the same to a list, without an object for each; absent = the store only has `extents`. */
  listInto?(list: ExtentList): void;

  /** What `equal-extents` does with many at once; absent = it goes one by one. */
  allocEach?(extents: EqualExtents, owner: number): void;
  holdsEach?(extents: EqualExtents, owner: number): boolean;
  freeEach?(extents: EqualExtents, owner: number): void;

  /** A point to roll back to; valid until an earlier mark is rolled back. */
  mark(): StoreMark;
  /** Restores the exact bytes of the marked moment. */
  rollback(mark: StoreMark): void;
  /** An independent store with equal content: equal requests get equal answers from both. */
  fork(): ExtentStore;
  /** The whole content as bytes (little-endian words); equal snapshots make equal choices. */
  snapshot(): Uint8Array;
  /**
   * Takes on the content of a snapshot of a store of the same shape; marks set before are void, and so
   * are handles given since the snapshot: as its choices do, their numbers come again.
   */
  restore(bytes: Uint8Array): void;
  /** Problems found by recomputing every summary from the extents; empty when sound. */
  verifyIndex(): string[];
}

declare const storeMark: unique symbol;
/** Opaque: what `rollback` needs. */
export type StoreMark = { readonly [storeMark]: true };
