/**
 * What the platforms of a fleet promise of every enclave and every parent, as numbers at hand.
 *
 * Invariant: an ask that is forbidden here is refused by the parent's own rules, since its platform
 * promises that no such enclave runs; which rule that is, only the parent says. Trade-off: of pages the
 * widest that are reserved on a parent are reckoned with, so that nothing is forbidden which those might
 * hold; of the vCPUs of all enclaves of a parent it is reckoned here that one alone has no more, and by who
 * counts what runs (fleet-counts) what the others leave; ratios to an image are left to its rules.
 */
import type { Host } from '../host/host.js';
import type { Caps } from '../platform/guarantees.js';
import type { FleetAsk } from './fleet-view.js';

export const NO_CAP = 2 ** 31 - 1;
const KIB_PER_MIB = 1024;

/** By parent each. */
export class FleetCaps {
  /** How many may run there. */
  readonly mostEnclaves: Int32Array;
  /** How many vCPUs all of them may have together. */
  readonly mostVcpusTotal: Int32Array;
  private readonly vcpuStep: Int32Array;
  private readonly mostVcpus: Int32Array;
  private readonly leastMib: Int32Array;
  private readonly mostPages: Int32Array;

  constructor(caps: readonly Caps[]) {
    const most = (cap = NO_CAP) => Math.min(cap, NO_CAP);
    this.mostEnclaves = Int32Array.from(caps, ({ maxEnclaves }) => most(maxEnclaves));
    this.vcpuStep = Int32Array.from(caps, ({ vcpuStep = 1 }) => vcpuStep);
    this.mostVcpusTotal = Int32Array.from(caps, ({ maxVcpusTotal }) => most(maxVcpusTotal));
    this.mostVcpus = Int32Array.from(caps, ({ maxVcpus }, host) =>
      Math.min(most(maxVcpus), this.mostVcpusTotal[host]),
    );
    this.leastMib = Int32Array.from(caps, ({ minMemoryMib = 0 }) => minMemoryMib);
    this.mostPages = Int32Array.from(caps, ({ maxPages }) => most(maxPages));
  }

  /** `widestKib`: of the pages reserved on the parent; 0 = none, which is no cap. */
  forbids(host: number, { vcpus, memoryMib }: FleetAsk, widestKib: number): boolean {
    // Some platforms count what was asked, others the whole pages that it comes to.
    const pages = widestKib > 0 ? Math.ceil((memoryMib * KIB_PER_MIB) / widestKib) : 0;
    return (
      vcpus % this.vcpuStep[host] !== 0 ||
      vcpus > this.mostVcpus[host] ||
      (widestKib > 0 && pages * widestKib < this.leastMib[host] * KIB_PER_MIB) ||
      pages > this.mostPages[host]
    );
  }
}

/** undefined where no platform of the fleet sets a bound. */
export function fleetCaps(fleet: readonly Host[]): FleetCaps | undefined {
  const caps = fleet.map((host): Caps => host.profile.guarantees?.caps(host) ?? {});
  return caps.some((bounds) => Object.keys(bounds).length > 0) ? new FleetCaps(caps) : undefined;
}
