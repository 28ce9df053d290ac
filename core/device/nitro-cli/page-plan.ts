/**
 * Which hugepages a launch ends up holding, and at which user addresses, worked out in rows of equal
 * pages instead of page by page (pages.ts, tasks.ts `mapPage`).
 *
 * Invariant: the same pages, in the same order, at the same addresses, with as much missing, as the
 * program would have when nothing else moves meanwhile (test/device/nitro-at-once). Only reads.
 * Trade-off: sizes are plain numbers, so requests of 4 PiB and more are left to the program.
 */
import type { Host } from '../../host/host.js';
import { addressAbove, availablePages, upperEnd } from '../../platform/nitro/tasks.js';
import { KNOWN_PAGES_KIB } from './pages.js';

const BYTES_PER_KIB = 1024;
const BYTES_PER_MIB = 1024 ** 2;
const MOST_MIB = 2 ** 32;
const ASCENDING = KNOWN_PAGES_KIB.toReversed();

/** Equal pages at consecutive addresses that the launch keeps. `size`: index of their page pool. */
export interface PageRow {
  readonly pageKib: number;
  readonly size: number;
  /** Of the first page. */
  readonly address: number;
  /** At least one. */
  readonly pages: number;
}

export interface PagePlan {
  /** In the order given to the driver: largest first. Where something is missing: as taken. */
  readonly held: readonly PageRow[];
  /** Negative = overshoot. */
  readonly missingBytes: number;
}

/** Undefined = the program must find out itself: too large a request, or user memory is full. */
export function planPages(host: Host, memoryMib: bigint): PagePlan | undefined {
  if (memoryMib >= MOST_MIB) return undefined;
  const bytes = Number(memoryMib) * BYTES_PER_MIB;
  const rows = new RowTaker(host, bytes);
  for (const pageKib of KNOWN_PAGES_KIB) rows.take(pageKib, Math.floor);
  for (const pageKib of ASCENDING) rows.take(pageKib, Math.ceil);
  if (rows.isFull) return undefined;
  const { taken, missing } = rows;
  return { held: missing <= 0 ? largestFirst(taken, bytes) : taken, missingBytes: missing };
}

/** Pages as they are taken: rows of one size, at ascending addresses. */
class RowTaker {
  readonly taken: PageRow[] = [];
  missing: number;
  /** An address was not to be had above the others. */
  isFull = false;
  readonly #host: Host;
  readonly #available: number[];
  #top: number;

  constructor(host: Host, bytes: number) {
    this.#host = host;
    this.missing = bytes;
    this.#available = host.topology.pageSizesKib.map((_, size) => availablePages(host, size));
    this.#top = upperEnd(host.tree.mappings);
  }

  /** As many pages of a size as `round` of the rest asks for and the parent has. */
  take(pageKib: number, round: (pages: number) => number): void {
    if (this.missing <= 0) return;
    const size = this.#host.topology.pageSizesKib.indexOf(pageKib);
    if (size < 0) return;
    const bytes = pageKib * BYTES_PER_KIB;
    const pages = Math.min(round(this.missing / bytes), Math.max(0, this.#available[size]));
    if (pages === 0) return;
    this.#available[size] -= pages;
    this.missing -= pages * bytes;
    const address = addressAbove(this.#top, bytes);
    const last = address + (pages - 1) * bytes;
    if (address < 0 || addressAbove(last, bytes) < 0) {
      this.isFull = true;
      return;
    }
    this.taken.push({ pageKib, size, address, pages });
    this.#top = last + bytes;
  }
}

/**
 * The shortest prefix, largest pages first, that covers the request. It ends with a row: the second
 * pass takes a single page, of a size that the rest did not fill, and what was smaller goes back whole.
 */
function largestFirst(taken: readonly PageRow[], bytes: number): readonly PageRow[] {
  const kept: PageRow[] = [];
  let rest = bytes;
  for (const row of isLargestFirst(taken) ? taken : bySize(taken)) {
    if (rest <= 0) break;
    kept.push(row);
    rest -= row.pages * row.pageKib * BYTES_PER_KIB;
  }
  return kept;
}

function bySize(rows: readonly PageRow[]): PageRow[] {
  return rows.toSorted((a, b) => b.pageKib - a.pageKib);
}

function isLargestFirst(rows: readonly PageRow[]): boolean {
  for (let i = 1; i < rows.length; i++) if (rows[i].pageKib > rows[i - 1].pageKib) return false;
  return true;
}
