/** The fleet run: accounting, waiting, parents that fall, determinism, and isolation throughout. */

import { describe, expect, it } from 'vitest';
import { uidsOf } from '../../core/host/records.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { FleetCounts } from '../../core/placement/fleet-counts.js';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import type { FleetResult } from '../../scenarios/engine/result.js';
import { drawRequests, type Workload } from '../../scenarios/engine/workload.js';
import { request, type SmallFleet, smallFleet } from '../kit/small-fleets.js';

const FIRST_FIT = named('first-fit');

function named(name: string): FleetPolicy {
  const policy = fleetPolicy(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

function run(fleet: SmallFleet, given: Pick<FleetRunInput, 'requests'> & Partial<FleetRunInput>) {
  return runFleet({ ...fleet, policy: FIRST_FIT, audit: true, ...given });
}

function balanced({ asked, accepted, refused, expired, ...rest }: FleetResult): void {
  expect(accepted + refused + expired).toBe(asked);
  expect(rest.atEnd.running).toBe(accepted - rest.ended - rest.lost);
}

const CHURN: Workload = {
  requests: 400,
  arrivals: { kind: 'poisson', everyMs: 1000 },
  lifetimes: { kind: 'exponential', meanMs: 9000 },
  mix: [
    { weight: 3, vcpus: 2, memoryMib: 128, nodes: 1 },
    { weight: 1, vcpus: 4, memoryMib: 512, nodes: 1 },
  ],
  crashMilli: 100,
};

/** Platform, requests, mean lifetime that keeps its parents nearly full. */
const PLATFORMS = [
  ['vm', 400, 28_000],
  ['qingtian', 400, 9000],
  ['nitro', 60, 3000],
] as const;

describe.each(PLATFORMS)('engine: churn on %s parents', (platform, requests, meanMs) => {
  const churn: Workload = { ...CHURN, requests, lifetimes: { kind: 'exponential', meanMs } };

  it('keeps every invariant, adds up, and leaves empty parents', async () => {
    const fleet = await smallFleet(platform, 2);
    const result = run(fleet, { requests: drawRequests(churn, 3) });
    balanced(result);
    expect(result.violations).toEqual({ count: 0, first: [] });
    expect(result.accepted, JSON.stringify(result)).toBeGreaterThan(churn.requests / 2);
    expect(result.refused).toBeGreaterThan(0);
    expect(result.ended).toBe(result.accepted);
    expect(fleet.hosts.map(({ tree }) => uidsOf(tree))).toEqual([[], []]);
  });

  it('gives the same result hash again, and another for another seed', async () => {
    const hashes: string[] = [];
    for (const seed of [7, 7, 8]) {
      const fleet = await smallFleet(platform, 2);
      hashes.push(run(fleet, { requests: drawRequests(churn, seed), audit: false }).resultHash);
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it('keeps counts that equal a fresh count after every proposal', async () => {
    const fleet = await smallFleet(platform, 2);
    let asked = 0;
    const counting: FleetPolicy = {
      name: 'counting',
      propose(view, ask) {
        const fresh = new FleetCounts(fleet.hosts);
        expect([...view.freeThreads]).toEqual([...fresh.freeThreads]);
        expect([...view.poolThreads]).toEqual([...fresh.poolThreads]);
        expect([...view.freeMib]).toEqual([...fresh.freeMib]);
        expect([...view.running]).toEqual([...fresh.running]);
        asked++;
        return FIRST_FIT.propose(view, ask);
      },
    };
    run(fleet, { requests: drawRequests(churn, 3), policy: counting, audit: false });
    expect(asked).toBeGreaterThanOrEqual(churn.requests);
  });
});

describe('engine: asks that nobody takes', () => {
  const tooMany = Array.from({ length: 3 }, (_, id) => request(id, { vcpus: 16 }));

  it('are refused, with the reason', async () => {
    const result = run(await smallFleet('vm', 1), { requests: tooMany });
    expect(result.refusedBy).toEqual({ 'fleet-vcpus': 1 });
    expect(result.peak.strandedMib).toBeGreaterThan(0);
  });

  it('are tried again as often as declared', async () => {
    const onRefusal = { kind: 'retry', everyMs: 600, times: 2 } as const;
    const result = run(await smallFleet('vm', 1), { requests: tooMany, onRefusal });
    expect([result.accepted, result.acceptedLate, result.refused]).toEqual([3, 1, 0]);
    const once = { ...onRefusal, times: 1 };
    expect(run(await smallFleet('vm', 1), { requests: tooMany, onRefusal: once }).refused).toBe(1);
  });

  it('queue in order, up to a length, as long as their patience lasts', async () => {
    const queue = { kind: 'queue', most: 1, patienceMs: 5000 } as const;
    const four = [...tooMany, request(3, { vcpus: 2 })];
    const result = run(await smallFleet('vm', 1), { requests: four, onRefusal: queue });
    expect([result.accepted, result.acceptedLate]).toEqual([3, 1]);
    expect(result.refusedBy).toEqual({ 'fleet-queue': 1 });
    const hasty = { ...queue, patienceMs: 10 };
    const late = run(await smallFleet('vm', 1), { requests: tooMany, onRefusal: hasty });
    expect([late.accepted, late.expired]).toEqual([2, 1]);
    balanced(late);
  });

  it('takes an end before an arrival at the same time', async () => {
    const requests = [request(0, { vcpus: 16 }), request(1, { vcpus: 16 })];
    const next = request(2, { vcpus: 16, atMs: 1000 });
    expect(run(await smallFleet('vm', 1), { requests: [...requests, next] }).accepted).toBe(3);
  });
});

describe.each(['vm', 'qingtian'])('engine: a %s parent that goes down', (platform) => {
  it('loses what ran there, is passed over, and is prepared again by a boot', async () => {
    const fleet = await smallFleet(platform, 1);
    const requests = [0, 2000, 4000].map((atMs, id) => request(id, { atMs, lifetimeMs: 1500 }));
    const parentEvents = [
      { atMs: 1000, host: 0, what: 'stop' },
      { atMs: 3000, host: 0, what: 'boot' },
    ] as const;
    const result = run(fleet, { requests, parentEvents });
    expect([result.accepted, result.lost, result.ended]).toEqual([2, 1, 1]);
    expect(result.refusedBy).toEqual({ 'fleet-closed': 1 });
    expect(fleet.hosts.flatMap((host) => checkInvariants(host))).toEqual([]);
    balanced(result);
  });
});
