/**
 * The churn on which whole engines are compared: Poisson arrivals at 80 % offered load, exponential
 * lifetimes, 2, 4, 8 or 16 vCPUs with 4 GiB each, first fit, 8 parents of 48 CPUs and 384 GiB.
 *
 * Invariant: requests are drawn once and shared by every contestant of a run; parents are built anew
 * for each round. Trade-off: a platform that carves keeps CPU 0's core and some memory for its
 * parent, so its fleet is a little smaller than the bare one and refuses more.
 */
import { describeHost } from '../../core/host/describe.js';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { NamedOptions } from '../../core/platform/profile.js';
import { regularCores, regularNodes } from '../../core/topology/regular.js';
import { newCarrier } from '../../scenarios/engine/carrier.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import type { FleetRequest } from '../../scenarios/engine/request.js';
import { drawRequests } from '../../scenarios/engine/workload.js';
import { loadPlatform } from '../../scenarios/run/platform.js';
import type { ReservationInput } from '../../scenarios/schema/scenario.js';

export const PARENTS = 8;
export const PARENT_CPUS = 48;
export const PARENT_MIB = 384 * 1024;

const GIB_PER_VCPU = 4;
const SIZES = [2, 4, 8, 16];
const MEAN_VCPUS = 7.5;
const LOAD = 0.8;
const EVERY_MS = 1000;

export type ChurnPlatform = 'vm' | 'qingtian' | 'nitro';

/** The requests of the churn, drawn from a seed. */
export function churnRequests(requests: number, seed: number): FleetRequest[] {
  const alive = (LOAD * PARENTS * PARENT_CPUS) / MEAN_VCPUS;
  const mix = SIZES.map((vcpus) => ({
    weight: 1,
    vcpus,
    memoryMib: vcpus * GIB_PER_VCPU * 1024,
    nodes: 1,
  }));
  const arrivals = { kind: 'poisson', everyMs: EVERY_MS } as const;
  const lifetimes = { kind: 'exponential', meanMs: Math.round(alive * EVERY_MS) } as const;
  return [...drawRequests({ requests, arrivals, lifetimes, mix, crashMilli: 0 }, seed)];
}

/** Caps raised by named options, so that the churn meets the machine and not the product's limits. */
const OPTIONS: Readonly<Record<ChurnPlatform, NamedOptions>> = {
  vm: {},
  nitro: {},
  qingtian: { maxEnclaves: 'none', maxVcpusTotal: PARENT_CPUS, parentVcpus: 0 },
};
const RESERVATIONS: Readonly<Record<ChurnPlatform, ReservationInput | undefined>> = {
  vm: undefined,
  qingtian: { memory: 376 * 1024, pageSize: 1024 * 1024, cpuCount: PARENT_CPUS - 2 },
  nitro: { memory: 368 * 1024, cpuCount: PARENT_CPUS - 2 },
};

/** A fresh fleet of the platform under first fit. */
export async function churnFleet(
  platform: ChurnPlatform,
  requests: readonly FleetRequest[],
  audit: boolean,
): Promise<FleetRunInput> {
  const { profile, newSurface } = await loadPlatform(platform);
  const policy = fleetPolicy('first-fit');
  if (policy === undefined) throw new Error('no policy first-fit');
  const cores = regularCores({ cores: PARENT_CPUS / 2, threadsPerCore: 2 });
  const fleet = Array.from({ length: PARENTS }, () => {
    const described = describeHost({
      profile,
      topology: { cores, nodes: regularNodes(cores, 1) },
      memoryMib: [PARENT_MIB],
      options: OPTIONS[platform],
    });
    if ('problems' in described) throw new Error(described.problems[0]?.message);
    const { host } = described;
    const carrier = newCarrier(newSurface, RESERVATIONS[platform]);
    const refusal = carrier.prepare(host);
    if (refusal !== undefined) throw new Error(refusal.message);
    return { host, carrier };
  });
  return {
    hosts: fleet.map(({ host }) => host),
    carriers: fleet.map(({ carrier }) => carrier),
    requests,
    policy,
    audit,
  };
}
