/**
 * The churn as a bare loop over counters: free CPUs and MiB of each parent, first fit, a heap of ends.
 *
 * A ceiling and no peer: it knows no thread, page, rule or state, so what an engine costs above it is
 * what the model costs. Invariant: it asks in the same order as the engine does, ends before
 * arrivals at one time. Trade-off: the agenda is the engine's own heap, so that both pay for time alike.
 */

import { EventHeap } from '../../scenarios/engine/event-heap.js';
import type { FleetRequest } from '../../scenarios/engine/request.js';
import { PARENT_CPUS, PARENT_MIB, PARENTS } from './churn.js';

/** Accepted requests and ends together. */
export function handLoop(requests: readonly FleetRequest[]): number {
  const cpus = new Int32Array(PARENTS).fill(PARENT_CPUS);
  const mib = new Int32Array(PARENTS).fill(PARENT_MIB);
  const heap = new EventHeap();
  const hostOf = new Int8Array(requests.length);
  let events = 0;
  for (const [i, { atMs, vcpus, memoryMib, lifetimeMs }] of requests.entries()) {
    while (heap.nextTime <= atMs) {
      const ended = heap.nextItem;
      heap.pop();
      cpus[hostOf[ended]] += requests[ended].vcpus;
      mib[hostOf[ended]] += requests[ended].memoryMib;
      events++;
    }
    let host = 0;
    while (host < PARENTS && (cpus[host] < vcpus || mib[host] < memoryMib)) host++;
    if (host === PARENTS) continue;
    cpus[host] -= vcpus;
    mib[host] -= memoryMib;
    hostOf[i] = host;
    heap.push(atMs + lifetimeMs, 0, i);
    events++;
  }
  return events + heap.size;
}
