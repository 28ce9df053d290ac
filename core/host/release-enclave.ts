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
export type SayEnd = (host: Host, enclave: Enclave, position: number) => Effect[];

/** The same end in one effect, for engines. */
export function dismissEnclave(_host: Host, enclave: Enclave, position: number): Effect[] {
  return [{ kind: 'dismiss', enclave, position }];
}

/** `position`: of the enclave in the host's order once the effects before these are applied. */
export function releaseEnclave({ tree }: Host, enclave: Enclave, position: number): Effect[] {
  const { uid, cores, extents } = enclave;
  const effects: Effect[] = [];
  // Core indices are the pool's; counting up beats listing keys, which become strings.
  const { length } = tree.pool.avail;
  for (let index = 0; index < length; index++) {
    const cpus: readonly number[] | undefined = cores[index];
    if (cpus !== undefined) effects.push({ kind: 'return-core', uid, index, cpus });
  }
  const owner = enclaveOwner(uid);
  for (let i = extents.length - 1; i >= 0; i--) {
    const { node, size, handle } = extents[i];
    effects.push({ kind: 'scrub', node, size, handle, from: owner, to: SCRUBBED, uid });
    effects.push({ kind: 'release', node, size, handle, from: SCRUBBED, to: FREE, uid });
  }
  effects.push({ kind: 'drop-enclave', enclave: bareOf(enclave), position });
  return effects;
}

/** The record once cores and extents are given back. */
function bareOf(enclave: Enclave): Enclave {
  const bare = copyEnclave(enclave);
  bare.cores = {};
  bare.extents = [];
  return bare;
}
