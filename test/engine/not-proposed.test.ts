/** A policy that proposes nowhere although a parent could serve the ask: its own doing, and said as such. */
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRequest } from '../../scenarios/engine/request.js';
import { request, smallFleet } from '../kit/small-fleets.js';

const SILENT: FleetPolicy = { name: 'silent', propose: () => undefined };

async function refusedBy(platform: string, policy: FleetPolicy, requests: FleetRequest[]) {
  return runFleet({ ...(await smallFleet(platform, 2)), requests, policy }).refusedBy;
}

describe.each(['vm', 'qingtian', 'nitro'])(
  'fleet on %s: a policy that proposes nowhere',
  (platform) => {
    // Found bug: `fleet-stranded`, whose remedies cannot help, on a fleet that was empty.
    it('is named where a parent could have been asked', async () => {
      expect(await refusedBy(platform, SILENT, [request(0)])).toEqual({ 'fleet-not-proposed': 1 });
    });

    it('is not where none could: more vCPUs or memory than anybody has', async () => {
      const asks = [request(0, { vcpus: 400 }), request(1, { memoryMib: 1_048_576 })];
      expect(await refusedBy(platform, SILENT, asks)).toEqual({
        'fleet-memory': 1,
        'fleet-vcpus': 1,
      });
    });
  },
);

it('nor is it where the group forbids whoever could', async () => {
  const group = { name: 'g', rule: 'anti-affinity' } as const;
  const requests = [0, 1, 2].map((id) => request(id, { group }));
  const first = fleetPolicy('first-fit') as FleetPolicy;
  const own: FleetPolicy = { name: 'own', propose: (view, ask) => first.propose(view, ask) };
  expect(await refusedBy('vm', own, requests)).toEqual({ 'fleet-group': 1 });
});
