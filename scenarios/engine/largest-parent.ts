/**
 * The most that any parent of a fleet has had to give, empty: what asks are too large for whoever waits.
 *
 * Invariant: never less than an ask could have had of one parent so far, so an ask that exceeds it fits
 * nowhere. Trade-off: sums over nodes, vCPUs and memory each for themselves; what exceeds neither may
 * still fit nowhere, for its nodes or for a rule of its platform.
 */
import type { FleetView } from '../../core/placement/fleet-view.js';
import type { FleetRequest } from './request.js';

export class LargestParent {
  private vcpus = 0;
  private memoryMib = 0;

  /** Of parents on which nothing runs yet. */
  constructor(view: FleetView) {
    for (let host = 0; host < view.hosts; host++) this.look(view, host);
  }

  /** A parent has booted, or was reserved anew. */
  look({ firstNode, freeThreads, freeMib }: FleetView, host: number): void {
    let threads = 0;
    let mib = 0;
    for (let place = firstNode[host]; place < firstNode[host + 1]; place++) {
      threads += freeThreads[place];
      mib += freeMib[place];
    }
    this.vcpus = Math.max(this.vcpus, threads);
    this.memoryMib = Math.max(this.memoryMib, mib);
  }

  isExceededBy({ vcpus, memoryMib }: FleetRequest): boolean {
    return vcpus > this.vcpus || memoryMib > this.memoryMib;
  }
}
