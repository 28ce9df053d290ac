/**
 * The page loop of SET_USER_MEMORY_REGION: pins page after page (nitro RULES.md §3.2).
 *
 * Body first, test after, so a region smaller than its page covers the whole page (quirk
 * `region-over-coverage`). On failure all
 * recorded pages are let go; the page that failed a check was pinned but not recorded, and is never
 * let go (quirk `pin-leak`). Invariant: pages come out in address order, each looked at once.
 * Trade-off [M]: a page nobody touched yet reads as unmapped; here the touch is a step of its own,
 * taken by whoever maps, in the order the kernel would.
 */
import type { Host } from '../../host/host.js';
import { taskOwner } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import { isPromise, type Mapping } from '../../host/tree.js';
import { LEAKED } from '../../memory/node-memory.js';
import type { Refusal } from '../../refusal/refusal.js';
import { firstRefusal } from '../rule.js';
import { answeredRefusal } from './answered.js';
import { addToCounter, attempt, type Call } from './call.js';
import { findMapping, mappedBytes, pageAt } from './mapping.js';
import { type MemoryContext, PAGE_MAPPED, PAGE_RULES, type PinnedPage } from './memory-rules.js';
import { mergeRange } from './merge.js';
import { poolOwnerAt } from './page-owner.js';

export interface PinnedRegion {
  /** Flat [phys, bytes, …] per page. */
  readonly pages: number[];
  /** Flat [phys, bytes, …] of physically contiguous ranges. */
  readonly ranges: number[];
  /** True when some page is of the host's own pools. */
  readonly owned: boolean;
}

const MAPPED = [PAGE_MAPPED];

/** Pins the pages of a region whose arguments have passed; on refusal the ledger has the leak. */
export function pinRegion(call: Call, context: MemoryContext): PinnedRegion | Refusal {
  const { host, enclave, command } = context;
  const address = Number(command.address);
  const bytes = Number(command.bytes);
  const region = { pages: [] as number[], ranges: [] as number[], owned: false };
  let mapping: Mapping | undefined;
  let mappingEnd = 0;
  for (let covered = 0; covered < bytes; ) {
    const at = address + covered;
    const errno = attempt(call, 'GUP');
    if (errno !== 0) return answeredRefusal('GUP', errno);
    if (at >= mappingEnd) {
      mapping = mappingAt(context, at);
      mappingEnd = mapping === undefined ? 0 : mapping.address + mappedBytes(mapping);
    }
    const page = mapping === undefined ? undefined : pageAt(mapping, at);
    const unmapped = firstRefusal(MAPPED, { page, address: at });
    if (unmapped !== undefined || mapping === undefined || page === undefined) {
      return unmapped ?? unreachable();
    }
    const refusal = firstRefusal(PAGE_RULES, { enclave, page });
    if (refusal !== undefined) {
      leakPin(call, host, mapping, page);
      return refusal;
    }
    if (!mergeRange(region.ranges, page.phys, page.bytes)) unreachable();
    region.pages.push(page.phys, page.bytes);
    region.owned ||= mapping.size >= 0;
    covered += page.bytes;
  }
  return region;
}

/** The mapping at an address, if its pages are there. */
function mappingAt({ host, command }: MemoryContext, address: number): Mapping | undefined {
  const position = findMapping(host.tree.mappings, address, command.task);
  const mapping = host.tree.mappings[position];
  return mapping !== undefined && !isPromise(mapping) ? mapping : undefined;
}

function leakPin(call: Call, host: Host, mapping: Mapping, page: PinnedPage): void {
  addToCounter(call, host, 'pinned', 1);
  if (mapping.size < 0) return;
  const place = locate(host, page.phys);
  if (place === undefined) return;
  const extent = poolOwnerAt(host.memory[place.node], place.frame);
  const from = taskOwner(mapping.task);
  if (extent?.owner !== from) return;
  const { node } = place;
  const { size, handle } = extent;
  call.effects.push({ kind: 'give', node, size, handle, from, to: LEAKED, uid: -1 });
}

function unreachable(): never {
  throw new Error('a page passed its checks and could not be merged');
}
