/**
 * A frame that left an enclave is scrubbed before anyone else owns it.
 *
 * Invariant: the tree's `dirty` list has every run that was released, or given to somebody else, without
 * a scrub, so a breach stays visible after the frames have found a new owner. Trade-off: contents are
 * not modelled, only whether somebody wiped them; nothing ever clears the list.
 */
import { ownerNumber } from '../host/owner.js';
import type { Always } from './invariant.js';

export const scrubBeforeReturn: Always = {
  id: 'scrub-before-return',
  sentence: 'A frame that left an enclave is scrubbed before anyone else owns it.',
  kind: 'always',
  check: ({ host }) =>
    host.tree.dirty.map(({ node, start, frames, enclave }) => ({
      invariant: 'scrub-before-return',
      message: `frames [${start}, +${frames}) of node ${node} were returned unscrubbed`,
      numbers: { start, frames },
      enclave: ownerNumber(enclave),
      node,
    })),
};
