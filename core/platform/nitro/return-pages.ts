/**
 * What becomes of an ended enclave's pages (nitro RULES.md §1.1; ownership is our model of it).
 *
 * The hypervisor scrubs what it took back. A page still mapped is its task's again; one that
 * another enclave's region pins stays held; any other is free in its pool. Pages of recorded
 * (foreign) memory have no owner here and are passed over. Invariant: only pages owned by this
 * enclave, or held for nobody else, change hands. Trade-off: who maps or pins a page is looked up
 * by its user address, page by page (see regions.ts for why that finds all), so that a close costs
 * what the enclave has and not what the parent has.
 */
import type { Host } from '../../host/host.js';
import { enclaveOwner, HELD, SCRUBBED, taskOwner } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import type { Enclave } from '../../host/tree.js';
import { FREE } from '../../memory/extent-store.js';
import { firstAbove } from './by-address.js';
import type { Call } from './call.js';
import { type PoolExtent, poolOwnerAt } from './page-owner.js';
import { isPinned } from './regions.js';

export function returnPages(call: Call, host: Host, enclave: Enclave): void {
  if (host.memory.length === 0) return;
  const { uid } = enclave;
  const seen = new Set<number>();
  for (const { address, pages } of enclave.regions) {
    let at = address;
    for (let i = 0; i < pages.length; at += pages[i + 1], i += 2) {
      const phys = pages[i];
      const place = locate(host, phys);
      if (place === undefined || seen.has(phys)) continue;
      seen.add(phys);
      const extent = poolOwnerAt(host.memory[place.node], place.frame);
      if (extent === undefined) continue;
      const next = holderAfter(host, uid, at, phys);
      returnPage(call, place.node, extent, enclaveOwner(uid), next);
    }
  }
}

/** Who has the page at a user address once the enclave is gone. */
function holderAfter(host: Host, uid: number, address: number, phys: number): number {
  const { mappings } = host.tree;
  const mapping = mappings[firstAbove(mappings, address) - 1];
  const mapped = mapping?.address === address && mapping.size >= 0 && mapping.runs[0] === phys;
  if (mapped) return taskOwner(mapping.task);
  return isPinned(host, address, phys, uid) ? HELD : FREE;
}

function returnPage(call: Call, node: number, extent: PoolExtent, mine: number, to: number): void {
  const { size, handle, owner } = extent;
  const at = { node, size, handle, uid: -1 } as const;
  if (owner === mine) {
    call.effects.push({ kind: 'scrub', ...at, from: mine, to: SCRUBBED });
    if (to === FREE) call.effects.push({ kind: 'release', ...at, from: SCRUBBED, to: FREE });
    else call.effects.push({ kind: 'give', ...at, from: SCRUBBED, to });
  } else if (owner === HELD && to === FREE) {
    call.effects.push({ kind: 'release', ...at, from: HELD, to: FREE });
  }
}
