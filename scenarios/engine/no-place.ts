/**
 * Why no parent was even asked: the counts of the open parents against what was wanted.
 *
 * Invariant: the first that holds is named; `fleet-stranded` means that one parent has enough of
 * both in total, and no choice of its nodes does; `fleet-apart` that threads and memory are free,
 * each on some parent, but nowhere together.
 */
import type { FleetAsk, FleetView } from '../../core/placement/fleet-view.js';

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
