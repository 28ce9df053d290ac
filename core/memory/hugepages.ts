/**
 * Writing a number to nr_hugepages of one node and one page size, as a pure plan.
 *
 * Growing takes, for each page, the lowest aligned, wholly free place of the node; shrinking gives
 * free pages back from the highest address; pages in use stay. The result is max(in use, min(asked,
 * what fits)): the write succeeds even when less was had. Nothing is migrated or compacted, so free
 * memory without an aligned run is of no use.
 * Source: Linux mm/hugetlb.c (set_max_huge_pages, nr_hugepages_store_common), lib/kstrtox.c.
 *
 * Invariant: `reservePages`/`releasePages` of a plan's runs on the same state cannot throw and
 * leaves exactly `resulting` pages. Runs are maximal and ascending.
 * Trade-off: [M] real Linux migrates movable pages for a gigantic page and picks places by the
 * buddy lists; this is a deterministic model of it, in O(extents) and not O(pages).
 */

import { FREE } from './extent-store.js';
import { alignUp, unitsIn } from './frame-math.js';
import type { NodeMemory } from './node-memory.js';
import { freePages, pagesOf } from './node-memory.js';

export interface HugepagePlan {
  /** True: move `runs` from base into the pool; false: give them back. */
  readonly grow: boolean;
  /** Flat [startFrame, frames, …]; empty when nothing changes. */
  readonly runs: readonly number[];
  /** Pages in the pool afterwards. */
  readonly resulting: number;
}

/** What writing `target` pages to the pool of size index `sizeIndex` would do. Reads only. */
export function planHugepages(memory: NodeMemory, sizeIndex: number, target: number): HugepagePlan {
  const pool = memory.pools[sizeIndex];
  const pages = pagesOf(pool);
  if (target > pages) {
    const runs = lowestPlaces(memory, pool.pageFrames, target - pages);
    return { grow: true, runs, resulting: pages + pagesIn(runs, pool.pageFrames) };
  }
  const surplus = Math.min(pages - target, freePages(pool));
  const runs = highestFree(memory, sizeIndex, surplus);
  return { grow: false, runs, resulting: pages - surplus };
}

function lowestPlaces(memory: NodeMemory, pageFrames: number, wanted: number): number[] {
  const runs: number[] = [];
  let left = wanted;
  for (const { start, frames, owner } of memory.base.extents()) {
    if (left === 0) break;
    if (owner !== FREE) continue;
    const pages = Math.min(left, unitsIn(start, frames, pageFrames));
    if (pages === 0) continue;
    runs.push(alignUp(start, pageFrames), pages * pageFrames);
    left -= pages;
  }
  return runs;
}

function highestFree(memory: NodeMemory, sizeIndex: number, surplus: number): number[] {
  const { store, pageFrames } = memory.pools[sizeIndex];
  const free = [...store.extents()].filter((extent) => extent.owner === FREE);
  const runs: number[] = [];
  let left = surplus * pageFrames;
  for (let i = free.length - 1; left > 0; i--) {
    const frames = Math.min(left, free[i].frames);
    runs.unshift(free[i].start + free[i].frames - frames, frames);
    left -= frames;
  }
  return runs;
}

function pagesIn(runs: readonly number[], pageFrames: number): number {
  let frames = 0;
  for (let i = 1; i < runs.length; i += 2) frames += runs[i];
  return frames / pageFrames;
}

/** A page count as the kernel reads it, or the negative errno the write fails with. */
export type ParsedCount =
  | { readonly ok: true; readonly pages: number }
  | { readonly ok: false; readonly errno: -22 | -34 };

const ULONG_LIMIT = 2n ** 64n;

/**
 * kstrtoul in base 10 (Linux lib/kstrtox.c): an optional "+", digits, at most one newline. Anything
 * else, a sign "-" included, is -22 EINVAL; 2^64 and above is -34 ERANGE, whatever follows.
 * Counts above 2^53 - 1 are cut to that: no node has as many pages.
 */
export function parseHugepageCount(text: string): ParsedCount {
  const digits = /^\+?([0-9]+)/.exec(text);
  if (digits === null) return { ok: false, errno: -22 };
  const value = BigInt(digits[1]);
  if (value >= ULONG_LIMIT) return { ok: false, errno: -34 };
  const rest = text.slice(digits[0].length);
  if (rest !== '' && rest !== '\n') return { ok: false, errno: -22 };
  return { ok: true, pages: Number(value < MAX_COUNT ? value : MAX_COUNT) };
}

const MAX_COUNT = BigInt(Number.MAX_SAFE_INTEGER);
