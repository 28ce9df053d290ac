/** What a fleet run calls stranded: idle on parents that run, when an ask got no place. */
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { ParentEvent } from '../../scenarios/engine/request.js';
import { request, smallFleet } from '../kit/small-fleets.js';

/** Two parents; one enclave on the first, and at 10 s an ask that is more than any node has. */
async function strandedBy(platform: string, parentEvents: readonly ParentEvent[]) {
  const { hosts, carriers } = await smallFleet(platform, 2);
  const policy = fleetPolicy('first-fit');
  if (policy === undefined) throw new Error('no first-fit');
  const requests = [
    request(0, { lifetimeMs: 1e9 }),
    request(1, { atMs: 10_000, vcpus: 4, memoryMib: 65_536 }),
  ];
  const { accepted, refused, peak } = runFleet({
    hosts,
    carriers,
    requests,
    parentEvents,
    policy,
    audit: true,
  });
  expect([accepted, refused]).toEqual([1, 1]);
  return [peak.strandedVcpus, peak.strandedMib];
}

const second = (what: 'stop' | 'crash' | 'boot', atMs = 5000) => ({ atMs, host: 1, what }) as const;

/** The last open parent, whatever it has. */
const TO_THE_LAST: FleetPolicy = {
  name: 'to the last',
  propose(view) {
    for (let host = view.hosts - 1; host >= 0; host--) {
      if (view.closed[host] === 0) return { host };
    }
    return undefined;
  },
};

describe('stranded in a fleet', () => {
  it('is the most of all that were refused, neither the first nor the last', async () => {
    const policy = fleetPolicy('first-fit');
    if (policy === undefined) throw new Error('no first-fit');
    const large = { vcpus: 4, memoryMib: 65_536 };
    const small = { vcpus: 2, memoryMib: 128 };
    const requests = [
      // Two are there, then one, then three: 60, 62 and 58 of 64 threads lie idle.
      request(0, { ...small, lifetimeMs: 1e9 }),
      request(1, { ...small, lifetimeMs: 15_000 }),
      request(2, { ...large, atMs: 10_000 }),
      request(3, { ...large, atMs: 20_000 }),
      request(4, { ...small, atMs: 25_000, lifetimeMs: 1e9 }),
      request(5, { ...small, atMs: 25_000, lifetimeMs: 1e9 }),
      request(6, { ...large, atMs: 30_000 }),
    ];
    const { refused, peak } = runFleet({ ...(await smallFleet('vm', 2)), requests, policy });
    expect([refused, peak.strandedVcpus, peak.strandedMib]).toEqual([3, 62, 8064]);
  });

  it.each([
    // 32 threads and 4096 MiB a parent; 12 reserved CPUs and 1024 MiB a parent. 2 and 128 are in use.
    ['vm', [62, 8064], [30, 3968]],
    ['qingtian', [22, 1920], [10, 896]],
  ])(
    // Found bug: the memory of plain-VM parents that were down counted, and nobody could have used it.
    'on %s parents: neither vCPUs nor memory of one that is down, until it is booted again',
    async (platform, ofBoth, ofOne) => {
      expect(await strandedBy(platform, [])).toEqual(ofBoth);
      expect(await strandedBy(platform, [second('stop')])).toEqual(ofOne);
      expect(await strandedBy(platform, [second('crash')])).toEqual(ofOne);
      expect(await strandedBy(platform, [second('stop'), second('boot', 6000)])).toEqual(ofBoth);
    },
  );

  const NITRO_12 = { reservation: { memory: 1000, cpuCount: 12 } } as const;

  it.each([
    // Twelve vCPUs of a parent may be given; what the accepted ones have of 2 vCPUs and 128 MiB is in use.
    ['a cap on enclaves', 'qingtian', { options: {} }, {}, 2, 'enclave-count', [8, 768]],
    [
      'a cap on the vCPUs of all',
      'qingtian',
      { options: { maxEnclaves: 'none', maxVcpusTotal: 8 } },
      {},
      4,
      'vcpu-total',
      [4, 512],
    ],
    ['the hypervisor’s slots', 'nitro', NITRO_12, {}, 4, 'nitro.hypervisor-slots', [4, 488]],
    ['a rule on one ask', 'qingtian', {}, { vcpus: 3 }, 0, 'vcpu-even', [12, 1024]],
  ] as const)(
    'found bug: behind %s (%s) counts, as the parent itself said no',
    async (_, platform, given, asked, accepted, rule, idle) => {
      const policy = fleetPolicy('first-fit') as FleetPolicy;
      const requests = Array.from({ length: accepted + 1 }, (_x, id) => request(id, asked));
      const result = runFleet({ ...(await smallFleet(platform, 1, given)), requests, policy });
      expect([result.accepted, result.refusedBy]).toEqual([accepted, { [rule]: 1 }]);
      const { strandedVcpus, strandedMib } = result.peak;
      expect([strandedVcpus, strandedMib]).toEqual(idle);
    },
  );

  it('not where the group alone kept the ask out, though a policy proposed the parent all the same', async () => {
    const group = { name: 'g', rule: 'anti-affinity' } as const;
    const policy: FleetPolicy = { name: 'stubborn', propose: () => ({ host: 0 }) };
    const requests = [0, 1].map((id) => request(id, { group }));
    const { refusedBy, peak } = runFleet({ ...(await smallFleet('vm', 1)), requests, policy });
    expect([refusedBy, peak.strandedVcpus]).toEqual([{ 'fleet-group': 1 }, 0]);
    // Of two parents the other says no by itself: no node of it has so many.
    const large = [request(0, { group }), request(1, { group, vcpus: 20 })];
    const both = runFleet({ ...(await smallFleet('vm', 2)), requests: large, policy: TO_THE_LAST });
    expect([both.refused, both.refusedBy['fleet-group'], both.peak.strandedVcpus]).toEqual([
      1,
      undefined,
      62,
    ]);
  });
});
