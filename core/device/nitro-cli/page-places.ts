/**
 * Where the pages of a launch come to lie when they are touched one after the other, all of one node.
 *
 * A first touch takes the lowest free page of its size, on the process's node or else on the first
 * that has one (mapping.ts `touchPage`). Invariant: nothing is freed between two touches, so the next
 * page is never below the one before: pages of one free run are taken together, without looking again.
 * Trade-off: a page that would fall on another node than the pool's, and so be refused and lost, ends
 * the plan; that launch goes page by page. Only reads.
 */

import type { PageRun } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import type { PagePool } from '../../memory/node-memory.js';
import type { PageRow } from './page-plan.js';

const BYTES_PER_KIB = 1024;

export interface PlacedPages {
  /** Position of the node. */
  readonly node: number;
  /** In the order touched. */
  readonly touched: readonly PageRun[];
  /** In the order of the rows. */
  readonly runs: readonly PageRun[];
}

/**
 * `node`, `local`: positions of the pool's node and of the process's. [first, end): positions among
 * the pages that receive the image, touched before the others. Undefined = some page would fall
 * elsewhere.
 */
export function placePages(
  { memory }: Host,
  rows: readonly PageRow[],
  node: number,
  local: number,
  { first, end }: { readonly first: number; readonly end: number },
): PlacedPages | undefined {
  for (const { size } of rows) if (!isFirstChoice(memory, size, node, local)) return undefined;
  const search = new LowestPages(memory[node].pools);
  const all = Number.POSITIVE_INFINITY;
  const image: PageRun[] = [];
  const before: PageRun[] = [];
  const after: PageRun[] = [];
  // Where the image begins with the first page, all are touched in their order.
  if (first === 0) return search.place(image, rows, 0, all) ? inOrder(node, image) : undefined;
  const placed =
    search.place(image, rows, first, end) &&
    search.place(before, rows, 0, first) &&
    search.place(after, rows, end, all);
  if (!placed) return undefined;
  return { node, touched: [...image, ...before, ...after], runs: [...before, ...image, ...after] };
}

function inOrder(node: number, runs: readonly PageRun[]): PlacedPages {
  return { node, touched: runs, runs };
}

/** Whoever is looked at before the pool's node must have nothing, or the page falls there. */
function isFirstChoice(memory: Host['memory'], size: number, node: number, local: number): boolean {
  if (local === node) return true;
  if (hasPage(memory[local]?.pools[size])) return false;
  for (let before = 0; before < node; before++) {
    if (hasPage(memory[before].pools[size])) return false;
  }
  return true;
}

function hasPage(pool: PagePool | undefined): boolean {
  return pool !== undefined && pool.store.findLowest(pool.pageFrames, pool.pageFrames) >= 0;
}

/** The free pages of a node by size, lowest first, each given once. */
class LowestPages {
  readonly #pools: readonly PagePool[];
  /** By size: where the next page starts, and where its free run ends. */
  readonly #at: number[];
  readonly #end: number[];

  constructor(pools: readonly PagePool[]) {
    this.#pools = pools;
    this.#at = pools.map(() => 0);
    this.#end = pools.map(() => 0);
  }

  /** Adds places for the pages at positions [first, end) of the rows; false = there are too few. */
  place(found: PageRun[], rows: readonly PageRow[], first: number, end: number): boolean {
    let position = 0;
    for (const { size, address, pages, pageKib } of rows) {
      const to = Math.min(end - position, pages);
      for (let page = Math.max(first - position, 0); page < to; ) {
        const together = Math.min(to - page, this.#together(size));
        if (together === 0) return false;
        const start = this.#at[size];
        const at = address + page * pageKib * BYTES_PER_KIB;
        found.push({ size, address: at, start, pages: together });
        this.#at[size] = start + together * this.#pools[size].pageFrames;
        page += together;
      }
      position += pages;
    }
    return true;
  }

  /** How many pages of a size lie together from `at` on, which moves up to the lowest; 0 = no page. */
  #together(size: number): number {
    const { store, pageFrames } = this.#pools[size];
    if (this.#at[size] + pageFrames > this.#end[size]) {
      const start = store.findLowest(pageFrames, pageFrames, this.#at[size]);
      if (start < 0) return 0;
      const run = store.covering(start);
      this.#at[size] = start;
      this.#end[size] = run.start + run.frames;
    }
    return Math.floor((this.#end[size] - this.#at[size]) / pageFrames);
  }
}
