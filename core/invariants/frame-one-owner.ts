/**
 * Every frame has exactly one owner: no two enclaves, no two pools, no two books that disagree.
 *
 * A store gives each of its frames one owner by construction; what can break is between the books:
 * a node's base store and its page pools, the extents that enclave records name, the pages that their
 * regions pin (page-pins), and the physical ranges that the hypervisor accepted (the real driver does
 * not look for aliases, and the recordings' finding on physical aliasing). Invariant: each pair of books
 * is compared once. Trade-off: the same frame donated twice to one enclave has one owner, so it is no
 * breach here; memory beyond the installed one (recorded runs) is in no store, so only donations tell
 * whose it is.
 */
import type { Host } from '../host/host.js';
import { describeOwner } from '../host/owner.js';
import { locate, physOf } from '../host/physical.js';
import type { Enclave } from '../host/tree.js';
import { type Extent, FREE } from '../memory/extent-store.js';
import { type NodeMemory, OUTSIDE, POOL } from '../memory/node-memory.js';
import { firstOutside, joined, type Ranges } from './byte-ranges.js';
import { type ExtentsOf, extentKey, type HeldExtent } from './held-frames.js';
import type { Always, Violation } from './invariant.js';
import { freeWhilePinned, missingPins } from './page-pins.js';

const ID = 'frame-one-owner';

export const frameOneOwner: Always = {
  id: ID,
  sentence: 'Every frame has exactly one owner.',
  kind: 'always',
  check(scene) {
    const { host, held, extents, donated } = scene;
    const enclaves = host.tree.records;
    const found: Violation[] = [];
    for (const [node, memory] of host.memory.entries()) checkPools(memory, node, extents, found);
    checkExtents(enclaves, held().ofEnclaves, found);
    if (overlapping(donated())) checkDonations(enclaves, found);
    checkStores(host, held().ofEnclaves, donated(), found);
    found.push(...freeWhilePinned(scene), ...missingPins(scene));
    return found;
  },
};

/** Covers no frame, so that the first one asks for its own. */
const NONE_YET: Extent = { start: 0, frames: 0, owner: FREE, handle: 0 };

/** A frame inside a page pool must be that pool's in the base store. */
function checkPools(
  { base, pools }: NodeMemory,
  node: number,
  extentsOf: ExtentsOf,
  found: Violation[],
): void {
  pools.forEach(({ store }, size) => {
    let below: Extent = NONE_YET;
    for (const { start, frames, owner } of extentsOf(store)) {
      if (owner === OUTSIDE) continue;
      for (let at = start; at < start + frames; ) {
        // Extents ascend, so the run of base below often goes on from the last extent to this one.
        if (at >= below.start + below.frames) below = base.covering(at);
        if (below.owner !== POOL + size) {
          const whose = below.owner === FREE ? 'free' : `owner ${below.owner}`;
          found.push({
            invariant: ID,
            message: `frame ${at} of node ${node} is in page pool ${size} and also ${whose}`,
            numbers: { frame: at, pool: size, baseOwner: below.owner },
            node,
          });
        }
        at = below.start + below.frames;
      }
    }
  });
}

/** An extent that a record names must be the store's, and owned by that enclave there. */
function checkExtents(
  enclaves: readonly Enclave[],
  owned: readonly HeldExtent[],
  found: Violation[],
): void {
  // Where no record names any, the keys of all that is owned would be made for nothing.
  if (enclaves.every(({ extents }) => extents.length === 0)) return;
  const inStore = new Map(owned.map((extent) => [extentKey(extent), extent.uid]));
  for (const { uid, extents } of enclaves) {
    for (const extent of extents) {
      const owner = inStore.get(extentKey(extent));
      if (owner === uid) continue;
      const whose = owner === undefined ? 'nobody owns' : `enclave ${owner} owns`;
      const { node, size, handle } = extent;
      found.push({
        invariant: ID,
        message: `enclave ${uid} names an extent of node ${node} that ${whose}`,
        numbers: { handle, pool: size, owner: owner ?? 'nobody' },
        enclave: uid,
        node,
      });
    }
  }
}

/** Whether ranges of different enclaves overlap somewhere; those of one never do. */
function overlapping(donated: ReadonlyMap<number, Ranges>): boolean {
  const all = [...donated.values()].flat();
  all.sort((a, b) => a.start - b.start);
  return all.some(({ start }, i) => i > 0 && start < all[i - 1].end);
}

/** Physical ranges accepted for different enclaves must not overlap. */
function checkDonations(enclaves: readonly Enclave[], found: Violation[]): void {
  const ranges = enclaves.flatMap(({ uid, donated }) => rangesOf(uid, donated));
  // Records ascend by uid, so of equal starts the first enclave's stays first.
  ranges.sort((a, b) => a.start - b.start);
  let open: typeof ranges = [];
  for (const b of ranges) {
    open = open.filter((a) => a.end > b.start);
    for (const a of open) {
      if (a.uid === b.uid) continue;
      found.push({
        invariant: ID,
        message: `physical bytes from ${b.start} are donated to enclaves ${a.uid} and ${b.uid}`,
        numbers: { phys: b.start, bytes: Math.min(a.end, b.end) - b.start, other: a.uid },
        enclave: b.uid,
      });
    }
    open.push(b);
  }
}

function rangesOf(uid: number, donated: readonly number[]) {
  const ranges: { uid: number; start: number; end: number }[] = [];
  for (let i = 0; i < donated.length; i += 2) {
    ranges.push({ uid, start: donated[i], end: donated[i] + donated[i + 1] });
  }
  return ranges;
}

/** What the hypervisor accepted for an enclave must be that enclave's in the stores. */
function checkStores(
  host: Host,
  owned: readonly HeldExtent[],
  donated: ReadonlyMap<number, Ranges>,
  found: Violation[],
): void {
  const stored = storedRanges(host, owned);
  for (const [uid, ranges] of donated) {
    if (ranges.length === 0) continue;
    const its = joined(stored.get(uid) ?? []);
    for (const { start, end } of ranges) {
      const first = firstOutside(its, start);
      const place = first < end ? locate(host, first) : undefined;
      // Of bytes donated to another, too, that is already told.
      if (place === undefined || isDonatedToOther(donated, uid, first)) continue;
      const { node, frame } = place;
      const owner = ownerAt(host.memory[node], frame);
      found.push({
        invariant: ID,
        message: `frame ${frame} of node ${node} is donated to enclave ${uid}, its owner is ${owner}`,
        numbers: { frame, owner },
        enclave: uid,
        node,
      });
    }
  }
}

/** What enclaves own in the stores, by uid, as flat [start, length, …] in bytes. */
function storedRanges(host: Host, owned: readonly HeldExtent[]): ReadonlyMap<number, number[]> {
  const byUid = new Map<number, number[]>();
  for (const { uid, node, start, frames } of owned) {
    let flat = byUid.get(uid);
    if (flat === undefined) {
      flat = [];
      byUid.set(uid, flat);
    }
    flat.push(physOf(host, node, start), frames * host.memory[node].frameKib * 1024);
  }
  return byUid;
}

function isDonatedToOther(
  donated: ReadonlyMap<number, Ranges>,
  uid: number,
  byte: number,
): boolean {
  return [...donated].some(([other, ranges]) => other !== uid && firstOutside(ranges, byte) > byte);
}

/** Who has a frame, in words: by the page pool that it is in, else by the base store. */
function ownerAt({ base, pools }: NodeMemory, frame: number): string {
  if (frame < 0) return 'nobody';
  const { owner } = base.covering(frame);
  const size = owner - POOL;
  return size >= 0 && size < pools.length
    ? describeOwner(pools[size].store.covering(frame).owner, true)
    : describeOwner(owner, false);
}
