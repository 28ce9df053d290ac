/**
 * The most that any parent of a fleet has to give, empty: what asks are too large for all of them.
 *
 * A parent counts with what it had when it last booted or was reserved anew, as it was empty then. So an
 * ask that exceeds the largest of them fits nowhere, however many more such parents there were.
 * Invariant: never less than an ask could have of one parent. Trade-off: sums over nodes, vCPUs and memory
 * each for themselves; what exceeds neither may still fit nowhere, for its nodes or for a rule of its
 * platform. The largest is looked for anew, in O(parents), only after it may have become less.
 */
import type { FleetView } from '../../core/placement/fleet-view.js';
import type { FleetRequest } from './request.js';

export class LargestParent {
  private readonly vcpus: Float64Array;
  private readonly memoryMib: Float64Array;
  /** Undefined = a parent has less than before. */
  private largest: { readonly vcpus: number; readonly memoryMib: number } | undefined;

  /** Of parents on which nothing runs yet. */
  constructor(view: FleetView) {
    this.vcpus = new Float64Array(view.hosts);
    this.memoryMib = new Float64Array(view.hosts);
    for (let host = 0; host < view.hosts; host++) this.look(view, host);
  }

  /** A parent has booted, or was reserved anew. */
  look({ firstNode, freeThreads, freeMib }: FleetView, host: number): void {
    this.vcpus[host] = 0;
    this.memoryMib[host] = 0;
    for (let place = firstNode[host]; place < firstNode[host + 1]; place++) {
      this.vcpus[host] += freeThreads[place];
      this.memoryMib[host] += freeMib[place];
    }
    this.largest = undefined;
  }

  isExceededBy({ vcpus, memoryMib }: FleetRequest): boolean {
    this.largest ??= { vcpus: most(this.vcpus), memoryMib: most(this.memoryMib) };
    return vcpus > this.largest.vcpus || memoryMib > this.largest.memoryMib;
  }
}

function most(values: Float64Array): number {
  return values.reduce((greatest, value) => Math.max(greatest, value), 0);
}
