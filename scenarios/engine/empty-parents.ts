/**
 * What every parent of a fleet has to give, empty: so that asks can be told that are too large for all.
 *
 * A parent counts with what it had, empty, when it last booted or was reserved anew. While something runs
 * there both platforms refuse a reservation and leave the parent what it had, so that look is passed over. An ask
 * for which there is no place in that view fits nowhere, however many more such parents there were.
 * Invariant: never less than an ask could have of a parent, node by node. Trade-off: counts, as a policy
 * sees them; what they do not rule out may still be refused by a rule of its platform. Looking costs
 * O(parents) again for an ask that leaves without a place, for which a policy has just looked through them.
 */
import { ANY_FIT } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetView } from '../../core/placement/fleet-view.js';

export class EmptyParents {
  private readonly empty: FleetView;

  /** Of parents on which nothing runs yet. */
  constructor({ hosts, firstNode, poolThreads, pageKib, wholeGib, ...view }: FleetView) {
    this.empty = {
      hosts,
      firstNode,
      poolThreads,
      pageKib,
      wholeGib,
      freeThreads: view.freeThreads.slice(),
      freeMib: view.freeMib.slice(),
      closed: new Uint8Array(hosts),
      running: new Int32Array(hosts),
      lastEnd: new Float64Array(hosts),
    };
  }

  /** A parent that is up has booted, or was asked to be reserved anew. */
  look({ running, firstNode, freeThreads, freeMib }: FleetView, host: number): void {
    if (running[host] > 0) return;
    for (let place = firstNode[host]; place < firstNode[host + 1]; place++) {
      this.empty.freeThreads[place] = freeThreads[place];
      this.empty.freeMib[place] = freeMib[place];
    }
  }

  haveNoPlaceFor(ask: FleetAsk): boolean {
    return ANY_FIT.propose(this.empty, ask) === undefined;
  }
}
