/** What becomes of asks in time, of lives whose parent falls, and that the result hash knows all of it. */
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy, FleetProposal } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import type { FleetRequest } from '../../scenarios/engine/request.js';
import { request, smallFleet } from '../kit/small-fleets.js';

const FIRST_FIT = fleetPolicy('first-fit') as FleetPolicy;

async function run(given: Pick<FleetRunInput, 'requests'> & Partial<FleetRunInput>, parents = 1) {
  const fleet = await smallFleet('vm', parents);
  return runFleet({ ...fleet, policy: FIRST_FIT, audit: true, ...given });
}

/** More than any parent has. */
const NEVER = { vcpus: 64 };
const SECOND = 1000;

describe('engine: a queue whose head can never be served', () => {
  const onRefusal = { kind: 'queue', most: 10, patienceMs: 60 * SECOND } as const;

  it('found bug: an idle fleet serves who comes after the head has given up', async () => {
    const requests = [
      request(0, NEVER),
      request(1, { atMs: 3600 * SECOND }),
      request(2, { atMs: 7200 * SECOND }),
    ];
    const result = await run({ requests, onRefusal });
    expect([result.accepted, result.acceptedLate, result.expired]).toEqual([2, 0, 1]);
    expect(result.refusedBy).toEqual({ 'fleet-vcpus': 1 });
  });

  it('found bug: who waits behind it is served when it gives up, though nothing ends or comes', async () => {
    const requests = [request(0, NEVER), request(1, { atMs: 30 * SECOND })];
    const result = await run({ requests, onRefusal });
    expect([result.accepted, result.acceptedLate, result.expired]).toEqual([1, 1, 1]);
    // Served at 60 s, ended a second later.
    expect(result.lastMs).toBe(61 * SECOND);
  });

  it('strictly first in, first out: nobody passes the head before that', async () => {
    const requests = [request(0, NEVER), request(1, { atMs: 59 * SECOND, lifetimeMs: 5000 })];
    const { peak, lastMs } = await run({ requests, onRefusal });
    expect([peak.running, lastMs]).toEqual([1, 65 * SECOND]);
  });

  it('each gives up at a time of its own, and an end at that very time comes first', async () => {
    const full = request(0, { vcpus: 16, lifetimeMs: 60 * SECOND });
    const other = request(1, { vcpus: 16, lifetimeMs: 70 * SECOND });
    const waits = [0, 1, 2].map((i) => request(2 + i, { vcpus: 16, atMs: i }));
    const result = await run({ requests: [full, other, ...waits], onRefusal });
    // The first of the three is served at 60 s, as the first VM ends; its own end is 61 s.
    expect([result.acceptedLate, result.expired]).toEqual([1, 2]);
    const refused = result.accepted + result.expired + result.refused;
    expect(refused).toBe(5);
  });

  it('is served at the boot of its parent, though nothing ends or comes and nobody gives up', async () => {
    const parentEvents = [
      { atMs: SECOND, host: 0, what: 'stop' },
      { atMs: 20 * SECOND, host: 0, what: 'boot' },
    ] as const;
    const requests = [request(0, { atMs: 5 * SECOND }), request(1, { atMs: 6 * SECOND })];
    const result = await run({ requests, onRefusal, parentEvents });
    expect([result.acceptedLate, result.expired, result.lastMs]).toEqual([2, 0, 21 * SECOND]);
  });

  it('found bug: who expires names the last no it met at the head, not what it was told as it came', async () => {
    const busy = request(0, { lifetimeMs: 3600 * SECOND });
    const large = { memoryMib: 99_999 };
    // The second waits behind the first until 60 s, the third comes in time for no look at all.
    const requests = [busy, request(1, NEVER), request(2, { ...large, atMs: 1000 })];
    const expired = await run({ requests, onRefusal });
    expect(expired.refusedBy).toEqual({ 'fleet-memory': 1, 'fleet-vcpus': 1 });
    const together = await run({
      requests: [busy, request(1, NEVER), request(2, large)],
      onRefusal,
    });
    expect(together.refusedBy).toEqual({ 'fleet-queue': 1, 'fleet-vcpus': 1 });
  });

  it('a no of another kind at the head, or when tried again, takes the place of the one before', async () => {
    const ends = [10, 20].map((s, id) => request(id, { vcpus: 16, lifetimeMs: s * SECOND }));
    const requests = [...ends, request(2, { vcpus: 20 })];
    // Both nodes are full as it comes; at 20 s both are empty, and too small.
    expect((await run({ requests, onRefusal })).refusedBy).toEqual({ 'fleet-stranded': 1 });
    const retry = { kind: 'retry', everyMs: 30 * SECOND, times: 1 } as const;
    const tried = await run({ requests, onRefusal: retry });
    expect(tried.refusedBy).toEqual({ 'fleet-stranded': 1 });
  });

  it.each(['stop', 'crash'] as const)(
    'found bug: is served when a parent’s %s takes the last of a group that held its head up',
    async (what) => {
      const group = { name: 'a', rule: 'affinity' } as const;
      const requests = [
        request(0, { group, vcpus: 16, lifetimeMs: 3600 * SECOND }),
        // Their node is full, and so is the other one: the group's parent has no room, another has.
        request(1, { vcpus: 16, lifetimeMs: 3600 * SECOND }),
        request(2, { group, atMs: 10 * SECOND }),
        request(3, { atMs: 30 * SECOND, lifetimeMs: 5 * SECOND }),
      ];
      const parentEvents = [{ atMs: 20 * SECOND, host: 0, what }] as const;
      const result = await run({ requests, onRefusal, parentEvents }, 2);
      expect([result.acceptedLate, result.expired, result.lost]).toEqual([1, 0, 2]);
      // The member had its second at once, so the last of all could be placed as it came.
      expect(result.lastMs).toBe(35 * SECOND);
    },
  );

  it('and who waits for the parent that falls is told that it is down', async () => {
    const parentEvents = [{ atMs: 20 * SECOND, host: 0, what: 'stop' }] as const;
    const requests = [0, 1].map((id) => request(id, { vcpus: 16, lifetimeMs: 3600 * SECOND }));
    requests.push(request(2, { atMs: 10 * SECOND }));
    const result = await run({ requests, onRefusal, parentEvents });
    expect([result.expired, result.refusedBy]).toEqual([1, { 'fleet-closed': 1 }]);
  });

  it('nobody’s patience moves the last moment of a run that served all', async () => {
    const requests = [0, 1, 2].map((id) => request(id, { vcpus: 16 }));
    expect((await run({ requests, onRefusal })).lastMs).toBe(2 * SECOND);
  });
});

describe.each(['stop', 'crash'] as const)('engine: a parent’s %s', (what) => {
  const parentEvents = [
    { atMs: 10 * SECOND, host: 0, what },
    { atMs: 20 * SECOND, host: 0, what: 'boot' },
  ] as const;

  it('found bug: takes what ran there off at once, also what would never end', async () => {
    const forever = { vcpus: 16, lifetimeMs: Number.POSITIVE_INFINITY };
    const times = [0, 5, 30, 31];
    const requests = times.map((s, id) => request(id, { ...forever, vcpus: 8, atMs: s * SECOND }));
    const result = await run({ requests, parentEvents });
    expect([result.accepted, result.lost, result.ended]).toEqual([4, 2, 0]);
    expect(result.peak).toMatchObject({ running: 2, vcpus: 16, memoryMib: 256 });
    expect(result.atEnd).toEqual({ running: 2, vcpus: 16, memoryMib: 256 });
  });

  it('and its planned end is no event any more, however late', async () => {
    const requests = [request(0, { lifetimeMs: 3600 * SECOND }), request(1, { atMs: 30 * SECOND })];
    const result = await run({ requests, parentEvents });
    expect([result.lost, result.ended, result.lastMs]).toEqual([1, 1, 31 * SECOND]);
    expect(result.atEnd.running).toBe(0);
  });

  it('nor the last end there, once another runs; of two it is the later one', async () => {
    const seen: number[] = [];
    const policy: FleetPolicy = {
      name: 'watching',
      propose(view, ask) {
        if (view.running[0] > 0) seen.push(view.lastEnd[0] / SECOND);
        return FIRST_FIT.propose(view, ask);
      },
    };
    const lives = [
      [0, 3600],
      [30, 600],
      [31, 60],
      [32, 60],
    ] as const;
    const requests = lives.map(([at, life], id) =>
      request(id, { atMs: at * SECOND, lifetimeMs: life * SECOND }),
    );
    await run({ requests, parentEvents, policy });
    expect(seen).toEqual([630, 630]);
  });
});

describe('engine: the result hash', () => {
  const always = (proposal: FleetProposal): FleetPolicy => ({
    name: 'always',
    propose: () => proposal,
  });
  const hashOf = async (given: Parameters<typeof run>[0], parents = 1) =>
    (await run({ audit: false, ...given }, parents)).resultHash;
  const one = [request(0)];

  it('found bug: tells runs apart that differ only in a node', async () => {
    const hashes = [0, 1].map((node) =>
      hashOf({ requests: one, policy: always({ host: 0, nodes: [node] }) }),
    );
    expect(await hashes[0]).not.toBe(await hashes[1]);
    const both = { requests: [request(0, { nodes: 2 })] };
    expect(await hashOf(both)).not.toBe(await hashOf({ requests: one }));
  });

  it('found bug: tells runs apart in which everybody waits, is refused, or gives up', async () => {
    const asks = (count: number): FleetRequest[] =>
      Array.from({ length: count }, (_, id) => request(id, NEVER));
    const queue = { kind: 'queue', most: 10, patienceMs: 1000 } as const;
    const retry = { kind: 'retry', everyMs: 500, times: 2 } as const;
    const hashes = await Promise.all([
      hashOf({ requests: [] }),
      hashOf({ requests: asks(1) }),
      hashOf({ requests: asks(2) }),
      hashOf({ requests: asks(1), onRefusal: queue }),
      hashOf({ requests: asks(1), onRefusal: retry }),
      hashOf({ requests: asks(1), onRefusal: { ...retry, times: 1 } }),
      // By another rule.
      hashOf({ requests: [request(0, { memoryMib: 99_999 })] }),
    ]);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('tells runs apart by size, by a refused proposal, and by what happened to a parent', async () => {
    const [first, second] = [always({ host: 0 }), always({ host: 1 })];
    const stubborn: FleetPolicy = { name: 'x', propose: ({ closed }) => ({ host: closed[0] }) };
    const big = [request(0, { vcpus: 16 }), request(1, { vcpus: 16 }), request(2, { vcpus: 16 })];
    const down = (what: 'stop' | 'crash') => [{ atMs: 5000, host: 0, what }] as const;
    const hashes = await Promise.all([
      hashOf({ requests: one, policy: first }, 2),
      hashOf({ requests: one, policy: second }, 2),
      hashOf({ requests: [request(0, { memoryMib: 256 })], policy: first }, 2),
      hashOf({ requests: [request(0, { vcpus: 4 })], policy: first }, 2),
      hashOf({ requests: big, policy: stubborn }, 2),
      hashOf({ requests: big }, 2),
      hashOf({ requests: one, parentEvents: down('stop') }, 2),
      hashOf({ requests: one, parentEvents: down('crash') }, 2),
    ]);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('engine: nodes that a policy proposes', () => {
  it.each([
    ['vm', 0],
    ['qingtian', 1],
    ['nitro', 1],
  ])(
    'found bug: on %s parents the run says how many enclaves went elsewhere',
    async (platform, off) => {
      const fleet = await smallFleet(platform, 1);
      const seen: number[] = [];
      for (const node of [0, 1]) {
        const policy: FleetPolicy = { name: 'on', propose: () => ({ host: 0, nodes: [node] }) };
        const result = runFleet({ ...fleet, requests: [request(0)], policy });
        expect(result.accepted).toBe(1);
        seen.push(result.elsewhere);
      }
      // The pool of an enclave platform lies on one node; a plain VM goes where it is sent.
      expect(seen[0] + seen[1]).toBe(off);
      const anywhere: FleetPolicy = { name: 'any', propose: () => ({ host: 0 }) };
      const requests = [request(0)];
      expect(runFleet({ ...fleet, requests, policy: anywhere }).elsewhere).toBe(0);
    },
  );
});
