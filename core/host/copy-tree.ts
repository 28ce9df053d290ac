/**
 * A copy of a live tree, for `step` to freeze and to keep.
 *
 * Invariant: it shares with the original only what is replaced and never written, so whatever is done in
 * place afterwards changes nothing of the copy, and freezing the copy hinders no later write.
 * Trade-off: each list of the tree is copied, also those that the step does not touch; what a live tree
 * will be written next is known to nobody.
 */
import { copyPool, copyReservation } from './apply.js';
import { copyEnclave, type HostTree } from './tree.js';

export function copyTree(tree: HostTree): HostTree {
  const { parent, online, pool, reservation, records, mappings, promised, counters, dirty } = tree;
  return {
    parent,
    online: online.slice(),
    pool: copyPool(pool),
    reservation: copyReservation(reservation),
    records: records.map(copyEnclave),
    mappings: mappings.slice(),
    promised: promised.slice(),
    counters: { ...counters },
    dirty: dirty.slice(),
  };
}
