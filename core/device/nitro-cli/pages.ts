/**
 * How nitro-cli takes hugepages for an enclave (nitro RULES.md §5.4, ResourceAllocator::allocate).
 *
 * First pass, sizes descending: as many of each size as still fit into the rest. Second pass, sizes
 * ascending: whatever covers the rest, one overshoot allowed. Then the taken pages are sorted by size
 * and the superfluous smallest ones go back: after an overshoot with a large page the smaller ones of
 * the first pass were taken for nothing (quirk `pages-taken-for-nothing`). A page is one mapping; it
 * gets a node when first touched (quirk `node-blind-pages`).
 *
 * Invariant: the pages kept are the shortest prefix, largest first, that covers the request. During
 * the passes more may be held for a moment; a launch beside this one can see that shortage.
 * Trade-off: needs are bigint, since a request may be any u64; pages are far fewer than that.
 */

import type { Program } from '../../host/program.js';
import { firstRefusal } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import { PAGES_RULES, requestedBytes } from './memory-rules.js';

const KIB_PER_MIB = 1024;
const BYTES_PER_KIB = 1024n;
const I64_BITS = 64;
const MIB_BITS = 20n;

/** Page sizes the program knows, in KiB, descending. 64 KiB and 4 MiB are not among them. */
export const KNOWN_PAGES_KIB: readonly number[] = [16_384, 2048, 1024, 512, 256, 32, 16, 8, 2].map(
  (mib) => mib * KIB_PER_MIB,
);

/** One hugepage a process holds. `node`: NUMA node id; -1 = not touched yet. */
export interface HeldPage {
  readonly pageKib: number;
  readonly address: number;
  node: number;
}

/** Calls to map a page of one size in a row; a failure ends the row. */
export interface PageAttempt {
  readonly pageKib: number;
  taken: number;
  failed: number;
}

/** The pages a launch holds and every try to get them; both grow as it goes. */
export interface PageLedger {
  readonly task: number;
  held: HeldPage[];
  readonly attempts: PageAttempt[];
}

/** Takes pages for a request, or leaves what it holds to the caller and says why it failed. */
export function* takePages(ledger: PageLedger, memoryMib: bigint): Program<Refusal | undefined> {
  const bytes = requestedBytes(memoryMib);
  const asked = BigInt.asIntN(I64_BITS, bytes);
  let missing = asked;
  for (const pageKib of KNOWN_PAGES_KIB) {
    missing = yield* takeWhile(ledger, pageKib, missing, BigInt(pageKib) * BYTES_PER_KIB);
  }
  for (const pageKib of KNOWN_PAGES_KIB.toReversed()) {
    missing = yield* takeWhile(ledger, pageKib, missing, 1n);
  }
  const requestedMib = bytes >> MIB_BITS;
  yield* dropSurplus(ledger, asked);
  const gotMib = BigInt(heldMib(ledger.held));
  return firstRefusal(PAGES_RULES, { requestedMib, missingBytes: missing, gotMib });
}

/** Takes pages of one size while at least `least` bytes are missing; gives what is missing then. */
function* takeWhile(
  ledger: PageLedger,
  pageKib: number,
  missing: bigint,
  least: bigint,
): Program<bigint> {
  const pageBytes = BigInt(pageKib) * BYTES_PER_KIB;
  let rest = missing;
  while (rest >= least) {
    const { decision } = yield { kind: 'nitro.map-page', task: ledger.task, pageKib };
    const { address } = decision.facts;
    record(ledger.attempts, pageKib, address !== undefined);
    if (address === undefined) break;
    ledger.held.push({ pageKib, address, node: -1 });
    rest -= pageBytes;
  }
  return rest;
}

function record(attempts: PageAttempt[], pageKib: number, taken: boolean): void {
  const last = attempts.at(-1);
  const same = last !== undefined && last.pageKib === pageKib && last.failed === 0;
  const row = same ? last : { pageKib, taken: 0, failed: 0 };
  if (!same) attempts.push(row);
  if (taken) row.taken++;
  else row.failed++;
}

/** Keeps the shortest prefix, largest pages first, that covers the request; all, where none does. */
function* dropSurplus(ledger: PageLedger, asked: bigint): Program<void> {
  const sorted = ledger.held.toSorted((a, b) => b.pageKib - a.pageKib);
  let rest = asked;
  let kept = 0;
  while (kept < sorted.length && rest > 0n) {
    rest -= BigInt(sorted[kept].pageKib) * BYTES_PER_KIB;
    kept++;
  }
  ledger.held = sorted.slice(0, kept);
  for (const { address } of sorted.slice(kept)) yield { kind: 'nitro.unmap', address };
}

/** Sum of pages in MiB. */
export function heldMib(held: readonly HeldPage[]): number {
  return held.reduce((sum, { pageKib }) => sum + pageKib, 0) / KIB_PER_MIB;
}
