/**
 * Ending an enclave or VM that owns its extents itself: cores back to the pool, pages scrubbed and
 * then free, the record gone.
 *
 * The same effects end a launch that failed half way, a stop, a crash and a parent that goes down
 * (Q32: resources return to the pool; nothing restarts).
 * Invariant: pages are scrubbed before anyone else can own them, last extent first, and the record
 * that is dropped holds neither cores nor extents.
 */
import { FREE } from '../memory/extent-store.js';
import type { Effect } from './effect.js';
import type { Host } from './host.js';
import { enclaveOwner, SCRUBBED } from './owner.js';
import { copyEnclave, type Enclave } from './tree.js';

/** How the end of an enclave is said, in effects. */
export type SayEnd = (host: Host, enclave: Enclave) => Effect[];

/** The same end in one effect, for engines. */
export function dismissEnclave(_host: Host, enclave: Enclave): Effect[] {
  return [{ kind: 'dismiss', enclave }];
}

/** One effect for each thing that changes. */
export function releaseEnclave(_host: Host, enclave: Enclave): Effect[] {
  const { uid, cores, extents } = enclave;
  const effects: Effect[] = [];
  for (const { index, cpus } of cores) effects.push({ kind: 'return-core', uid, index, cpus });
  const owner = enclaveOwner(uid);
  for (let i = extents.length - 1; i >= 0; i--) {
    const { node, size, handle } = extents[i];
    effects.push({ kind: 'scrub', node, size, handle, from: owner, to: SCRUBBED, uid });
    effects.push({ kind: 'release', node, size, handle, from: SCRUBBED, to: FREE, uid });
  }
  effects.push({ kind: 'drop-enclave', enclave: bareOf(enclave) });
  return effects;
}

/** The record once cores and extents are given back. */
function bareOf(enclave: Enclave): Enclave {
  const bare = copyEnclave(enclave);
  bare.cores = [];
  bare.extents = [];
  return bare;
}
