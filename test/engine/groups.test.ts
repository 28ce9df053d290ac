/** Groups of a demand: what their rules forbid, when that ends, and the reason that is told. */
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import { GroupPlaces } from '../../scenarios/engine/group-places.js';
import type { GroupRule } from '../../scenarios/engine/request.js';
import { request, smallFleet } from '../kit/small-fleets.js';

const FIRST_FIT = fleetPolicy('first-fit') as FleetPolicy;
const APART = { group: { name: 'web', rule: 'anti-affinity' } } as const;
const TOGETHER = { group: { name: 'db', rule: 'affinity' } } as const;
/** Parents that are closed, and what a policy is shown of them. */
class Doors {
  readonly closed: Uint8Array;
  only: number | undefined = undefined;

  constructor(...closed: number[]) {
    this.closed = Uint8Array.from(closed);
  }

  shown(): number[] {
    return [...this.closed].map((is, h) => (this.only === undefined || this.only === h ? is : 1));
  }
}

const DOMAIN = { group: { name: 'zone', rule: 'fault_domain' } } as const;

async function run(given: Pick<FleetRunInput, 'requests'> & Partial<FleetRunInput>, parents = 2) {
  const fleet = await smallFleet('vm', parents);
  return runFleet({ ...fleet, policy: FIRST_FIT, audit: true, ...given });
}

/** Parents that a policy saw closed at each of its turns. */
function watching(): { readonly policy: FleetPolicy; readonly closed: number[][] } {
  const closed: number[][] = [];
  const policy: FleetPolicy = {
    name: 'watching',
    propose(view, ask) {
      closed.push([...view.closed]);
      return FIRST_FIT.propose(view, ask);
    },
  };
  return { policy, closed };
}

describe('engine: an anti-affinity group', () => {
  it('has a parent for each member, and one more is refused because of it alone', async () => {
    const { policy, closed } = watching();
    const result = await run({ requests: [0, 1, 2].map((id) => request(id, APART)), policy });
    expect([result.accepted, result.refused]).toEqual([2, 1]);
    expect(result.refusedBy).toEqual({ 'fleet-group': 1 });
    expect(result.groups).toEqual({ kept: 3, notKept: 0 });
    // The last ask is put twice: within its rule, and to see what it would have been without.
    expect(closed).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ]);
    // What lies idle is not stranded: it would have been enough.
    expect(result.peak).toMatchObject({ strandedVcpus: 0, strandedMib: 0 });
  });

  it('closes nothing for others, nor for another group of that name', async () => {
    const other = { group: { name: 'mail', rule: 'anti-affinity' } } as const;
    const same = { group: { name: 'web', rule: 'affinity' } } as const;
    const { policy, closed } = watching();
    const requests = [request(0, APART), request(1), request(2, other), request(3, same)];
    await run({ requests, policy });
    expect(closed).toEqual(Array(4).fill([0, 0]));
  });

  it('is refused for what no parent has, where none has it: the reason is what it was', async () => {
    const requests = [request(0, APART), request(1, { ...APART, vcpus: 64 })];
    const result = await run({ requests });
    expect(result.refusedBy).toEqual({ 'fleet-vcpus': 1 });
    expect(result.peak.strandedVcpus).toBeGreaterThan(0);
  });

  it('has room again when a member ends, by itself or as a crash, at that very time', async () => {
    for (const crash of [false, true]) {
      const first = [0, 1].map((id) => request(id, { ...APART, crash }));
      const early = request(2, { ...APART, atMs: 999 });
      const late = [3, 4].map((id) => request(id, { ...APART, atMs: 1000 }));
      const result = await run({ requests: [...first, early, ...late] });
      expect([result.accepted, result.refusedBy]).toEqual([4, { 'fleet-group': 1 }]);
    }
  });

  it.each(['stop', 'crash'] as const)(
    'has room again after a parent’s %s took one',
    async (what) => {
      const forever = { ...APART, lifetimeMs: Number.POSITIVE_INFINITY };
      const requests = [0, 1, 5000, 5000].map((atMs, id) => request(id, { ...forever, atMs }));
      const parentEvents = [
        { atMs: 2000, host: 0, what },
        { atMs: 3000, host: 0, what: 'boot' },
      ] as const;
      const result = await run({ requests, parentEvents });
      expect([result.accepted, result.lost, result.refusedBy]).toEqual([
        3,
        1,
        { 'fleet-group': 1 },
      ]);
    },
  );

  it('a late planned end of a lost member takes no other off', async () => {
    const requests = [
      request(0, { ...APART, lifetimeMs: 10_000 }),
      request(1, { ...APART, atMs: 5000, lifetimeMs: 60_000 }),
      request(2, { ...APART, atMs: 20_000 }),
    ];
    const parentEvents = [
      { atMs: 2000, host: 0, what: 'crash' },
      { atMs: 3000, host: 0, what: 'boot' },
    ] as const;
    const result = await run({ requests, parentEvents }, 1);
    expect([result.accepted, result.refusedBy]).toEqual([2, { 'fleet-group': 1 }]);
  });

  it('holds for asks that are tried again, and for those in the queue', async () => {
    const requests = [0, 1, 2].map((id) => request(id, APART));
    const retry = { kind: 'retry', everyMs: 600, times: 2 } as const;
    const queue = { kind: 'queue', most: 5, patienceMs: 5000 } as const;
    for (const onRefusal of [retry, queue]) {
      const result = await run({ requests, onRefusal });
      expect([result.accepted, result.acceptedLate, result.peak.running]).toEqual([3, 1, 2]);
      expect(result.groups).toEqual({ kept: 3, notKept: 0 });
    }
    const hasty = await run({ requests, onRefusal: { ...queue, patienceMs: 10 } });
    expect([hasty.expired, hasty.refusedBy]).toEqual([1, { 'fleet-group': 1 }]);
  });
});

describe('engine: an affinity group', () => {
  it('stays with its first member, and is refused where that parent is full', async () => {
    const full = request(0, { vcpus: 12, lifetimeMs: 60_000 });
    const { policy, closed } = watching();
    const members = [1, 2, 3].map((id) => request(id, { ...TOGETHER, vcpus: 12 }));
    const result = await run({ requests: [full, ...members], policy }, 3);
    // The first goes to parent 0, which has a node left for it; a second does not fit there.
    expect(closed.slice(2, 4)).toEqual([
      [0, 1, 1],
      [0, 0, 0],
    ]);
    expect([result.accepted, result.refusedBy]).toEqual([2, { 'fleet-group': 2 }]);
  });

  it('may choose anew once nobody of it lives', async () => {
    const { policy, closed } = watching();
    const requests = [0, 500, 1500].map((atMs, id) => request(id, { ...TOGETHER, atMs }));
    await run({ requests, policy });
    // The second lives until 1500, and an end comes before an arrival.
    expect(closed).toEqual([
      [0, 0],
      [0, 1],
      [0, 0],
    ]);
  });

  it('keeps a parent that is down closed, and opens only what it closed', async () => {
    const { policy, closed } = watching();
    const requests = [1, 2, 3].map((atMs, id) =>
      request(id, { ...(id < 2 ? TOGETHER : {}), atMs }),
    );
    const parentEvents = [{ atMs: 0, host: 1, what: 'stop' }] as const;
    await run({ requests, policy, parentEvents }, 3);
    expect(closed).toEqual([
      [0, 1, 0],
      [0, 1, 1],
      [0, 1, 0],
    ]);
  });
});

describe('engine: a fault domain', () => {
  it('binds nothing, and is counted', async () => {
    const plain = [0, 1].map((id) => request(id));
    const asked = [0, 1].map((id) => request(id, DOMAIN));
    const { groups, ...result } = await run({ requests: asked });
    expect(groups).toEqual({ kept: 0, notKept: 2 });
    expect(result).toEqual(await run({ requests: plain }));
  });
});

describe('engine: a policy that does not care', () => {
  const stubborn: FleetPolicy = { name: 'stubborn', propose: () => ({ host: 0, nodes: [0] }) };

  it.each([
    ['vm', APART],
    ['qingtian', APART],
    ['nitro', APART],
  ] as const)('is refused on %s parents, by a rule of its own', async (platform, of) => {
    const fleet = await smallFleet(platform, 2);
    const requests = [request(0, of), request(1, of), request(2, { atMs: 5000 })];
    const result = runFleet({ ...fleet, requests, policy: stubborn, audit: true });
    expect(result).toMatchObject({ accepted: 2, refusedBy: { 'fleet-group': 1 } });
    expect(result.refusedProposals).toEqual({ 'fleet-group': 1 });
    expect(result.violations.count).toBe(0);
  });

  it('a parent that is down is told as such, and one that refused as asked twice', async () => {
    const down = [{ atMs: 0, host: 0, what: 'stop' }] as const;
    const away: FleetPolicy = {
      name: 'away',
      propose: ({ closed }, { vcpus }) => ({ host: vcpus === 2 ? 1 : closed[1] === 0 ? 1 : 0 }),
    };
    const late = [1, 2].map((id) => request(id, { ...TOGETHER, atMs: 1, vcpus: id * 2 }));
    const shut = await run({ requests: late, policy: away, parentEvents: down });
    expect(shut.refusedProposals).toEqual({});
    const home = await run({ requests: late, policy: stubborn, parentEvents: down });
    expect(home.refusedProposals).toEqual({ 'fleet-closed': 2 });
    const big = [request(0, TOGETHER), request(1, { ...TOGETHER, vcpus: 20 })];
    const twice = await run({ requests: big, policy: stubborn });
    expect(twice.refusedProposals['fleet-asked-twice']).toBe(1);
    expect(twice.refusedProposals['fleet-group']).toBeUndefined();
  });

  it.each([
    ['a parent that is down', 1],
    ['nowhere', undefined],
  ])('that once asked why proposes %s was not kept out by the group', async (_, host) => {
    const answers = [{ host: 0 }, undefined, host === undefined ? undefined : { host }];
    let turn = 0;
    const policy: FleetPolicy = { name: 'odd', propose: () => answers[turn++] };
    const parentEvents = [{ atMs: 0, host: 1, what: 'stop' }] as const;
    const requests = [1, 2].map((atMs, id) => request(id, { ...APART, atMs }));
    const result = await run({ requests, policy, parentEvents });
    expect([turn, result.accepted]).toEqual([3, 1]);
    // By the counts it would have fitted, on the parent that its group forbids too.
    expect(result.refusedBy).toEqual({ 'fleet-stranded': 1 });
    expect(result.refusedProposals).toEqual({});
  });

  it('that proposes nowhere of its own accord is not said to be kept out by the group', async () => {
    const nowhere: FleetPolicy = { name: 'nowhere', propose: () => undefined };
    const result = await run({ requests: [request(0, APART)], policy: nowhere });
    expect(result.refusedBy).toEqual({ 'fleet-not-proposed': 1 });
  });
});

describe('engine: runs without groups', () => {
  it('say nothing of them', async () => {
    expect(await run({ requests: [request(0)] })).not.toHaveProperty('groups');
  });
});

describe('group places', () => {
  const of = (rule: GroupRule, name = 'a') => ({ rule, name });

  it('forget a group with its last member, and give its number to another', () => {
    const places = new GroupPlaces();
    const first = places.join(of('affinity'), 3);
    expect(places.join(of('affinity'), 3)).toBe(first);
    const second = places.join(of('anti-affinity'), 3);
    expect([second === first, places.living]).toEqual([false, 2]);
    places.leave(first, 3);
    expect(places.living).toBe(2);
    places.leave(first, 3);
    expect(places.living).toBe(1);
    expect(places.join(of('affinity', 'b'), 1)).toBe(first);
    expect(() => places.leave(first, 3)).toThrow('no member on parent 3');
    expect(() => places.leave(9, 0)).toThrow('group 9 has no member');
  });

  it('open what they closed, and nothing that was closed before', () => {
    const places = new GroupPlaces();
    places.join(of('affinity'), 1);
    const doors = new Doors(1, 0, 0);
    places.shut(of('affinity'), doors);
    expect(doors.shown()).toEqual([1, 0, 1]);
    const shut = () => [0, 1, 2].map((host) => places.hasShut(host, doors));
    expect(shut()).toEqual([false, false, true]);
    places.reopen(doors);
    expect([doors.shown(), shut()]).toEqual([
      [1, 0, 0],
      [false, false, true],
    ]);
    places.shut(of('affinity', 'new'), doors);
    expect([doors.shown(), places.hasShut(2, doors)]).toEqual([[1, 0, 0], false]);
  });

  it('know of no affinity group on two parents', () => {
    const places = new GroupPlaces();
    places.join(of('affinity'), 1);
    places.join(of('anti-affinity'), 1);
    places.join(of('anti-affinity'), 2);
    expect(() => places.join(of('affinity'), 2)).toThrow('elsewhere than on parent 2');
    expect(() => places.join(of('affinity'), 1)).not.toThrow();
  });
});
