/** Parents at their platform's caps: proposed by nobody, or to one only, and still the reason that is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetCounts } from '../../core/placement/fleet-counts.js';
import { FLEET_POLICIES, fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetPolicy, FleetView } from '../../core/placement/fleet-view.js';
import { renderFleet } from '../../scenarios/engine/fleet-report.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import type { FleetRequest, OnRefusal } from '../../scenarios/engine/request.js';
import type { FleetResult } from '../../scenarios/engine/result.js';
import { request, type SmallFleet, smallFleet } from '../kit/small-fleets.js';
import { scaledRuns } from '../seed.js';

const WIDE = { width: 400, color: false, unicode: true };

const FIRST_FIT = fleetPolicy('first-fit') as FleetPolicy;
/** One after the other, all living at once. */
const asks = (count: number, given: Partial<FleetRequest> = {}) =>
  Array.from({ length: count }, (_, id) => request(id, { lifetimeMs: 60_000, ...given }));

/** Parents of QingTian's documented cap: two enclaves each. */
async function capped(count: number): Promise<SmallFleet> {
  return smallFleet('qingtian', count, { options: {} });
}

/** The same parents, of whose caps nobody knows before they are asked. */
function unknown({ hosts, carriers }: SmallFleet): SmallFleet {
  const silent = hosts.map((host) => {
    const { guarantees: _, ...profile } = host.profile;
    return { ...host, profile };
  });
  return { hosts: silent, carriers };
}

type Given = Partial<FleetRunInput> & Pick<FleetRunInput, 'requests'>;

async function run(parents: number, given: Given): Promise<FleetResult> {
  return runFleet({ ...(await capped(parents)), policy: FIRST_FIT, audit: true, ...given });
}

describe('engine: parents at their caps', () => {
  it('are not proposed; where all are, one is asked, and its rule is the reason, in its words', async () => {
    const result = await run(3, { requests: asks(8) });
    expect([result.accepted, result.refusedBy]).toEqual([6, { 'enclave-count': 2 }]);
    // One a refused ask, not one a parent.
    expect(result.refusedProposals).toEqual({ 'enclave-count': 2 });
    expect(result.firstRefusals).toEqual({
      'enclave-count': {
        layer: 'platform',
        codes: [],
        message: '2 enclaves exist of at most 2',
        remedy: 'Stop an enclave first, or use another parent VM.',
        parent: 0,
        atMs: 0,
      },
    });
    const head = {
      title: 'x',
      engine: '',
      runId: '',
      platform: '',
      policy: '',
      seed: 1,
      parents: 3,
      audited: false,
    };
    const shown = renderFleet({ ...head, result }, 1, WIDE).split('\n');
    const at = shown.findIndex((line) => line.includes('enclave-count'));
    expect(shown[at - 1]).toContain('Refused by rule');
    expect(shown.slice(at + 1, at + 3).map((line) => line.trim())).toEqual([
      'parent 0 at 0s: 2 enclaves exist of at most 2',
      'remedy: Stop an enclave first, or use another parent VM.',
    ]);
  });

  it('are no reason where they could not take the ask anyway', async () => {
    const { refusedBy, refusedProposals } = await run(2, {
      requests: [...asks(4), request(4, { vcpus: 64 }), request(5, { memoryMib: 99_999 })],
    });
    expect(refusedBy).toEqual({ 'fleet-memory': 1, 'fleet-vcpus': 1 });
    expect(refusedProposals).toEqual({});
  });

  it.each([
    ['more pages than one enclave may have', { memoryMib: 768 }, 'memory-max'],
    ['less memory than one must have', { memoryMib: 64 }, 'memory-min'],
    ['an odd number of vCPUs', { vcpus: 3 }, 'vcpu-even'],
  ])(
    'of another kind: %s is asked of one parent, which says no for all',
    async (_, given, rule) => {
      const requests = [request(0, given), request(1, { ...given, atMs: 5 }), request(2)];
      const result = await run(4, { requests });
      expect([result.accepted, result.refusedBy]).toEqual([1, { [rule]: 2 }]);
      expect(result.refusedProposals).toEqual({ [rule]: 2 });
    },
  );

  it('a policy that then proposes one of the others proposes a closed parent', async () => {
    let turn = 0;
    const stubborn: FleetPolicy = { name: 'stubborn', propose: () => ({ host: turn++ }) };
    const result = await run(4, { requests: [request(0, { vcpus: 3 })], policy: stubborn });
    expect(result.refusedProposals).toEqual({ 'fleet-closed': 1, 'vcpu-even': 1 });
    expect(result.refusedBy).toEqual({ 'vcpu-even': 1 });
  });

  it('are open again when one ends: who waits is served then', async () => {
    const onRefusal = { kind: 'queue', most: 9, patienceMs: 100_000 } as const;
    const result = await run(1, { requests: asks(4, { lifetimeMs: 1000 }), onRefusal });
    expect([result.acceptedLate, result.accepted, result.lastMs]).toEqual([2, 4, 2000]);
  });

  it('of a group too: its home at its cap is asked, and says so', async () => {
    const group = { name: 'db', rule: 'affinity' } as const;
    const result = await run(2, { requests: asks(3, { group }) });
    expect([result.accepted, result.refusedBy]).toEqual([2, { 'enclave-count': 1 }]);
  });

  it('are the reason where a group forbids them, too; the group is where it alone does', async () => {
    const group = { name: 'web', rule: 'anti-affinity' } as const;
    const full = [request(0, { group }), request(1), request(2, { group })];
    const both = await run(1, { requests: full });
    expect([both.accepted, both.refusedBy]).toEqual([2, { 'enclave-count': 1 }]);
    // The third enclave is on the second parent, which leaves room there.
    const spread = [...full.slice(0, 2), request(2), request(3, { group }), request(4, { group })];
    const alone = await run(2, { requests: spread });
    expect([alone.accepted, alone.refusedBy]).toEqual([4, { 'enclave-count': 1 }]);
    const roomy = [request(0), request(1), request(2, { group }), request(3, { group })];
    const beside = await run(2, { requests: roomy, policy: fleetPolicy('worst-fit') });
    expect([beside.accepted, beside.refusedBy]).toEqual([4, {}]);
    const one = await run(1, { requests: [request(0, { group }), request(1, { group })] });
    expect([one.accepted, one.refusedBy]).toEqual([1, { 'fleet-group': 1 }]);
    expect(one.refusedProposals).toEqual({});
  });

  it('that a policy of one’s own passes over by itself are the reason all the same', async () => {
    const wary: FleetPolicy = {
      name: 'wary',
      propose(view, ask) {
        const proposal = FIRST_FIT.propose(view, ask);
        return proposal === undefined || view.running[proposal.host] >= 2 ? undefined : proposal;
      },
    };
    const { accepted, refusedBy, refusedProposals } = await run(1, {
      requests: asks(3),
      policy: wary,
    });
    expect([accepted, refusedBy]).toEqual([2, { 'enclave-count': 1 }]);
    expect(refusedProposals).toEqual({ 'enclave-count': 1 });
    // Where another parent has room it is the policy's own choice.
    const choosy = await run(2, { requests: asks(3), policy: wary });
    expect([choosy.accepted, choosy.refusedBy]).toEqual([3, {}]);
    const never: FleetPolicy = {
      name: 'never twice',
      propose: (view) => (view.running[0] < 2 ? { host: 0 } : undefined),
    };
    const own = await run(2, { requests: asks(3), policy: never });
    expect([own.accepted, own.refusedBy]).toEqual([2, { 'fleet-not-proposed': 1 }]);
  });

  it('are shown to a policy of one’s own when it is asked once more, and never else', async () => {
    const seen: number[][] = [];
    const watching: FleetPolicy = {
      name: 'watching',
      propose(view, ask) {
        seen.push([...view.freeThreads]);
        return FIRST_FIT.propose(view, ask);
      },
    };
    const { refusedBy } = await run(1, { requests: asks(3), policy: watching });
    expect(refusedBy).toEqual({ 'enclave-count': 1 });
    expect(seen).toEqual(
      [
        [12, 0],
        [10, 0],
        [0, 0],
        [8, 0],
      ].map(([a, b]) => [a, b]),
    );
  });

  it('what such a policy proposes then is heard only of an open parent at its cap', async () => {
    for (const host of [1]) {
      let turn = 0;
      const late: FleetPolicy = {
        name: 'late',
        propose: () => [{ host: 0 }, { host: 0 }, undefined, { host }][turn++],
      };
      const { accepted, refused, refusedProposals } = await run(2, {
        requests: asks(3),
        policy: late,
      });
      expect([accepted, refused, refusedProposals]).toEqual([2, 1, {}]);
    }
  });
});

const demand = fc.array(
  fc.record({
    gapMs: fc.integer({ min: 0, max: 900 }),
    vcpus: fc.constantFrom(2, 4, 8, 3),
    memoryMib: fc.constantFrom(128, 256, 768, 64),
    lifetimeMs: fc.integer({ min: 1, max: 9000 }),
    group: fc.constantFrom(undefined, undefined, 'anti-affinity', 'affinity'),
  }),
  { minLength: 5, maxLength: 25 },
);
type Demand = typeof demand extends fc.Arbitrary<infer T> ? T : never;

function drawn(given: Demand): FleetRequest[] {
  let atMs = 0;
  return given.map(({ gapMs, group, ...size }, id) => {
    atMs += gapMs;
    const member = group === undefined ? {} : { group: { name: 'g', rule: group } as const };
    return request(id, { ...size, ...member, atMs });
  });
}

const REFUSALS: readonly OnRefusal[] = [
  { kind: 'refuse' },
  { kind: 'retry', everyMs: 300, times: 2 },
  { kind: 'queue', most: 3, patienceMs: 700 },
];
const FALLS = [
  { atMs: 3000, host: 0, what: 'crash' },
  { atMs: 4000, host: 0, what: 'boot' },
] as const;

describe('engine: parents whose caps are known', () => {
  const totalled = async (count: number) =>
    smallFleet('qingtian', count, { options: { maxEnclaves: 'none', maxVcpusTotal: 8 } });

  it('of 12 threads and 8 vCPUs of all enclaves: proposed while it leaves enough, one says why not', async () => {
    const requests = [...asks(6, { vcpus: 4, memoryMib: 256 }), request(6, { atMs: 60_000 })];
    const rest = { requests, policy: FIRST_FIT };
    const known = runFleet({ ...(await totalled(2)), ...rest, audit: true });
    expect([known.accepted, known.refusedBy]).toEqual([5, { 'vcpu-total': 2 }]);
    expect(known.refusedProposals).toEqual({ 'vcpu-total': 2 });
    expect(known.firstRefusals['vcpu-total']?.message).toBe('4 vCPUs over 8 in use exceed 8');
    const asked = runFleet({ ...unknown(await totalled(2)), ...rest });
    expect(lasting(known)).toEqual(lasting(asked));
    // The first parent was asked for the third and fourth, both for the fifth and sixth.
    expect(asked.refusedProposals).toEqual({ 'vcpu-total': 6 });
  });

  it('a parent that its cap would let in is not asked for one that its policy turns away', async () => {
    // Nowhere with the caps heeded; who sees more threads than a pool shows proposes the first.
    const policy: FleetPolicy = {
      name: 'fussy',
      propose: ({ freeThreads, closed }) =>
        freeThreads[0] > 8 && closed[0] === 0 ? { host: 0 } : undefined,
    };
    const result = runFleet({ ...(await totalled(1)), requests: [request(0)], policy });
    expect([result.accepted, result.refusedBy]).toEqual([0, { 'fleet-not-proposed': 1 }]);
  });

  it('end as those whose caps are not, but for proposals made in vain', async () => {
    let spared = 0;
    await fc.assert(
      fc.asyncProperty(
        demand,
        fc.constantFrom(...FLEET_POLICIES),
        fc.constantFrom(...REFUSALS),
        async (given, policy, onRefusal) => {
          const rest = { requests: drawn(given), policy, onRefusal, parentEvents: FALLS };
          const known = runFleet({ ...(await capped(2)), ...rest });
          const asked = runFleet({ ...unknown(await capped(2)), ...rest });
          const vain = total(asked.refusedProposals) - total(known.refusedProposals);
          if (mayBlameGroup(given, onRefusal, known, asked)) {
            expect(withoutStranded(known)).toEqual(withoutStranded(asked));
            expect(known.peak.strandedVcpus).toBeGreaterThanOrEqual(asked.peak.strandedVcpus);
          } else {
            expect(lasting(known)).toEqual(lasting(asked));
            expect(vain).toBeGreaterThanOrEqual(0);
            const reasons = Object.keys({ ...asked.refusedBy, ...asked.refusedProposals });
            expect(reasons).toEqual(expect.arrayContaining(Object.keys(known.refusedBy)));
          }
          spared += vain;
        },
      ),
      { numRuns: scaledRuns(12) },
    );
    expect(spared).toBeGreaterThan(0);
  });

  it('nor does Nitro’s fifth enclave come to anything else', async () => {
    const fleet = () => smallFleet('nitro', 2, { reservation: { memory: 1000, cpuCount: 12 } });
    const rest = { requests: asks(11), policy: FIRST_FIT };
    const known = runFleet({ ...(await fleet()), ...rest });
    const asked = runFleet({ ...unknown(await fleet()), ...rest });
    expect(lasting(known)).toEqual(lasting(asked));
    expect([known.accepted, known.refusedProposals]).toEqual([8, known.refusedBy]);
    // Three refused by both parents, three more by the first before the second took them.
    expect([total(known.refusedProposals), total(asked.refusedProposals)]).toEqual([3, 10]);
    expect(Object.values(known.firstRefusals)[0]?.message).toMatch(/4 enclaves/);
  });
});

/**
 * All that is no count or word of a proposal. Of an ask that several rules refuse the last no is the
 * reason, and who asks fewer parents hears another.
 */
function lasting({ refusedBy, refusedProposals, firstRefusals, resultHash, ...rest }: FleetResult) {
  return { ...rest, refusals: total(refusedBy) };
}

/**
 * An ask that both a full parent and its group keep out: who knows the cap asks that parent, and its rule is
 * the reason; who does not names the group alone, asks nobody, and calls nothing stranded. Of one try an ask
 * it is seen by the reasons; of several, the last reason does not tell it of those before.
 */
function mayBlameGroup(given: Demand, { kind }: OnRefusal, ...runs: FleetResult[]): boolean {
  if (kind !== 'refuse') return given.some(({ group }) => group !== undefined);
  return new Set(runs.map(({ refusedBy }) => refusedBy['fleet-group'])).size > 1;
}

function withoutStranded(result: FleetResult) {
  const { strandedVcpus, strandedMib, ...peak } = result.peak;
  return { ...lasting(result), peak };
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe('engine: keep-1g', () => {
  const keep = fleetPolicy('keep-1g') as FleetPolicy;

  it('proposes by whole GiB as the memory has them at that moment', async () => {
    await fc.assert(
      fc.asyncProperty(demand, async (given) => {
        const rest = { requests: drawn(given), parentEvents: FALLS };
        const result = runFleet({ ...(await smallFleet('vm', 2)), ...rest, policy: keep });
        const fleet = await smallFleet('vm', 2);
        // Each question is answered from counts made for it alone.
        const plain: FleetPolicy = {
          name: 'keep-1g',
          propose: ({ closed }: FleetView, ask) =>
            keep.propose(Object.assign(new FleetCounts(fleet.hosts), { closed }), ask),
        };
        expect(runFleet({ ...fleet, ...rest, policy: plain })).toEqual(result);
      }),
      { numRuns: scaledRuns(12) },
    );
  });
});
