/**
 * Pins of hugepages: the driver holds one for each page that a region lists, and no more by itself.
 *
 * A pin keeps a page from everyone else while a region lists it. Of too many pins, a quirk by which
 * some are never let go may be the cause, which is not in the state; so a growth is judged at each
 * command, as CPUs are that go offline (stranded-cpus). Too few are a breach in any state, and so is a
 * listed page that its pool says is free. Invariant: the pages are counted from the regions, the pins
 * from the driver's counter, frames from the stores. Trade-off: what an enclave was given is compared with
 * the stores by frame-one-owner, and is passed over here.
 */
import type { Host } from '../host/host.js';
import { locate } from '../host/physical.js';
import type { Enclave, HostTree } from '../host/tree.js';
import { FREE } from '../memory/extent-store.js';
import type { NodeMemory } from '../memory/node-memory.js';
import { firstOutside, joined } from './byte-ranges.js';
import type { Scene, Violation } from './invariant.js';

/** Pins that the regions of all records explain. */
export function explainedPins({ records }: Pick<HostTree, 'records'>): number {
  let pins = 0;
  for (const { regions } of records) for (const { pages } of regions) pins += pages.length / 2;
  return pins;
}

/** Pins that no region explains; negative = a region lists a page that is not pinned. */
export function extraPins(tree: Pick<HostTree, 'records' | 'counters'>): number {
  return tree.counters.pinned - explainedPins(tree);
}

/** Of a platform that pins: fewer pins than pages that regions list. */
export function missingPins({ host, extraPins }: Scene): Violation[] {
  if (host.profile.guarantees?.pinLeak === undefined) return [];
  const extra = extraPins();
  if (extra >= 0) return [];
  const { pinned } = host.tree.counters;
  const listed = pinned - extra;
  const message = `regions list ${listed} pages, of which ${pinned} are pinned`;
  return [{ invariant: 'frame-one-owner', message, numbers: { listed, pinned } }];
}

/** Pins that the last command left to nobody, beyond the one that a named quirk lets it leave. */
export function lostPins({ host, before, extraPins }: Scene): Violation[] {
  const leak = host.profile.guarantees?.pinLeak;
  if (leak === undefined || before === undefined) return [];
  const lost = extraPins() - before.extraPins;
  if (lost <= (before.mayLeavePin === true ? 1 : 0)) return [];
  const message = `the last command left ${lost} page pins behind that no region explains`;
  return [{ invariant: 'no-leak', message, numbers: { pins: lost } }];
}

/** Pages that a region lists, that its enclave was not given, and that the stores say are free. */
export function freeWhilePinned({ host }: Scene): Violation[] {
  return host.tree.records.flatMap((enclave) => freePages(host, enclave));
}

function freePages(host: Host, { uid, regions, donated }: Enclave): Violation[] {
  const given = joined(donated);
  const found: Violation[] = [];
  for (const { pages } of regions) {
    for (let i = 0; i < pages.length; i += 2) {
      if (firstOutside(given, pages[i]) !== pages[i]) continue;
      const place = locate(host, pages[i]);
      if (place === undefined || !isFree(host.memory[place.node], place.frame)) continue;
      const { node, frame } = place;
      const message = `frame ${frame} of node ${node} is free, and a region of enclave ${uid} pins it`;
      const numbers = { frame };
      found.push({ invariant: 'frame-one-owner', message, numbers, enclave: uid, node });
    }
  }
  return found;
}

/** In the base store, or in a page pool; where a frame is not in a pool, that says so. */
function isFree({ base, pools }: NodeMemory, frame: number): boolean {
  if (base.covering(frame).owner === FREE) return true;
  return pools.some(({ store }) => store.covering(frame).owner === FREE);
}
