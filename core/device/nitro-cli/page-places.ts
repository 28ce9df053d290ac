/**
 * Where the pages of a launch come to lie when they are touched one after the other, all of one node.
 *
 * A first touch takes the lowest free page of its size, on the process's node or else on the first
 * that has one (mapping.ts `touchPage`). Invariant: nothing is freed between two touches, so the next
 * page is never below the one before: pages of one free run are taken without looking again.
 * Trade-off: a page that would fall on another node than the pool's, and so be refused and lost, ends
 * the plan; that launch goes page by page. Only reads.
 */

import type { Runs } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import type { PagePool } from '../../memory/node-memory.js';
import type { PlannedPage } from './page-plan.js';

/** Pages of one size taken one after the other, as flat [start, frames, …] of the node. */
export interface PlacedRow {
  readonly size: number;
  readonly runs: Runs;
}

export interface PlacedPages {
  /** Position of the node. */
  readonly node: number;
  /** In the order touched. */
  readonly rows: readonly PlacedRow[];
  /** First frame of each page, by its position among the pages. */
  readonly starts: readonly number[];
}

/**
 * `node`, `local`: positions of the pool's node and of the process's. [first, end): positions that
 * receive the image, touched before the others. Undefined = some page would fall elsewhere.
 */
export function placePages(
  { memory }: Host,
  pages: readonly PlannedPage[],
  node: number,
  local: number,
  { first, end }: { readonly first: number; readonly end: number },
): PlacedPages | undefined {
  const rows: { size: number; runs: number[] }[] = [];
  const starts = new Array<number>(pages.length).fill(0);
  const search = new LowestPages(memory[node]?.pools ?? []);
  for (let turn = 0; turn < pages.length; turn++) {
    const position = touchedAt(turn, first, end);
    const { size } = pages[position];
    // Whoever is looked at before the pool's node must have nothing, or the page falls there.
    if (!isFirstChoice(memory, size, node, local)) return undefined;
    const start = search.next(size);
    if (start < 0) return undefined;
    starts[position] = start;
    let row = rows.at(-1);
    if (row === undefined || row.size !== size) {
      row = { size, runs: [] };
      rows.push(row);
    }
    row.runs.push(start, memory[node].pools[size].pageFrames);
  }
  return { node, rows, starts };
}

/** The position touched in a turn: [first, end), then all others ascending. */
function touchedAt(turn: number, first: number, end: number): number {
  const image = end - first;
  if (turn < image) return first + turn;
  return turn - image < first ? turn - image : turn;
}

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

  /** Its first frame; -1 = there is none. */
  next(size: number): number {
    const { store, pageFrames } = this.#pools[size];
    if (this.#at[size] + pageFrames > this.#end[size]) {
      const start = store.findLowest(pageFrames, pageFrames, this.#at[size]);
      if (start < 0) return -1;
      const run = store.covering(start);
      this.#at[size] = start;
      this.#end[size] = run.start + run.frames;
    }
    const start = this.#at[size];
    this.#at[size] = start + pageFrames;
    return start;
  }
}
