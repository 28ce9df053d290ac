/** One suite for all fleet policies, and what sets them apart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLEET_POLICIES, fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetProposal, FleetView } from '../../core/placement/fleet-view.js';
import { ASK, type Free, one, take, viewOf } from './fleet-views.js';

const KINDS: readonly (readonly [string, Partial<FleetAsk>])[] = [
  ['an ask for one node', {}],
  ['an ask for two nodes', { nodes: 2 }],
  ['a blind ask', { blind: true }],
];

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

    describe.each(KINDS)('%s', (_kind, given) => {
      const ask = { ...ASK, ...given };
      const roomy = [...one(4096, 8, 4), ...one(4096, 8, 4)];

      it('passes over a parent that is closed', () => {
        const view = viewOf([roomy, roomy], { closed: Uint8Array.from([1, 0]) });
        expect(policy.propose(view, ask)?.host).toBe(1);
      });

      it('looks at one parent where only one may take the ask, and at no other', () => {
        const small = [...one(64, 0), ...one(64, 0)];
        for (const only of [0, 1, 2]) {
          expect(policy.propose(viewOf([roomy, roomy, roomy], { only }), ask)?.host).toBe(only);
          const free: Free = [0, 1, 2].map((host) => (host === only ? small : roomy));
          expect(policy.propose(viewOf(free, { only }), ask)).toBeUndefined();
        }
      });
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

/** Two parents, both large enough to the last thread and MiB for one ask of each kind. */
const EXACT: readonly (readonly [string, Partial<FleetAsk>, Free[number], FleetProposal])[] = [
  ['one node', { vcpus: 4, memoryMib: 512 }, [...one(512, 4), ...one(512, 4)], take(0)],
  [
    'two nodes',
    { vcpus: 4, memoryMib: 512, nodes: 2 },
    [...one(256, 2), ...one(256, 2), ...one(256, 2)],
    take(0, 0, 1),
  ],
  [
    'a blind ask',
    { vcpus: 4, memoryMib: 512, blind: true },
    [...one(500, 1), ...one(12, 3)],
    { host: 0 },
  ],
];

describe.each(FLEET_POLICIES.map((policy) => [policy.name, policy] as const))(
  'placement policy %s, to the last thread and MiB',
  (_, policy) => {
    it.each(EXACT)(
      '%s: an exact fit is one, the first of equals is taken',
      (_kind, given, parent, at) => {
        const ask = { ...ASK, ...given };
        expect(policy.propose(viewOf([parent, parent]), ask)).toEqual(at);
        for (const less of [
          { threads: 1, mib: 0 },
          { threads: 0, mib: 1 },
        ]) {
          const short = parent.map(([threads, mib, whole]) => {
            return [threads - less.threads, mib - less.mib, whole] as const;
          });
          expect(policy.propose(viewOf([short, short]), ask)).toBeUndefined();
          expect(policy.propose(viewOf([short, parent]), ask)).toEqual({ ...at, host: 1 });
        }
      },
    );
  },
);
