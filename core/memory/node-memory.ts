/**
 * The memory of one NUMA node: who owns each frame, and the page pools carved out of it.
 *
 * `base` has one owner per frame: FREE (the parent's free memory), HOLE, PARENT, or POOL + the
 * index of a page size. Each pool has a store of its own over the same frames: OUTSIDE where the
 * frame is not of that pool, FREE where a page is free, otherwise the holder (codes of core/host).
 *
 * Invariant: a frame is inside pool i (free or held) iff base says POOL + i; so in one pool at
 * most. Only `reservePages` and `releasePages` move frames between them, in both stores at once,
 * joining equal neighbours, so that the same pools read the same whatever way they came about.
 * Trade-off: a store per page size costs a second lookup, but a pool can then be searched, marked
 * and listed by itself, and a page's holder is found without knowing how the pool was cut.
 */
import { createEmptyStore } from './empty-store.js';
import { createExtentPool } from './extent-pool.js';
import type { ExtentStore, StoreMark } from './extent-store.js';
import { FREE } from './extent-store.js';
import type { PolicyName } from './free-index.js';

/** base: no memory there (PCI hole, firmware). */
export const HOLE = 1;
/** base: the parent's own footprint, never given away. */
export const PARENT = 2;
/** base: in the page pool of size index `owner - POOL`. */
export const POOL = 16;
/** pool: a frame that is not of this pool. */
export const OUTSIDE = 1;
/** pool: a page in use that nobody can return before a reboot. */
export const LEAKED = 2;

export interface PagePool {
  readonly pageKib: number;
  readonly pageFrames: number;
  /** Over all frames of the node. */
  readonly store: ExtentStore;
}

export interface NodeMemory {
  readonly node: number;
  readonly frameKib: number;
  readonly base: ExtentStore;
  /** One per page size of the architecture, ascending. */
  readonly pools: readonly PagePool[];
  /** A point to roll back to, over all stores. */
  mark(): NodeMark;
  rollback(mark: NodeMark): void;
  /** An independent node with equal content. */
  fork(): NodeMemory;
  /** All stores as bytes, one after the other. */
  snapshot(): Uint8Array;
  /** Problems inside the stores and between them; empty when sound. */
  verifyIndex(): string[];
}

/** Marks of all stores: base first, then the pools. */
export type NodeMark = readonly StoreMark[];

/**
 * Physical shape of a node. `frames`: 0 = a node without memory. `pageSizesKib`: ascending multiples
 * of `frameKib`.
 */
export interface NodeShape {
  readonly node: number;
  readonly frameKib: number;
  readonly frames: number;
  readonly pageSizesKib: readonly number[];
}

export type StoreFactory = (frames: number, tag: number, granuleFrames: number) => ExtentStore;

/** What the stores keep whole where they can: what a 1 GiB page takes. */
const GRANULE_KIB = 1024 ** 2;

/** Extent pools of one policy; granule-aware ones are the stores of a node unless told otherwise. */
export function poolsOf(policy: PolicyName): StoreFactory {
  return (frames, tag, granuleFrames) =>
    frames === 0
      ? createEmptyStore(granuleFrames)
      : createExtentPool({ frames, tag, granuleFrames, policy });
}

/** A node whose frames are all free and whose pools are empty. */
export function createNodeMemory(
  shape: NodeShape,
  createStore: StoreFactory = poolsOf('granule-aware'),
): NodeMemory {
  const { node, frameKib, frames, pageSizesKib } = shape;
  const firstTag = node * (pageSizesKib.length + 1);
  const granuleFrames = granuleOf(frameKib);
  const tagged = (part: number) => createStore(frames, (firstTag + part) % 256, granuleFrames);
  const pools = pageSizesKib.map((pageKib, sizeIndex) => {
    const below = sizeIndex === 0 ? 0 : pageSizesKib[sizeIndex - 1];
    const pageFrames = pageKib / frameKib;
    if (!Number.isInteger(pageFrames) || pageKib <= below) {
      throw new Error(`page sizes ${pageSizesKib} KiB on frames of ${frameKib} KiB`);
    }
    const store = tagged(sizeIndex + 1);
    if (frames > 0) store.allocAt(0, frames, OUTSIDE);
    return { pageKib, pageFrames, store };
  });
  return assemble(node, frameKib, tagged(0), pools);
}

/** Frames of a granule: a power of two, 1 GiB where the frame divides it. */
function granuleOf(frameKib: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(GRANULE_KIB / frameKib)));
}

function assemble(
  node: number,
  frameKib: number,
  base: ExtentStore,
  pools: readonly PagePool[],
): NodeMemory {
  const stores = [base, ...pools.map((pool) => pool.store)];
  return {
    node,
    frameKib,
    base,
    pools,
    mark: () => stores.map((store) => store.mark()),
    rollback(mark) {
      for (const [i, store] of stores.entries()) store.rollback(mark[i]);
    },
    fork: () =>
      assemble(
        node,
        frameKib,
        base.fork(),
        pools.map((pool) => ({ ...pool, store: pool.store.fork() })),
      ),
    snapshot: () => concatenated(stores.map((store) => store.snapshot())),
    verifyIndex: () => [
      ...stores.flatMap((store) => store.verifyIndex()),
      ...pools.flatMap((_, sizeIndex) => poolProblems(base, pools, sizeIndex)),
    ],
  };
}

/** Pages in the pool, free or in use (Linux: nr_hugepages of the node). */
export function pagesOf(pool: PagePool): number {
  let outside = 0;
  for (const extent of pool.store.extents()) {
    if (extent.owner === OUTSIDE) outside += extent.frames;
  }
  return (pool.store.frames - outside) / pool.pageFrames;
}

/** Free pages in the pool. O(1). */
export function freePages(pool: PagePool): number {
  return pool.store.freeFrames / pool.pageFrames;
}

/** Pages somebody holds, leaked ones included. */
export function inUsePages(pool: PagePool): number {
  return pagesOf(pool) - freePages(pool);
}

/** Moves flat [startFrame, frames, …] runs, free in base, into pool `sizeIndex` as free pages. */
export function reservePages(memory: NodeMemory, sizeIndex: number, runs: readonly number[]): void {
  const { store, pageFrames } = memory.pools[sizeIndex];
  eachRun(runs, pageFrames, (start, frames) => {
    holdJoined(memory.base, start, frames, POOL + sizeIndex);
    store.freeRange(start, frames);
  });
}

/** Moves flat [startFrame, frames, …] runs of free pages of pool `sizeIndex` back to base. */
export function releasePages(memory: NodeMemory, sizeIndex: number, runs: readonly number[]): void {
  const { store, pageFrames } = memory.pools[sizeIndex];
  eachRun(runs, pageFrames, (start, frames) => {
    holdJoined(store, start, frames, OUTSIDE);
    memory.base.freeRange(start, frames);
  });
}

function eachRun(
  runs: readonly number[],
  pageFrames: number,
  each: (start: number, frames: number) => void,
): void {
  for (let i = 0; i < runs.length; i += 2) {
    if (runs[i] % pageFrames !== 0 || runs[i + 1] % pageFrames !== 0) {
      throw new Error(
        `run [${runs[i]}, +${runs[i + 1]}) is not whole pages of ${pageFrames} frames`,
      );
    }
    each(runs[i], runs[i + 1]);
  }
}

/** Takes a free run for `owner` and makes one extent of it and equal neighbours. */
function holdJoined(store: ExtentStore, start: number, frames: number, owner: number): void {
  const run = store.covering(start);
  if (run.owner !== FREE || start + frames > run.start + run.frames) {
    throw new Error(`frames [${start}, +${frames}) are not all free`);
  }
  let first = start;
  let end = start + frames;
  const before = start > 0 ? store.covering(start - 1) : undefined;
  const after = end < store.frames ? store.covering(end) : undefined;
  if (before?.owner === owner) {
    first = before.start;
    store.free(before.handle);
  }
  if (after?.owner === owner) {
    end += after.frames;
    store.free(after.handle);
  }
  store.allocAt(first, end - first, owner);
}

function poolProblems(base: ExtentStore, pools: readonly PagePool[], sizeIndex: number): string[] {
  const problems: string[] = [];
  const { store, pageFrames } = pools[sizeIndex];
  let inPool = 0;
  for (const { start, frames, owner } of store.extents()) {
    if (owner === OUTSIDE) continue;
    inPool += frames;
    const name = `pool ${sizeIndex} [${start}, +${frames})`;
    if (start % pageFrames !== 0 || frames % pageFrames !== 0) {
      problems.push(`${name}: not whole pages of ${pageFrames} frames`);
    }
    for (let at = start; at < start + frames; ) {
      const below = base.covering(at);
      if (below.owner !== POOL + sizeIndex) problems.push(`${name}: base has ${below.owner}`);
      at = below.start + below.frames;
    }
  }
  let inBase = 0;
  for (const extent of base.extents()) {
    if (extent.owner === POOL + sizeIndex) inBase += extent.frames;
  }
  if (inBase !== inPool) problems.push(`pool ${sizeIndex}: ${inPool} frames, base has ${inBase}`);
  return problems;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
