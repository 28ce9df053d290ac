/**
 * A whole life in two effects, for an enclave whose memory its own process has mapped page by page.
 *
 * A launch of thousands of pages is a few runs: equal pages at consecutive user addresses on
 * consecutive frames. Invariant: `admit-mapped` leaves the tree and the stores that one `claim`, `map`,
 * `add-region` and `donate` a page leave, in the order of touching for the stores, of giving for the
 * ranges and of addresses for mappings and regions; `dismiss-mapped` those that `scrub`, `release` and
 * `unmap` a page leave, last first (test/device/nitro-at-once). Trade-off: as in whole-life.ts, what
 * lies between cannot be seen; the lists of the tree still hold each page by itself.
 */
import { allocEach, freeEach } from '../memory/equal-extents.js';
import type { EqualExtents } from '../memory/extent-store.js';
import type { NodeMemory, PagePool } from '../memory/node-memory.js';
import type { AdmitMapped, DismissMapped, PageRun } from './effect.js';
import { insertAll, removeSpan } from './lists.js';
import { enclaveOwner } from './owner.js';
import { physOf } from './physical.js';
import { returnCores, takeCores } from './pool-cores.js';
import { putRecord, removeRecord } from './records.js';
import { copyEnclave, type Enclave, type HostTree, newEnclave, type UserRegion } from './tree.js';

interface Writable {
  readonly tree: HostTree;
  readonly memory: readonly NodeMemory[];
}

const BYTES_PER_KIB = 1024;

export function admitMapped(host: Writable, effect: AdmitMapped): void {
  const { tree } = host;
  const { enclave: given, cores, node, touched, runs, nextCid } = effect;
  takeCores(tree, cores);
  claimPages(host.memory[node], touched, enclaveOwner(given.uid));
  const record = newEnclave(given);
  record.cores = cores;
  // The lists of an effect stay the effect's own.
  if (given.vcpus !== undefined) record.vcpus = given.vcpus.slice();
  enterPages(host, effect, record);
  putRecord(tree, record);
  const { counters } = tree;
  counters.nextSlot = given.uid + 1;
  counters.nextCid = nextCid.to;
  counters.pinned += pagesIn(runs);
}

export function undoAdmitMapped(tree: HostTree, effect: AdmitMapped): void {
  const { enclave, cores, runs, nextCid } = effect;
  const { counters, mappings } = tree;
  const pages = pagesIn(runs);
  counters.pinned -= pages;
  counters.nextCid = nextCid.from;
  counters.nextSlot = enclave.uid;
  removeRecord(tree, enclave.uid);
  mappings.length -= pages;
  returnCores(tree, cores);
}

export function dismissMapped({ tree, memory }: Writable, effect: DismissMapped): void {
  const { enclave, node, runs } = effect;
  const owner = enclaveOwner(enclave.uid);
  returnCores(tree, enclave.cores);
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i];
    const pool = memory[node].pools[run.size];
    // Scrubbed and freed at once: nobody can look in between.
    freeEach(pool.store, extentsOf(pool, run), owner);
    removeSpan(tree.mappings, run.position, run.pages);
  }
  tree.counters.pinned -= enclave.regions.length;
  removeRecord(tree, enclave.uid);
}

export function undoDismissMapped(tree: HostTree, { enclave, runs }: DismissMapped): void {
  putRecord(tree, copyEnclave(enclave));
  tree.counters.pinned += enclave.regions.length;
  for (let i = runs.length - 1; i >= 0; i--) {
    insertAll(tree.mappings, runs[i].position, runs[i].mappings);
  }
  takeCores(tree, enclave.cores);
}

/** One extent a page. */
function claimPages({ pools }: NodeMemory, runs: readonly PageRun[], owner: number): void {
  for (let i = 0; i < runs.length; i++) {
    const pool = pools[runs[i].size];
    allocEach(pool.store, extentsOf(pool, runs[i]), owner);
  }
}

function extentsOf({ pageFrames }: PagePool, { start, pages }: PageRun): EqualExtents {
  return { start, frames: pageFrames, count: pages };
}

/** Ranges in the order given, mappings of the process and regions of the enclave by address. */
function enterPages(host: Writable, { node, runs }: AdmitMapped, record: Enclave): void {
  const pages = pagesIn(runs);
  record.donated = rangesOf(host, node, runs, pages);
  const { node: id, task } = record;
  const { mappings } = host.tree;
  // Lists of a known length: one that grows is copied again and again.
  const regions = new Array<UserRegion>(pages);
  const byAddress = isAscending(runs) ? runs : runs.toSorted((a, b) => a.address - b.address);
  let at = 0;
  for (let i = 0; i < byAddress.length; i++) {
    const { size, address: first, pages } = byAddress[i];
    const { phys: start, bytes } = physicalRun(host, node, byAddress[i]);
    for (let k = 0; k < pages; k++) {
      const phys = start + k * bytes;
      const address = first + k * bytes;
      regions[at++] = { address, bytes, pages: [phys, bytes] };
      mappings.push({ address, pageBytes: bytes, huge: 1, node: id, runs: [phys, 1], task, size });
    }
  }
  record.regions = regions;
}

/** Flat [phys, bytes, …], a range a page. */
function rangesOf(host: Writable, node: number, runs: readonly PageRun[], pages: number) {
  const ranges = new Array<number>(2 * pages);
  let at = 0;
  for (let i = 0; i < runs.length; i++) {
    const { phys, bytes } = physicalRun(host, node, runs[i]);
    for (let k = 0; k < runs[i].pages; k++) {
      ranges[at++] = phys + k * bytes;
      ranges[at++] = bytes;
    }
  }
  return ranges;
}

/** Where a run starts, and bytes of one page. */
function physicalRun(host: Writable, node: number, { size, start }: PageRun) {
  const bytes = host.memory[node].pools[size].pageKib * BYTES_PER_KIB;
  return { phys: physOf(host, node, start), bytes };
}

function isAscending(runs: readonly PageRun[]): boolean {
  for (let i = 1; i < runs.length; i++) if (runs[i].address < runs[i - 1].address) return false;
  return true;
}

export function pagesIn(runs: readonly { readonly pages: number }[]): number {
  let pages = 0;
  for (let i = 0; i < runs.length; i++) pages += runs[i].pages;
  return pages;
}
