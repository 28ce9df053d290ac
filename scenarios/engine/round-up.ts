/**
 * Asks rounded up to what can be had: whole cores, whole pages.
 *
 * Demand is often recorded for something else: pods with one vCPU or three, where an enclave takes whole
 * cores only. Invariant: nothing gets smaller, what is a multiple already stays, and times, nodes and
 * groups are not touched; 0 MiB stay 0. Trade-off: one pair of steps for all asks, whatever parent
 * they go to.
 */
import type { FleetRequest } from './request.js';

export interface RoundUp {
  /** Multiples of so many vCPUs, and of so many MiB; absent = as asked. */
  readonly vcpus?: number | undefined;
  readonly memoryMib?: number | undefined;
}

export function* roundedUp(
  requests: Iterable<FleetRequest>,
  { vcpus: cores = 1, memoryMib: mib = 1 }: RoundUp,
): Generator<FleetRequest> {
  for (const request of requests) {
    const vcpus = upTo(cores, request.vcpus);
    const memoryMib = upTo(mib, request.memoryMib);
    yield { ...request, vcpus, memoryMib };
  }
}

function upTo(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}
