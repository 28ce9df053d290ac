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
import type { Enclave } from './tree.js';

/** `position`: of the enclave in the host's order once the effects before these are applied. */
export function releaseEnclave(_host: Host, enclave: Enclave, position: number): Effect[] {
  const { uid, cores, extents } = enclave;
  const effects: Effect[] = [];
  for (const [index, cpus] of Object.entries(cores)) {
    effects.push({ kind: 'return-core', uid, index: Number(index), cpus });
  }
  const owner = enclaveOwner(uid);
  for (let i = extents.length - 1; i >= 0; i--) {
    const extent = { ...extents[i], uid };
    effects.push({ kind: 'scrub', ...extent, from: owner, to: SCRUBBED });
    effects.push({ kind: 'release', ...extent, from: SCRUBBED, to: FREE });
  }
  const bare = { ...enclave, cores: {}, extents: [] };
  effects.push({ kind: 'drop-enclave', enclave: bare, position });
  return effects;
}
