/**
 * What becomes of an enclave and of tasks when the parent itself goes down.
 *
 * No file is closed one by one and no request is answered: the hypervisor takes all back at once,
 * zombies and leaked pages included, which is why a reboot cures them. Invariant: afterwards every
 * page of the pools is free, nothing is mapped or pinned, and no enclave is left.
 */

import type { Effect } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { isEnclaveOwner, SCRUBBED } from '../../host/owner.js';
import { newestFirst } from '../../host/records.js';
import type { Enclave } from '../../host/tree.js';
import { FREE } from '../../memory/extent-store.js';
import { OUTSIDE } from '../../memory/node-memory.js';
import { addToCounter, openCall } from './call.js';
import { emptied, moveCores, widenPool } from './close.js';

/**
 * Cores back to the pool, record dropped; its pages are returned by `endTasks`. Enclaves are ended
 * in the driver's order, all in one decision; the first makes room in the pool for all.
 */
export function endEnclave(host: Host, enclave: Enclave): readonly Effect[] {
  const call = openCall();
  const all = newestFirst(host.tree);
  if (all[0] === enclave) widenPool(call, host, all);
  moveCores(call, enclave);
  call.effects.push({ kind: 'drop-enclave', enclave: emptied(enclave) });
  return call.effects;
}

/** Every page that anyone holds is wiped where an enclave had it, then free; mappings go. */
export function endTasks(host: Host): readonly Effect[] {
  const call = openCall();
  host.memory.forEach(({ pools }, node) => {
    pools.forEach(({ store }, size) => {
      for (const { owner, handle } of store.extents()) {
        if (owner === FREE || owner === OUTSIDE) continue;
        const at = { node, size, handle, uid: -1 } as const;
        const wiped = isEnclaveOwner(owner);
        if (wiped) call.effects.push({ kind: 'scrub', ...at, from: owner, to: SCRUBBED });
        const from = wiped ? SCRUBBED : owner;
        call.effects.push({ kind: 'release', ...at, from, to: FREE });
      }
    });
  });
  const { mappings, counters } = host.tree;
  for (let position = mappings.length - 1; position >= 0; position--) {
    call.effects.push({ kind: 'unmap', mapping: mappings[position], position });
  }
  addToCounter(call, host, 'pinned', -counters.pinned);
  return call.effects;
}
