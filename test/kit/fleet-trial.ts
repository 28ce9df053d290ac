/**
 * A fleet policy on trial: small fleets of every platform, a random demand, parents that fall.
 *
 * Invariant: every isolation invariant is checked after every event, and the policy is held as a
 * user's module is: copies in, numbers out, a `PolicyFault` for what is no proposal. Trade-off: two
 * small parents of two nodes each, so that limits are met soon.
 */
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetResult } from '../../scenarios/engine/result.js';
import { drawRequests, type Workload } from '../../scenarios/engine/workload.js';
import { smallFleet } from './small-fleets.js';

export interface FleetTrial {
  readonly platform: string;
  readonly result: FleetResult;
}

const PLATFORMS: readonly string[] = ['vm', 'qingtian', 'nitro'];

const DEMAND: Omit<Workload, 'requests'> = {
  arrivals: { kind: 'poisson', everyMs: 1000 },
  lifetimes: { kind: 'exponential', meanMs: 6000 },
  mix: [
    { weight: 3, vcpus: 2, memoryMib: 128, nodes: 1 },
    { weight: 1, vcpus: 4, memoryMib: 512, nodes: 1 },
    { weight: 1, vcpus: 4, memoryMib: 256, nodes: 2 },
  ],
  crashMilli: 100,
};

/** In the middle of the demand parent 0 stops, then parent 1 crashes; each comes back. */
function fall(requests: number) {
  const middle = requests * 500;
  return [
    { atMs: middle, host: 0, what: 'stop' },
    { atMs: middle + 20_000, host: 0, what: 'boot' },
    { atMs: middle + 30_000, host: 1, what: 'crash' },
    { atMs: middle + 40_000, host: 1, what: 'boot' },
  ] as const;
}

/** One result a platform; `make` is called once for each, `seed` draws the demand. */
export async function tryFleetPolicy(
  make: () => FleetPolicy,
  { seed = 20_221_031, requests = 200 } = {},
): Promise<FleetTrial[]> {
  const trials: FleetTrial[] = [];
  for (const platform of PLATFORMS) {
    const result = runFleet({
      ...(await smallFleet(platform, 2)),
      requests: drawRequests({ ...DEMAND, requests }, seed),
      parentEvents: fall(requests),
      policy: make(),
      audit: true,
    });
    trials.push({ platform, result });
  }
  return trials;
}
