/**
 * Which last-level caches serve two owners at this moment: reported, not forbidden.
 *
 * Cores and pages have one owner each, so that L1, L2 and memory are not shared; the last level of
 * a socket or core complex usually is. Invariant: what nobody said stays unknown, never "not
 * shared". A burstable parent is exempt: its cores serve other VMs in turn, so that nothing said
 * from inside about sharing would be true. Trade-off: an idle pool thread serves nobody.
 * Source: EC2 security, isolation of instances (E14), read with its two exceptions (W19).
 */
import type { Host } from '../host/host.js';
import { isBurstable } from '../topology/burstable.js';
import { PARENT_OWNS, type ThreadOwner, threadOwnersOf } from './thread-owners.js';

export interface SharedCache {
  /** Position in the topology's `lastLevelCaches`. */
  readonly cache: number;
  readonly cpus: readonly number[];
  /** At least two of: PARENT_OWNS, uids of enclaves; ascending. */
  readonly owners: readonly ThreadOwner[];
}

export type CacheSharing =
  | { readonly known: true; readonly shared: readonly SharedCache[] }
  | { readonly known: false; readonly why: string };

export function sharedCaches(host: Host): CacheSharing {
  if (isBurstable(host.parent.flavor)) {
    const why = `${host.parent.flavor} is burstable: its cores serve other VMs in turn`;
    return { known: false, why };
  }
  const groups = host.topology.lastLevelCaches;
  if (groups === undefined) {
    return { known: false, why: 'nobody said which CPUs share a last-level cache' };
  }
  const { owner } = threadOwnersOf(host);
  const shared = groups.flatMap((cpus, cache) => {
    const serving = cpus.map((cpu) => owner[cpu]).filter((by) => by === PARENT_OWNS || by >= 0);
    const owners = [...new Set(serving)].sort((a, b) => a - b);
    return owners.length > 1 ? [{ cache, cpus, owners }] : [];
  });
  return { known: true, shared };
}
