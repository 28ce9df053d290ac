/**
 * User memory regions of enclaves: which one covers an address, and what pins a page.
 *
 * A recorded page is always the head of a hugepage (the tail of one is refused by its size), and
 * from its first pin to its last it is mapped at one user address or at none. So a page of the
 * host's pools is pinned by a region iff the region covers that address and has the page there:
 * one search per enclave, never a walk over all regions.
 * Invariant: regions of one enclave are by ascending address and, as declared, do not overlap.
 * Trade-off: pages of foreign mappings may alias anything and are not looked for.
 */
import type { Host } from '../../host/host.js';
import type { UserRegion } from '../../host/tree.js';
import { firstAbove } from './by-address.js';

/** The lowest region that overlaps [address, address + bytes), or has `address` inside it. */
export function overlapping(
  regions: readonly UserRegion[],
  address: number,
  bytes: number,
): UserRegion | undefined {
  const above = firstAbove(regions, address);
  const below = above === 0 ? undefined : regions[above - 1];
  if (below !== undefined && address < below.address + below.bytes) return below;
  const next = above === regions.length ? undefined : regions[above];
  return next !== undefined && next.address < address + bytes ? next : undefined;
}

/** Whether a region of an enclave, other than `except`, pins the page `phys` mapped at `address`. */
export function isPinned(host: Host, address: number, phys: number, except = -1): boolean {
  for (const { uid, regions } of host.tree.records) {
    if (uid === except) continue;
    const region = overlapping(regions, address, 1);
    if (region !== undefined && pageAtAddress(region, address) === phys) return true;
  }
  return false;
}

/** The physical start of the page whose first byte is at a user address; -1 = none starts there. */
function pageAtAddress({ address: first, pages }: UserRegion, address: number): number {
  let at = first;
  for (let i = 0; i < pages.length && at <= address; i += 2) {
    if (at === address) return pages[i];
    at += pages[i + 1];
  }
  return -1;
}
