/** Who asked for more than any parent had, even empty: after boots, reservations granted and refused, and an expiry. */
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import type { FleetRequest, ParentEvent } from '../../scenarios/engine/request.js';
import type { ReservationInput } from '../../scenarios/schema/scenario.js';
import { request, smallFleet } from '../kit/small-fleets.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const FIRST_FIT = fleetPolicy('first-fit') as FleetPolicy;

async function run(
  platform: string,
  requests: readonly FleetRequest[],
  parentEvents: readonly ParentEvent[],
  more: Partial<FleetRunInput> = {},
) {
  const fleet = await smallFleet(platform, 1);
  return runFleet({ ...fleet, policy: FIRST_FIT, audit: true, requests, parentEvents, ...more });
}

/** To begin with, twelve vCPUs are reserved on QingTian and six on Nitro, with 1024 MiB. */
const RESERVATIONS = {
  qingtian: {
    more: { memory: 1536, pageSize: 2048, cpuList: '2-7,18-23' },
    tooMuch: { memory: 1_048_576, pageSize: 2048, cpuList: '2-7,18-23' },
    malformed: { memory: 512, pageSize: 2048, cpuList: '400' },
  },
  nitro: {
    more: { memory: 1536, cpuCount: 6 },
    tooMuch: { memory: 1_048_576, cpuCount: 6 },
    malformed: { memory: 512, cpuCount: 900 },
  },
} as const;

const reserve = (s: number, reservation: ReservationInput): ParentEvent => {
  return { atMs: s * SECOND, host: 0, what: 'reserve', reservation };
};
const plain = (s: number, what: 'stop' | 'crash' | 'boot'): ParentEvent => {
  return { atMs: s * SECOND, host: 0, what };
};
/** Alone on the parent for an hour from the first moment. */
const tenant = request(0, { lifetimeMs: HOUR });
const asked = (id: number, s: number, memoryMib = 1024) =>
  request(id, { atMs: s * SECOND, memoryMib });

describe.each(['qingtian', 'nitro'] as const)('too large for a %s parent', (platform) => {
  const { more, tooMuch, malformed } = RESERVATIONS[platform];

  it('is nobody whom it could serve but for those who live there', async () => {
    const result = await run(platform, [tenant, asked(1, 5)], []);
    expect([result.refused, result.tooLarge]).toEqual([1, undefined]);
  });

  it.each([
    ['more than there is', tooMuch],
    ['with CPUs that it has not', malformed],
    ['as much as could be had', more],
  ])(
    'found bug: nor after a reservation of %s was refused because of them',
    async (_, reservation) => {
      const result = await run(platform, [tenant, asked(1, 5)], [reserve(2, reservation)]);
      expect(Object.values(result.refusedEvents)).toEqual([1]);
      expect([result.refused, result.tooLarge]).toEqual([1, undefined]);
    },
  );

  it('found bug: nor while the parent is down, though a reservation was refused meanwhile', async () => {
    const events = [plain(1, 'stop'), reserve(2, more)];
    const result = await run(platform, [asked(0, 5)], events);
    expect([result.refusedBy, result.tooLarge]).toEqual([{ 'fleet-closed': 1 }, undefined]);
  });

  it('is measured by what was reserved anew, when that is taken', async () => {
    const requests = [request(0, { atMs: 2 * SECOND, lifetimeMs: HOUR }), asked(1, 5, 1536)];
    const given = await run(platform, requests, [reserve(1, more)]);
    expect([given.refused, given.tooLarge]).toEqual([1, undefined]);
    const before = await run(platform, requests, []);
    expect([before.refused, before.tooLarge]).toEqual([1, 1]);
  });

  it('is whoever comes after a refused reservation that cost the parent what it had', async () => {
    const result = await run(platform, [asked(0, 5)], [reserve(2, tooMuch)]);
    expect([Object.values(result.refusedEvents), result.refused, result.tooLarge]).toEqual([
      [1],
      1,
      1,
    ]);
  });

  it('is nobody for that once the parent has booted with what it was granted', async () => {
    const events = [reserve(2, tooMuch), plain(3, 'stop'), plain(4, 'boot')];
    const requests = [request(0, { atMs: 5 * SECOND, lifetimeMs: HOUR }), asked(1, 6)];
    const result = await run(platform, requests, events);
    expect([result.accepted, result.refused, result.tooLarge]).toEqual([1, 1, undefined]);
  });

  it('is told of one that expires in the queue, too', async () => {
    const onRefusal = { kind: 'queue', most: 5, patienceMs: 10 * SECOND } as const;
    const result = await run(platform, [asked(0, 1, 99_999)], [], { onRefusal });
    expect([result.expired, result.tooLarge]).toEqual([1, 1]);
  });
});

it('plain VMs that are told to reserve are asked nothing: what they have is what it was', async () => {
  const requests = [
    request(0, { vcpus: 16, lifetimeMs: HOUR }),
    request(1, { vcpus: 16, lifetimeMs: HOUR }),
    request(2, { atMs: 5 * SECOND }),
  ];
  const result = await run('vm', requests, [reserve(2, { memory: 512 })]);
  expect([result.accepted, result.refused, result.tooLarge]).toEqual([2, 1, undefined]);
});
