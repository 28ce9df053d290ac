/**
 * Owners' frames add up to the installed frames, per node, in the base store and in every pool; those of
 * the pools to what the reservation says (reserved-memory).
 *
 * Invariant: the sums are taken from the extents one by one, never from the store's own counters,
 * which are compared with them. Trade-off: leaked and held frames count like any other owner's;
 * that they are lost is no-leak's business.
 */
import type { Extent, ExtentStore } from '../memory/extent-store.js';
import { FREE } from '../memory/extent-store.js';
import { OUTSIDE, POOL } from '../memory/node-memory.js';
import type { Always, Scene, Violation } from './invariant.js';
import { unlikeReserved } from './reserved-memory.js';

const ID = 'frame-conservation';

export const frameConservation: Always = {
  id: ID,
  sentence:
    "Owners' frames add up to the installed frames, per node, and those of pools to what is reserved.",
  kind: 'always',
  check: (scene) => [...unlikeInstalled(scene), ...unlikeReserved(scene)],
};

/** What `check` finds in the stores alone. */
function unlikeInstalled({ host, extents }: Scene): Violation[] {
  const found: Violation[] = [];
  host.memory.forEach(({ base, pools }, node) => {
    const installed = base.frames;
    const inBase = countFrames(base, extents(base), node, 'the base store', found);
    pools.forEach(({ store }, size) => {
      const counted = countFrames(store, extents(store), node, `page pool ${size}`, found);
      const inPool = installed - (counted.get(OUTSIDE) ?? 0);
      const given = inBase.get(POOL + size) ?? 0;
      if (inPool === given) return;
      found.push({
        invariant: ID,
        message: `page pool ${size} of node ${node} holds ${inPool} frames, was given ${given}`,
        numbers: { pool: size, inPool, given },
        node,
      });
    });
  });
  return found;
}

/** Frames by owner; reports a store whose extents miss frames, or that counts free ones wrongly. */
function countFrames(
  store: ExtentStore,
  extents: readonly Extent[],
  node: number,
  name: string,
  found: Violation[],
): ReadonlyMap<number, number> {
  const byOwner = new Map<number, number>();
  const installed = store.frames;
  let sum = 0;
  for (const { frames, owner } of extents) {
    sum += frames;
    byOwner.set(owner, (byOwner.get(owner) ?? 0) + frames);
  }
  if (sum !== installed) {
    const message = `owners in ${name} of node ${node} have ${sum} of ${installed} frames`;
    found.push({ invariant: ID, message, numbers: { sum, installed }, node });
  }
  const free = byOwner.get(FREE) ?? 0;
  if (free !== store.freeFrames) {
    const message = `${name} of node ${node} counts ${store.freeFrames} free frames of ${free}`;
    found.push({ invariant: ID, message, numbers: { counted: store.freeFrames, free }, node });
  }
  return byOwner;
}
