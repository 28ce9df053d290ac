/** One suite for all fleet policies, what sets them apart, and policies that lie. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLEET_POLICIES, fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetProposal, FleetView } from '../../core/placement/fleet-view.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { request, smallFleet } from '../engine/small-fleets.js';

/** [free threads, free MiB, whole GiB runs] by node, by parent. */
type Free = readonly (readonly (readonly [number, number, number])[])[];

function viewOf(free: Free, given: Partial<FleetView> = {}): FleetView {
  const places = free.flat();
  const starts = free.map((_, h) => free.slice(0, h).flat().length);
  return {
    hosts: free.length,
    firstNode: Int32Array.from([...starts, places.length]),
    freeThreads: Int32Array.from(places, ([threads]) => threads),
    freeMib: Int32Array.from(places, ([, mib]) => mib),
    closed: new Uint8Array(free.length),
    running: new Int32Array(free.length),
    lastEnd: new Float64Array(free.length),
    wholeGib: (place) => places[place]?.[2] ?? 0,
    ...given,
  };
}

const ASK: FleetAsk = { vcpus: 2, memoryMib: 512, nodes: 1, blind: false, end: 1000 };

const node = fc.tuple(fc.nat(4), fc.nat(4096), fc.nat(2));
const fleet = fc.array(fc.array(node, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
const asks = fc.record({ vcpus: fc.constantFrom(2, 4), nodes: fc.constantFrom(1, 2) });

/** Naively: each parent's nodes that could take a part. */
function fitting(free: Free, { vcpus, memoryMib, nodes }: FleetAsk): number[][] {
  return free.map((list) =>
    list.flatMap(([threads, mib], i) =>
      threads * nodes >= vcpus && mib * nodes >= memoryMib ? [i] : [],
    ),
  );
}

describe.each(FLEET_POLICIES.map((policy) => [policy.name, policy] as const))(
  'placement policy %s',
  (_, policy) => {
    it('proposes exactly when counts fit, and only nodes that do', () => {
      fc.assert(
        fc.property(fleet, asks, (free, given) => {
          const ask = { ...ASK, ...given };
          const fits = fitting(free, ask);
          const proposal = policy.propose(viewOf(free), ask);
          if (proposal === undefined) {
            expect(fits.some((nodes) => nodes.length >= ask.nodes)).toBe(false);
            return;
          }
          const { host, nodes = [] } = proposal;
          expect(new Set(nodes).size).toBe(ask.nodes);
          expect(fits[host]).toEqual(expect.arrayContaining([...nodes]));
        }),
      );
    });

    it('passes over a parent that is closed', () => {
      const view = viewOf([[[8, 4096, 4]], [[8, 4096, 4]]], { closed: Uint8Array.from([1, 0]) });
      expect(policy.propose(view, ASK)?.host).toBe(1);
    });

    it('counts all nodes of a parent together for a blind ask', () => {
      const view = viewOf(
        [
          [[1, 256, 0]],
          [
            [1, 256, 0],
            [1, 256, 0],
          ],
        ].map((p) => p as never),
      );
      expect(policy.propose(view, { ...ASK, blind: true })?.host).toBe(1);
    });
  },
);

/** Free of three parents; running there; last ends; whom each policy takes. */
const APART: readonly (readonly [string, Free, Partial<FleetView>, number])[] = [
  ['first-fit', [[[8, 4096, 4]], [[8, 1024, 0]], [[8, 8192, 8]]], {}, 0],
  ['best-fit', [[[8, 4096, 4]], [[8, 1024, 0]], [[8, 8192, 8]]], {}, 1],
  ['worst-fit', [[[8, 4096, 4]], [[8, 1024, 0]], [[8, 8192, 8]]], {}, 2],
  [
    'node-local-pack',
    [[[8, 4096, 4]], [[6, 4096, 4]], [[4, 4096, 4]]],
    { running: Int32Array.from([0, 1, 2]) },
    2,
  ],
  ['keep-1g', [[[8, 1024, 1]], [[8, 2048, 2]], [[8, 2048, 1]]], {}, 2],
  [
    'lifetime-aware',
    [[[8, 4096, 4]], [[8, 4096, 4]], [[8, 4096, 4]]],
    { running: Int32Array.from([1, 1, 0]), lastEnd: Float64Array.from([9000, 1100, 0]) },
    1,
  ],
];

describe('placement policies differ', () => {
  it.each(APART)('%s', (name, free, given, host) => {
    expect(fleetPolicy(name)?.propose(viewOf(free, given), ASK)?.host).toBe(host);
  });
});

describe('placement: a policy proposes, the host disposes', () => {
  const wild = fc.option(
    fc.record({
      host: fc.constantFrom(-1, 0, 1, 2, 0.5, Number.NaN),
      nodes: fc.array(fc.constantFrom(-1, 0, 1, 2, 7), { maxLength: 3 }),
    }),
    { nil: undefined, freq: 8 },
  );

  it.each(['vm', 'qingtian'])('no proposal breaks an invariant of %s parents', async (platform) => {
    await fc.assert(
      fc.asyncProperty(fc.array(wild, { maxLength: 30 }), async (proposals) => {
        const small = await smallFleet(platform, 2);
        const left: (FleetProposal | undefined)[] = [...proposals];
        const result = runFleet({
          ...small,
          requests: Array.from({ length: 8 }, (_, id) => request(id, { vcpus: 6, atMs: id * 200 })),
          policy: { name: 'hostile', propose: () => left.pop() },
          audit: true,
        });
        expect(result.violations).toEqual({ count: 0, first: [] });
        expect(result.accepted + result.refused).toBe(8);
      }),
      { numRuns: 30 },
    );
  });
});
