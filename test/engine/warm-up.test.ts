/**
 * The warm-up of a run: told apart by the asks that came in it, whatever becomes of them and whenever.
 *
 * Two oracles that share nothing with the counting: where no later ask can change what becomes of an
 * earlier one (refused for good, or first come first served), a run of the warm-up alone; and whatever
 * is done with refused asks, the parents themselves, which see what each ask is by its memory.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy } from '../../core/placement/fleet-view.js';
import type { Carrier } from '../../scenarios/engine/carrier.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import { type FleetRequest, GROUP_RULES, type OnRefusal } from '../../scenarios/engine/request.js';
import type { AsksResult, FleetResult } from '../../scenarios/engine/result.js';
import { isOfWarmup, type Warmup } from '../../scenarios/engine/warm-up.js';
import { request, smallFleet } from '../kit/small-fleets.js';
import { scaledRuns } from '../seed.js';

const FIRST_FIT = fleetPolicy('first-fit') as FleetPolicy;
/** Proposes each parent that is open, so that parents themselves refuse. */
const NAIVE: FleetPolicy = {
  name: 'naive',
  propose({ closed }) {
    const host = closed.indexOf(0);
    return host < 0 ? undefined : { host };
  },
};
const SECOND = 1000;
const PARENTS = 2;

type Given = Pick<FleetRunInput, 'requests'> & Partial<FleetRunInput>;

async function run(given: Given, parents = PARENTS): Promise<FleetResult> {
  const fleet = await smallFleet('vm', parents);
  return runFleet({ ...fleet, policy: FIRST_FIT, ...given });
}

/** Each asks for a memory of its own; some for more threads than any parent has. */
const demand = fc
  .array(
    fc.record({
      gap: fc.nat(4 * SECOND),
      lifetimeMs: fc.nat(60 * SECOND),
      vcpus: fc.constantFrom(2, 4, 8, 16, 16, 16, 64),
      group: fc.option(
        fc.record({ name: fc.constantFrom('a', 'b'), rule: fc.constantFrom(...GROUP_RULES) }),
        { nil: undefined, freq: 5 },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((asks) => {
    let atMs = 0;
    return asks.map(({ gap, group, ...ask }, id): FleetRequest => {
      atMs += gap;
      const grouped = group === undefined ? {} : { group };
      return request(id, { ...ask, ...grouped, atMs, memoryMib: 128 + 2 * id });
    });
  });

const queue: fc.Arbitrary<OnRefusal> = fc.record({
  kind: fc.constant('queue'),
  most: fc.integer({ min: 1, max: 8 }),
  patienceMs: fc.integer({ min: 1, max: 60 * SECOND }),
});
const retry: fc.Arbitrary<OnRefusal> = fc.record({
  kind: fc.constant('retry'),
  everyMs: fc.integer({ min: 1, max: 20 * SECOND }),
  times: fc.integer({ min: 1, max: 4 }),
});
const refuse: fc.Arbitrary<OnRefusal> = fc.constant({ kind: 'refuse' });

const parentEvents = fc.array(
  fc.record({
    atMs: fc.nat(120 * SECOND),
    host: fc.nat(PARENTS - 1),
    what: fc.constantFrom('stop', 'crash', 'boot'),
  }),
  { maxLength: 6 },
);

const warmup: fc.Arbitrary<Warmup> = fc.oneof(
  fc.record({ requests: fc.nat(42) }),
  fc.record({ timeMs: fc.nat(120 * SECOND) }),
);

/** What became of its asks, with nothing left out where there is none. */
function asksOf(result: AsksResult) {
  const { asked, accepted, acceptedLate, refused, expired, lost } = result;
  const { refusedBy, refusedProposals, tooLarge = 0, groups = { kept: 0, notKept: 0 } } = result;
  const sums = { asked, accepted, acceptedLate, refused, expired, lost, tooLarge, ...groups };
  return { sums, refusedBy, refusedProposals };
}

function countedOf({ counted }: FleetResult): AsksResult {
  if (counted === undefined) throw new Error('nothing was told apart');
  return counted;
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]);
}

describe('engine: a warm-up', () => {
  it('changes nothing of a run but what it tells apart, and one of nothing leaves all counted', async () => {
    const of = fc.tuple(demand, fc.oneof(refuse, retry, queue), parentEvents, warmup);
    await fc.assert(
      fc.asyncProperty(of, async ([requests, onRefusal, events, warm]) => {
        const given = { requests, onRefusal, parentEvents: events };
        const none = await run(given);
        expect(none).not.toHaveProperty('counted');
        const { counted, ...whole } = await run({ ...given, warmup: warm });
        expect(whole).toEqual(none);
        expect(counted?.asked).toBe(requests.filter((ask) => !isOfWarmup(ask, warm)).length);
        for (const nothing of [{ requests: 0 }, { timeMs: 0 }]) {
          const all = countedOf(await run({ ...given, warmup: nothing }));
          expect(asksOf(all)).toEqual(asksOf(none));
        }
      }),
      { numRuns: scaledRuns(60) },
    );
  });

  it('alone and what is counted make up the run, where no ask overtakes an earlier one', async () => {
    let late = 0;
    let noes = 0;
    const policies = fc.constantFrom(FIRST_FIT, NAIVE);
    const of = fc.tuple(demand, fc.oneof(refuse, queue, queue), parentEvents, warmup, policies);
    await fc.assert(
      fc.asyncProperty(of, async ([requests, onRefusal, events, warm, policy]) => {
        const given = { onRefusal, parentEvents: events, policy };
        const whole = await run({ ...given, requests, warmup: warm });
        const first = requests.filter((ask) => isOfWarmup(ask, warm));
        const alone = asksOf(await run({ ...given, requests: first }));
        const counted = asksOf(countedOf(whole));
        const all = asksOf(whole);
        for (const part of ['sums', 'refusedBy', 'refusedProposals'] as const) {
          expect(added(alone[part], counted[part])).toEqual(added(all[part], {}));
        }
        late += Math.min(alone.sums.acceptedLate, counted.sums.acceptedLate);
        noes += Object.keys(alone.refusedProposals).length;
      }),
      { numRuns: scaledRuns(150) },
    );
    expect(Math.min(late, noes)).toBeGreaterThan(0);
  });

  it('is what the parents saw of the asks that came in it, whatever is done with those refused', async () => {
    let waited = 0;
    const of = fc.tuple(demand, fc.oneof(retry, queue), parentEvents, warmup);
    await fc.assert(
      fc.asyncProperty(of, async ([requests, onRefusal, events, warm]) => {
        const seen = new Map<number, number>();
        const fleet = await smallFleet('vm', PARENTS);
        const carriers = fleet.carriers.map((one) => watched(one, requests, seen));
        const given = { requests, onRefusal, parentEvents: events, warmup: warm };
        const counted = countedOf(runFleet({ ...fleet, carriers, policy: FIRST_FIT, ...given }));
        const later = requests.filter((ask) => !isOfWarmup(ask, warm));
        const placed = later.filter(({ id }) => seen.has(id));
        expect(counted.asked).toBe(later.length);
        expect(counted.accepted).toBe(placed.length);
        expect(counted.acceptedLate).toBe(
          placed.filter(({ id, atMs }) => (seen.get(id) ?? 0) > atMs).length,
        );
        expect(counted.refused + counted.expired).toBe(later.length - placed.length);
        const over = requests.filter(
          (ask) => isOfWarmup(ask, warm) && (seen.get(ask.id) ?? 0) >= (later[0]?.atMs ?? Infinity),
        );
        waited += over.length;
      }),
      { numRuns: scaledRuns(150) },
    );
    // The cases are of the kind that is in question: accepted after the first ask that is counted.
    expect(waited).toBeGreaterThan(0);
  });

  it('keeps who waits in it before those that are counted, and counts neither for the other', async () => {
    const requests = [
      request(0, { vcpus: 16, lifetimeMs: 60 * SECOND }),
      request(1, { vcpus: 16, lifetimeMs: 200 * SECOND }),
      request(2, { vcpus: 16, atMs: SECOND, lifetimeMs: 60 * SECOND }),
      request(3, { vcpus: 16, atMs: 2 * SECOND }),
    ];
    const onRefusal = { kind: 'queue', most: 5, patienceMs: 90 * SECOND } as const;
    const result = await run({ requests, onRefusal, warmup: { requests: 3 } }, 1);
    // At 60 s the first ends: the one of the warm-up is served, late; it holds up the counted one.
    expect([result.accepted, result.acceptedLate, result.expired]).toEqual([3, 1, 1]);
    expect(countedOf(result)).toMatchObject({ asked: 1, accepted: 0, acceptedLate: 0, expired: 1 });
  });
});

/** Tells when each ask was accepted, by its number. */
function watched(
  carrier: Carrier,
  requests: readonly FleetRequest[],
  seen: Map<number, number>,
): Carrier {
  return {
    ...carrier,
    launch(host, ask, nodes) {
      const outcome = carrier.launch(host, ask, nodes);
      const id = (ask.memoryMib - 128) / 2;
      if (outcome.facts.uid !== undefined && outcome.refusal === undefined)
        seen.set(id, ask.end - requests[id].lifetimeMs);
      return outcome;
    },
  };
}
