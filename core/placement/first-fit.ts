/**
 * First fit: the first node that has the cores and the memory.
 *
 * Invariant: it proposes a node exactly when one has both. Trade-off: it packs low nodes full, which
 * keeps high ones whole for large enclaves but makes neighbours of everybody on the first.
 */
import type { PlacementPolicy } from './policy.js';

export const firstFit: PlacementPolicy = {
  name: 'first-fit',
  propose: ({ nodes }, { vcpus, memoryMib }) => {
    const found = nodes.find((one) => one.freeThreads >= vcpus && one.freeMib >= memoryMib);
    return found === undefined ? undefined : { node: found.node };
  },
};
