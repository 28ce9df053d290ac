/** Small fleets for tests: a few small parents of one platform, prepared, each with its carrier. */
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import type { NamedOptions } from '../../core/platform/profile.js';
import { regularCores, regularNodes } from '../../core/topology/regular.js';
import { type Carrier, newCarrier } from '../../scenarios/engine/carrier.js';
import type { FleetRequest } from '../../scenarios/engine/request.js';
import { loadPlatform } from '../../scenarios/run/platform.js';
import type { ReservationInput } from '../../scenarios/schema/scenario.js';

export interface SmallFleet {
  readonly hosts: readonly Host[];
  readonly carriers: readonly Carrier[];
}

const RESERVATIONS: Readonly<Record<string, ReservationInput | undefined>> = {
  vm: undefined,
  qingtian: { memory: 1024, pageSize: 2048, cpuList: '2-7,18-23' },
  nitro: { memory: 1024, cpuCount: 6 },
};
const OPTIONS: Readonly<Record<string, NamedOptions>> = { qingtian: { maxEnclaves: 'none' } };

/**
 * Parents of two nodes, 8 two-thread cores and 2 GiB each. By default caps on enclaves are lifted where
 * an option does that, and six CPUs of a node are reserved.
 */
export async function smallFleet(
  platform: string,
  count: number,
  given: { readonly options?: NamedOptions; readonly reservation?: ReservationInput } = {},
): Promise<SmallFleet> {
  const { profile, newSurface } = await loadPlatform(platform);
  const { options = OPTIONS[platform] ?? {}, reservation = RESERVATIONS[platform] } = given;
  const cores = regularCores({ cores: 16, threadsPerCore: 2, numbering: 'block' });
  const hosts: Host[] = [];
  const carriers: Carrier[] = [];
  for (let i = 0; i < count; i++) {
    const described = describeHost({
      profile,
      topology: { cores, nodes: regularNodes(cores, 2) },
      memoryMib: [2048, 2048],
      options,
    });
    if ('problems' in described) throw new Error(described.problems[0]?.message);
    const { host } = described;
    const carrier = newCarrier(newSurface, reservation);
    const refusal = carrier.prepare(host);
    if (refusal !== undefined) throw new Error(refusal.message);
    hosts.push(host);
    carriers.push(carrier);
  }
  return { hosts, carriers };
}

/** A request for 2 vCPUs and 128 MiB for a second, unless told otherwise. */
export function request(id: number, given: Partial<FleetRequest> = {}): FleetRequest {
  return { id, atMs: 0, vcpus: 2, memoryMib: 128, nodes: 1, lifetimeMs: 1000, ...given };
}
