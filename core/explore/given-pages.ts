/**
 * The effects by which planted faults give pages of a pool to an enclave, as its driver would.
 *
 * Invariant: only pages that a task has are given, each whole, from that task. Trade-off: found by their
 * physical address alone, so memory from outside the host's stores is passed over.
 */
import type { HandleMove } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { enclaveOwner, taskOwner } from '../host/owner.js';
import { locate } from '../host/physical.js';

/** The pool pages at flat [phys, bytes, …] become an enclave's. */
export function givenAll(host: Host, uid: number, pages: readonly number[]): HandleMove<'give'>[] {
  const effects: HandleMove<'give'>[] = [];
  for (let i = 0; i < pages.length; i += 2) {
    const place = locate(host, pages[i]);
    if (place === undefined) continue;
    const { node, frame } = place;
    for (const [size, { store }] of host.memory[node].pools.entries()) {
      const { handle, owner } = store.covering(frame);
      if (owner < taskOwner(0)) continue;
      const to = enclaveOwner(uid);
      effects.push({ kind: 'give', node, size, handle, from: owner, to, uid: -1 });
    }
  }
  return effects;
}
