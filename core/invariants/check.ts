/**
 * All isolation invariants, and the one function that asks them.
 *
 * Invariant: the ids of the list are those of the plan, each once, in its order; whoever audits a
 * host walks this list. Trade-off: `no-channel` is missing until a host has channels.
 */
import type { Host } from '../host/host.js';
import { alignedContiguous } from './aligned-contiguous.js';
import type { Before } from './before.js';
import { joined, type Ranges } from './byte-ranges.js';
import { cidUnique } from './cid-unique.js';
import { frameConservation } from './frame-conservation.js';
import { frameOneOwner } from './frame-one-owner.js';
import { type HeldFrames, heldFramesOf, listedOnce } from './held-frames.js';
import type { Always, Scene, Violation } from './invariant.js';
import { lifecycleLegal } from './lifecycle-legal.js';
import { noLeak } from './no-leak.js';
import { numaLocal } from './numa-local.js';
import { extraPins } from './page-pins.js';
import { parentFloor } from './parent-floor.js';
import { platformCaps } from './platform-caps.js';
import { scrubBeforeReturn } from './scrub-before-return.js';
import { type ThreadOwners, threadOwnersOf } from './thread-owners.js';
import { threadOneOwner, wholeCores } from './threads.js';

export const INVARIANTS: readonly Always[] = [
  frameOneOwner,
  frameConservation,
  threadOneOwner,
  wholeCores,
  numaLocal,
  alignedContiguous,
  parentFloor,
  platformCaps,
  lifecycleLegal,
  cidUnique,
  noLeak,
  scrubBeforeReturn,
];

/**
 * Every breach on this host; empty = isolation holds. With `before` (noteBefore of the host ahead of
 * the last command) the move is judged too. O(extents + CPUs).
 */
export function checkInvariants(host: Host, before?: Before): Violation[] {
  const scene = sceneOf(host, before);
  return INVARIANTS.flatMap((invariant) => invariant.check(scene) ?? []);
}

export function sceneOf(host: Host, before?: Before): Scene {
  let threads: ThreadOwners | undefined;
  let held: HeldFrames | undefined;
  let donated: ReadonlyMap<number, Ranges> | undefined;
  const extents = listedOnce();
  return {
    host,
    before,
    threads: () => {
      threads ??= threadOwnersOf(host);
      return threads;
    },
    held: () => {
      held ??= heldFramesOf(host, extents);
      return held;
    },
    donated: () => {
      donated ??= new Map(host.tree.records.map((one) => [one.uid, joined(one.donated)]));
      return donated;
    },
    extraPins: () => extraPins(host.tree),
    extents,
  };
}
