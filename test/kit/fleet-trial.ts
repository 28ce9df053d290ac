/**
 * A fleet policy on trial: small fleets of every platform, a random demand, parents that fall.
 *
 * Invariant: every isolation invariant is checked after every event, and the policy is held as a
 * user's module is: copies in, numbers out, a `PolicyFault` for what is no proposal. Trade-off: two
 * small parents of two nodes each, so that limits are met soon.
 */
import { named } from '../../core/host/asked.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import {
  type FieldChecks,
  mapping,
  optional,
  problemText,
  should,
} from '../../core/units/field-checks.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { isPolicy } from '../../scenarios/engine/policy-module.js';
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

export interface TrialOptions {
  /** Draws the demand: a whole number. */
  readonly seed?: number;
  /** Of each platform. */
  readonly requests?: number;
}

const OPTIONS = mapping({
  seed: optional(should('a whole number', Number.isSafeInteger)),
  requests: optional(
    should('a whole number from 1', (value) => Number.isSafeInteger(value) && Number(value) >= 1),
  ),
} satisfies FieldChecks<TrialOptions>);

/**
 * One result a platform; `make` is called once for each, `seed` draws the demand. Rejects with a
 * TypeError for options that there are not, and where `make` makes no policy.
 */
export async function tryFleetPolicy(
  make: () => FleetPolicy,
  options: TrialOptions = {},
): Promise<FleetTrial[]> {
  const problems = OPTIONS(options);
  if (problems.length > 0) {
    throw new TypeError(`options of tryFleetPolicy: ${problems.map(problemText).join('; ')}`);
  }
  const { seed = 20_221_031, requests = 200 } = options;
  const trials: FleetTrial[] = [];
  for (const platform of PLATFORMS) {
    const result = runFleet({
      ...(await smallFleet(platform, 2)),
      requests: drawRequests({ ...DEMAND, requests }, seed),
      parentEvents: fall(requests),
      policy: madeBy(make),
      audit: true,
    });
    trials.push({ platform, result });
  }
  return trials;
}

function madeBy(make: () => FleetPolicy): FleetPolicy {
  const what = 'tryFleetPolicy takes a function that makes the policy';
  if (typeof make !== 'function') throw new TypeError(`${what}, not ${named(make)}`);
  const made: unknown = make();
  if (isPolicy(made)) return made;
  throw new TypeError(`${what}: { name, propose(view, ask) { … } }`);
}
