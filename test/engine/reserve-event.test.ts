/** A parent that is reserved anew while it runs: by its platform's rules, and for the boots after it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLEET_POLICIES, fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { renderFleet } from '../../scenarios/engine/fleet-report.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import type { ParentEvent } from '../../scenarios/engine/request.js';
import type { FleetResult } from '../../scenarios/engine/result.js';
import type { ReservationInput } from '../../scenarios/schema/scenario.js';
import { request, smallFleet } from '../kit/small-fleets.js';
import { scaledRuns } from '../seed.js';

const WIDE = { width: 400, color: false, unicode: true };

const FIRST_FIT = fleetPolicy('first-fit') as FleetPolicy;
/** Six CPUs are reserved to begin with; of a fleet's own two sizes of parts. */
const RESERVATIONS = {
  qingtian: {
    few: { memory: 512, pageSize: 2048, cpuList: '2-3,18-19' },
    many: { memory: 512, pageSize: 2048, cpuList: '2-7,18-23' },
    none: { memory: 1_048_576, pageSize: 2048, cpuList: '2-7,18-23' },
  },
  nitro: {
    few: { memory: 512, cpuCount: 4 },
    many: { memory: 512, cpuCount: 6 },
    none: { memory: 1_048_576, cpuCount: 6 },
  },
} as const;
const ROOM = { qingtian: 12, nitro: 6 } as const;

const reserve = (atMs: number, reservation: ReservationInput, host = 0): ParentEvent => {
  return { atMs, host, what: 'reserve', reservation };
};
const plain = (atMs: number, what: 'stop' | 'crash' | 'boot'): ParentEvent => {
  return { atMs, host: 0, what };
};

type Given = Partial<FleetRunInput> & Pick<FleetRunInput, 'requests' | 'parentEvents'>;

async function run(platform: string, given: Given, parents = 1) {
  const fleet = await smallFleet(platform, parents);
  return runFleet({ ...fleet, policy: FIRST_FIT, audit: true, ...given });
}

function shownOf(platform: string, result: FleetResult): string {
  const unnamed = { title: '', engine: '', runId: '', policy: '' };
  const report = { ...unnamed, platform, seed: 1, parents: 1, audited: false, result };
  return renderFleet(report, 1, WIDE);
}

describe.each(['qingtian', 'nitro'] as const)('engine: a %s parent reserved anew', (platform) => {
  const { few, many, none } = RESERVATIONS[platform];
  const all = ROOM[platform];
  const askOf = (id: number, atMs: number) => request(id, { vcpus: all, atMs });

  it('has the new pool from that moment, and policies see it', async () => {
    const seen: number[] = [];
    const policy: FleetPolicy = {
      name: 'watching',
      propose(view, ask) {
        seen.push(Math.max(...view.freeThreads));
        return FIRST_FIT.propose(view, ask);
      },
    };
    const requests = [askOf(0, 999), askOf(1, 2000), askOf(2, 4000)];
    const parentEvents = [reserve(2000, few), reserve(4000, many)];
    const result = await run(platform, { requests, parentEvents, policy });
    expect([result.accepted, result.refusedBy]).toEqual([2, { 'fleet-vcpus': 1 }]);
    expect([result.refusedEvents, result.violations.count]).toEqual([{}, 0]);
    expect(seen).toEqual([all, 4, all]);
  });

  it('serves who waits in the queue for what it now has', async () => {
    const onRefusal = { kind: 'queue', most: 5, patienceMs: 60_000 } as const;
    const parentEvents = [reserve(1, few), reserve(5000, many)];
    const result = await run(platform, { requests: [askOf(0, 10)], parentEvents, onRefusal });
    expect([result.acceptedLate, result.lastMs]).toEqual([1, 6000]);
  });

  it('is refused while an enclave runs, which runs on: counted, and told in its words', async () => {
    const requests = [request(0, { lifetimeMs: 9000 })];
    const parentEvents = [reserve(1000, few), reserve(2000, few)];
    const result = await run(platform, { requests, parentEvents });
    expect([result.accepted, result.ended, result.lost]).toEqual([1, 1, 0]);
    const [[rule, count] = ['', 0]] = Object.entries(result.refusedEvents);
    expect([count, rule]).toEqual([2, expect.stringMatching(/enclaves/)]);
    expect(result.firstRefusals[rule]).toMatchObject({ layer: 'service', parent: 0, atMs: 1000 });
    const shown = shownOf(platform, result).split('\n');
    const at = shown.findIndex((line) => line.includes(rule));
    expect(shown[at - 1]).toContain('Events of parents that were refused');
    expect(shown[at + 2]).toContain(`remedy: ${result.firstRefusals[rule]?.remedy}`);
  });

  it('is refused while it is down', async () => {
    const parentEvents = [plain(1000, 'stop'), reserve(2000, few)];
    const result = await run(platform, { requests: [askOf(0, 3000)], parentEvents });
    expect(Object.keys(result.refusedEvents)).toEqual([expect.stringMatching(/parent/)]);
    expect(result.refusedBy).toEqual({ 'fleet-closed': 1 });
  });

  it('boots with what it was granted last, whatever was refused since', async () => {
    const parentEvents = [
      reserve(1000, few),
      reserve(2000, none),
      plain(3000, 'crash'),
      plain(4000, 'boot'),
    ];
    const requests = [askOf(0, 5000), request(1, { vcpus: 4, atMs: 5000 })];
    const result = await run(platform, { requests, parentEvents });
    expect([result.accepted, result.refusedBy]).toEqual([1, { 'fleet-vcpus': 1 }]);
    // What the parent could not have is told before whom it then refused.
    expect(shownOf(platform, result)).toMatch(/Events of parents that.*Refused by rule/s);
    expect(result.refusedReservations).toEqual([]);
    expect(Object.values(result.refusedEvents)).toEqual([1]);
  });

  it('is in the result hash, granted or refused', async () => {
    const hashes = [[], [reserve(1000, few)], [reserve(1000, few, 1)], [reserve(1000, none)]].map(
      async (parentEvents) => {
        const requests = [request(0, { atMs: 90_000 })];
        return (await run(platform, { requests, parentEvents }, 2)).resultHash;
      },
    );
    expect(new Set(await Promise.all(hashes)).size).toBe(4);
  });
});

describe('engine: the result hash of a parent that is reserved anew', () => {
  // A granted one could be hashed as a boot, and no test saw it: a parent that runs boots no other way.
  it('is another than that of one that boots, where nothing else differs', async () => {
    const hashOf = async (event: ParentEvent) => {
      const fleet = await smallFleet('qingtian', 2);
      // Grants what no parent that is down would.
      const carriers = fleet.carriers.map((one) => ({ ...one, reserve: () => undefined }));
      const parentEvents: ParentEvent[] = [{ atMs: 1000, host: 1, what: 'crash' }, event];
      const requests = [request(0, { lifetimeMs: 9000 })];
      const given = { carriers, requests, parentEvents, policy: FIRST_FIT };
      const result = runFleet({ ...fleet, ...given });
      const { resultHash, refusedEvents, eventsAfterEnd = 0, accepted } = result;
      expect([refusedEvents, eventsAfterEnd, accepted]).toEqual([{}, 0, 1]);
      return resultHash;
    };
    const { few } = RESERVATIONS.qingtian;
    const [booted, again, reserved] = [
      await hashOf({ atMs: 2000, host: 1, what: 'boot' }),
      await hashOf({ atMs: 2000, host: 1, what: 'boot' }),
      await hashOf(reserve(2000, few, 1)),
    ];
    expect(again).toBe(booted);
    expect(reserved).not.toBe(booted);
  });
});

describe('engine: parents reserved anew at random', () => {
  const event = fc.record({
    gapMs: fc.nat(1500),
    host: fc.constantFrom(0, 1),
    what: fc.constantFrom('few', 'many', 'none', 'few', 'many', 'stop', 'crash', 'boot', 'boot'),
  });
  const asks = fc.array(
    fc.record({
      gapMs: fc.nat(900),
      vcpus: fc.constantFrom(2, 4, 6),
      memoryMib: fc.constantFrom(64, 128, 512),
      lifetimeMs: fc.integer({ min: 1, max: 2000 }),
    }),
    { maxLength: 12 },
  );

  it.each(['qingtian', 'nitro'] as const)(
    '%s: no invariant is broken, and again the same',
    async (platform) => {
      let granted = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(event, { maxLength: 10 }),
          asks,
          fc.constantFrom(...FLEET_POLICIES),
          async (events, given, policy) => {
            let atMs = 0;
            const parentEvents = events.map(({ gapMs, host, what }): ParentEvent => {
              atMs += gapMs;
              return what === 'few' || what === 'many' || what === 'none'
                ? reserve(atMs, RESERVATIONS[platform][what], host)
                : { atMs, host, what };
            });
            let at = 0;
            const requests = given.map(({ gapMs, ...size }, id) => {
              at += gapMs;
              return request(id, { ...size, atMs: at });
            });
            const rest = { requests, parentEvents, policy };
            const result = await run(platform, rest, 2);
            expect(result.violations).toEqual({ count: 0, first: [] });
            expect(result.accepted + result.refused).toBe(requests.length);
            expect(await run(platform, rest, 2)).toEqual(result);
            const refused = Object.values(result.refusedEvents).reduce((sum, n) => sum + n, 0);
            granted += parentEvents.length - refused;
          },
        ),
        { numRuns: scaledRuns(platform === 'nitro' ? 4 : 10) },
      );
      expect(granted).toBeGreaterThan(0);
    },
  );

  it('plain VMs, who reserve nothing, go on as if nothing had been said', async () => {
    const rest = { requests: [request(0, { lifetimeMs: 9000 }), request(1, { atMs: 5000 })] };
    const without = await run('vm', { ...rest, parentEvents: [] });
    const result = await run('vm', { ...rest, parentEvents: [reserve(1000, { memory: 512 })] });
    expect({ ...result, resultHash: '' }).toEqual({ ...without, resultHash: '' });
  });
});
