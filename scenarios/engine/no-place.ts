/**
 * Why a parent was not even asked, and why none was: the counts of the open parents against what was
 * wanted.
 *
 * Invariant: the first that holds is named; `fleet-stranded` means that one parent has enough of
 * both in total, and no choice of its nodes does; `fleet-apart` that threads and memory are free,
 * each on some parent, but nowhere together.
 */
import type { FleetAsk, FleetView } from '../../core/placement/fleet-view.js';

/** The rule of a parent, or of all that could, that the group of an ask forbids. */
export const BY_GROUP = 'fleet-group';
/** The rule of a proposal that names a parent which refused this very ask. */
const ASKED_TWICE = 'fleet-asked-twice';
/** The policy of its own accord proposed no parent, where one has nodes that can serve the ask. */
export const NOT_PROPOSED = 'fleet-not-proposed';

/** Of a parent that is not open; built-in policies never propose such a one. `tried`: for this ask. */
export function whyShut(
  host: number,
  tried: readonly number[] | undefined,
  byGroup: boolean,
): string {
  if (tried?.includes(host) === true) return ASKED_TWICE;
  return byGroup ? BY_GROUP : 'fleet-closed';
}

export type NoPlace =
  | 'fleet-closed'
  | 'fleet-vcpus'
  | 'fleet-memory'
  | 'fleet-apart'
  | 'fleet-stranded';

export function whyNoPlace(view: FleetView, { vcpus, memoryMib }: FleetAsk): NoPlace {
  let open = false;
  let enoughThreads = false;
  let enoughMemory = false;
  for (let host = 0; host < view.hosts; host++) {
    if (view.closed[host] === 1) continue;
    open = true;
    const threads = sumOf(view, view.freeThreads, host);
    const mib = sumOf(view, view.freeMib, host);
    if (threads >= vcpus && mib >= memoryMib) return 'fleet-stranded';
    enoughThreads ||= threads >= vcpus;
    enoughMemory ||= mib >= memoryMib;
  }
  if (!open) return 'fleet-closed';
  if (!enoughThreads) return 'fleet-vcpus';
  return enoughMemory ? 'fleet-apart' : 'fleet-memory';
}

function sumOf({ firstNode }: FleetView, counts: Int32Array, host: number): number {
  let sum = 0;
  for (let place = firstNode[host]; place < firstNode[host + 1]; place++) sum += counts[place];
  return sum;
}
