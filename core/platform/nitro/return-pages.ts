/**
 * What becomes of an ended enclave's pages (rules/nitro.md §1.1; ownership is our model of it).
 *
 * The hypervisor scrubs what it took back. A page still mapped is its task's again; one that
 * another enclave's region pins stays held; any other is free in its pool. Pages of recorded
 * (foreign) memory have no owner here and are passed over. Invariant: only pages owned by this
 * enclave, or held for nobody else, change hands. Trade-off: who else maps or pins a page is
 * looked up once per close.
 */
import type { Host } from '../../host/host.js';
import { enclaveOwner, HELD, SCRUBBED, taskOwner } from '../../host/owner.js';
import { locate } from '../../host/physical.js';
import type { Enclave } from '../../host/tree.js';
import { FREE } from '../../memory/extent-store.js';
import type { Call } from './call.js';
import { type PoolExtent, poolOwnerAt } from './page-owner.js';

export function returnPages(call: Call, host: Host, enclave: Enclave): void {
  if (host.memory.length === 0) return;
  const mappedBy = tasksByPage(host);
  const pinned = pinnedByOthers(host, enclave.uid);
  const seen = new Set<number>();
  for (const { pages } of enclave.regions) {
    for (let i = 0; i < pages.length; i += 2) {
      const phys = pages[i];
      const place = locate(host, phys);
      if (place === undefined || seen.has(phys)) continue;
      seen.add(phys);
      const extent = poolOwnerAt(host.memory[place.node], place.frame);
      if (extent === undefined) continue;
      const task = mappedBy.get(phys);
      const next = task !== undefined ? taskOwner(task) : pinned.has(phys) ? HELD : FREE;
      returnPage(call, place.node, extent, enclaveOwner(enclave.uid), next);
    }
  }
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

/** Task per page head that a task still maps. */
function tasksByPage(host: Host): ReadonlyMap<number, number> {
  const tasks = new Map<number, number>();
  for (const { runs, size, task } of host.tree.mappings) {
    if (size >= 0 && runs.length > 0) tasks.set(runs[0], task);
  }
  return tasks;
}

/** Page heads that some region pins, apart from those of `uid` (-1 = none apart). */
export function pinnedByOthers(host: Host, uid: number): ReadonlySet<number> {
  const pinned = new Set<number>();
  const { order, enclaves } = host.tree;
  for (const other of order) {
    if (other === uid) continue;
    for (const { pages } of enclaves[other].regions) {
      for (let i = 0; i < pages.length; i += 2) pinned.add(pages[i]);
    }
  }
  return pinned;
}
