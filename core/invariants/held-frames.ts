/**
 * One pass over all stores of a host: the extents that enclaves own, and those left between owners.
 *
 * Invariant: it repeats what the stores say and asks no list of the tree, so that the two can be
 * compared. Trade-off: O(extents) a host; checks share one pass.
 */
import type { Host } from '../host/host.js';
import { HELD, isEnclaveOwner, ownerNumber, SCRUBBED } from '../host/owner.js';
import { BASE, poolStore } from '../host/stores.js';
import type { OwnedExtent } from '../host/tree.js';
import type { Extent, ExtentStore } from '../memory/extent-store.js';
import { LEAKED } from '../memory/node-memory.js';

/** An extent of the store (node, size). */
export interface PlacedExtent extends Extent {
  readonly node: number;
  readonly size: number;
}

/** One that the enclave `uid` owns. */
export interface HeldExtent extends PlacedExtent {
  readonly uid: number;
}

/** Names an extent of a host, whoever lists it. */
export function extentKey({ node, size, handle }: OwnedExtent): string {
  return `${node}/${size}/${handle}`;
}

export interface HeldFrames {
  readonly ofEnclaves: readonly HeldExtent[];
  /** Scrubbed, held or leaked: on the way back, or lost. */
  readonly between: readonly PlacedExtent[];
}

/** Lists a store's extents. */
export type ExtentsOf = (store: ExtentStore) => readonly Extent[];

/** Lists each store once, however often it is asked for; valid while nothing is applied. */
export function listedOnce(): ExtentsOf {
  const lists = new Map<ExtentStore, readonly Extent[]>();
  return (store) => {
    let list = lists.get(store);
    if (list === undefined) {
      list = [...store.extents()];
      lists.set(store, list);
    }
    return list;
  };
}

export function heldFramesOf({ memory }: Host, extentsOf: ExtentsOf): HeldFrames {
  const ofEnclaves: HeldExtent[] = [];
  const between: PlacedExtent[] = [];
  memory.forEach((nodeMemory, node) => {
    for (let size = BASE; size < nodeMemory.pools.length; size++) {
      for (const extent of extentsOf(poolStore(nodeMemory, size))) {
        const { start, frames, owner, handle } = extent;
        if (isEnclaveOwner(owner)) {
          // Field by field: a spread takes four times as long, and there are as many as pages given.
          const uid = ownerNumber(owner);
          ofEnclaves.push({ start, frames, owner, handle, node, size, uid });
        } else if (isBetween(owner, size)) {
          between.push({ ...extent, node, size });
        }
      }
    }
  });
  return { ofEnclaves, between };
}

/** LEAKED has a meaning in a page pool only; in a base store the same code is the parent. */
function isBetween(owner: number, size: number): boolean {
  return owner === SCRUBBED || owner === HELD || (size !== BASE && owner === LEAKED);
}
