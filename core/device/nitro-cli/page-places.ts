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
  const search = new LowestPages(memory[node]?.pools ?? []);
  const image = search.place(rows, first, end);
  const before = search.place(rows, 0, first);
  const after = search.place(rows, end, Number.POSITIVE_INFINITY);
  if (image === undefined || before === undefined || after === undefined) return undefined;
  const touched = joined([image, before, after]);
  return { node, touched, runs: before.length === 0 ? touched : joined([before, image, after]) };
}

/** One list after the other; runs that go on where the one before ends are one. */
function joined(lists: readonly (readonly FoundRun[])[]): PageRun[] {
  const runs: PageRun[] = [];
  let last: FoundRun | undefined;
  for (const list of lists) {
    for (const run of list) {
      if (last !== undefined && goesOn(last, run)) {
        last = { ...last, pages: last.pages + run.pages, end: run.end, top: run.top };
        runs[runs.length - 1] = toRun(last);
        continue;
      }
      last = run;
      runs.push(toRun(run));
    }
  }
  return runs;
}

function goesOn(last: FoundRun, next: FoundRun): boolean {
  return last.size === next.size && last.end === next.start && last.top === next.address;
}

function toRun({ size, address, start, pages }: FoundRun): PageRun {
  return { size, address, start, pages };
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

interface FoundRun extends PageRun {
  /** Frame and user address behind the last page. */
  readonly end: number;
  readonly top: number;
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

  /** Places for the pages at positions [first, end) of the rows; undefined = there are too few. */
  place(rows: readonly PageRow[], first: number, end: number): FoundRun[] | undefined {
    const found: FoundRun[] = [];
    let position = 0;
    for (const { size, address, pages, pageKib } of rows) {
      const from = Math.max(first - position, 0);
      const to = Math.min(end - position, pages);
      position += pages;
      const bytes = pageKib * 1024;
      for (let page = from; page < to; ) {
        const run = this.#next(size, to - page);
        if (run === undefined) return undefined;
        const at = address + page * bytes;
        page += run.pages;
        found.push({ size, address: at, ...run, top: address + page * bytes });
      }
    }
    return found;
  }

  /** The lowest pages left of a size, as many as lie together, `most` at most. */
  #next(size: number, most: number) {
    const { store, pageFrames } = this.#pools[size];
    if (this.#at[size] + pageFrames > this.#end[size]) {
      const start = store.findLowest(pageFrames, pageFrames, this.#at[size]);
      if (start < 0) return undefined;
      const run = store.covering(start);
      this.#at[size] = start;
      this.#end[size] = run.start + run.frames;
    }
    const start = this.#at[size];
    const pages = Math.min(most, Math.floor((this.#end[size] - start) / pageFrames));
    const end = start + pages * pageFrames;
    this.#at[size] = end;
    return { start, pages, end };
  }
}
