/** One suite for all fleet policies, and what sets them apart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLEET_POLICIES, fleetPolicy } from '../../core/placement/fleet-policies.js';
import type {
  FleetAsk,
  FleetProposal,
  FleetView,
  NarrowedView,
} from '../../core/placement/fleet-view.js';

/** [free threads, free MiB, whole GiB runs] by node, by parent. */
type Free = readonly (readonly (readonly [number, number, number])[])[];

function viewOf(free: Free, given: Partial<NarrowedView> = {}): NarrowedView {
  const places = free.flat();
  const starts = free.map((_, h) => free.slice(0, h).flat().length);
  return {
    hosts: free.length,
    firstNode: Int32Array.from([...starts, places.length]),
    freeThreads: Int32Array.from(places, ([threads]) => threads),
    poolThreads: Int32Array.from(places, ([threads]) => threads + 1),
    freeMib: Int32Array.from(places, ([, mib]) => mib),
    pageKib: new Int32Array(places.length),
    closed: new Uint8Array(free.length),
    running: new Int32Array(free.length),
    lastEnd: new Float64Array(free.length),
    wholeGib: (place) => places[place]?.[2] ?? 0,
    ...given,
  };
}

const ASK: FleetAsk = { vcpus: 2, memoryMib: 512, nodes: 1, blind: false, end: 1000 };

const one = (mib: number, threads = 8, whole = 0) => [[threads, mib, whole] as const];
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

/** What was asked, free of the parents, and what the policy proposes, for what sets it apart. */
type Told = readonly [string, Partial<FleetAsk>, Free, FleetProposal, Partial<FleetView>?];

const running = (...list: number[]) => Int32Array.from(list);
const ends = (...list: number[]) => Float64Array.from(list);
const GIB = 1024;

const TOLD: Readonly<Record<string, readonly Told[]>> = {
  'best-fit': [
    ['less memory left before fewer threads', {}, [one(514, 2), one(513, 9)], take(1)],
    ['of equal memory the fewer threads', {}, [one(600, 9), one(600, 3), one(600, 4)], take(1)],
    ['the tightest node of a parent', {}, [[...one(900), ...one(600), ...one(700)]], take(0, 1)],
    [
      'of a parent the tightest nodes together, told in their order',
      { nodes: 2, memoryMib: 1024 },
      [[...one(900), ...one(2000), ...one(600)]],
      take(0, 0, 2),
    ],
    [
      'over nodes, the parent whose dearest node is cheapest',
      { nodes: 2, memoryMib: 1024 },
      [
        [...one(512), ...one(900)],
        [...one(600), ...one(600)],
        [...one(700), ...one(600)],
      ],
      take(1, 0, 1),
    ],
  ],
  'worst-fit': [
    ['more memory left before more threads', {}, [one(513, 9), one(514, 2)], take(1)],
    ['of equal memory the more threads', {}, [one(600, 3), one(600, 9), one(600, 4)], take(1)],
  ],
  'node-local-pack': [
    [
      'a parent in use before an empty one that is smaller',
      {},
      [one(600, 2), one(600, 8)],
      take(1),
      { running: running(0, 1) },
    ],
    [
      'the fullest of two in use',
      {},
      [one(600, 8), one(600, 6), one(600, 7)],
      take(1),
      { running: running(1, 1, 1) },
    ],
    ['the smallest of two that are empty', {}, [one(600, 8), one(600, 4)], take(1)],
    [
      'of the nodes of a parent one in use before an empty one that is smaller',
      {},
      [[...one(600, 20), ...one(600, 8)]],
      take(0, 0),
      { running: running(1), poolThreads: running(48, 8) },
    ],
    [
      'an empty node of a parent in use before a parent that is empty',
      {},
      [one(600, 4), one(600, 48)],
      take(1),
      { running: running(0, 1), poolThreads: running(4, 48) },
    ],
  ],
  'keep-1g': [
    [
      'loose memory before a whole run, though that would be used up to its end',
      { memoryMib: GIB },
      [one(GIB, 8, 1), one(2 * GIB)],
      take(1),
    ],
    [
      'one run broken before two used up to their end',
      { memoryMib: 2 * GIB },
      [one(8 * GIB, 8, 8), one(21.9 * GIB, 8, 20)],
      take(1),
    ],
    [
      'of as many runs gone the tighter fit',
      { memoryMib: GIB },
      [one(9 * GIB, 8, 9), one(8 * GIB, 8, 8), one(8.5 * GIB, 8, 8)],
      take(1),
    ],
    [
      'one run more before the tighter fit, however many TiB lie between',
      { memoryMib: GIB },
      [one(GIB, 8, 1), one(24 * GIB * GIB, 8, 0)],
      take(1),
    ],
    [
      'loose memory and whole runs to their end before a run that is broken',
      { memoryMib: 1.5 * GIB },
      [one(2 * GIB, 8, 2), one(2.5 * GIB, 8, 2)],
      take(1),
    ],
    [
      'the tighter of two that break nothing, runs used up or not',
      { memoryMib: 1.5 * GIB },
      [one(2 * GIB), one(2.5 * GIB, 8, 2)],
      take(0),
    ],
    [
      'over two nodes, by what a part of each breaks',
      { memoryMib: GIB, nodes: 2 },
      [
        [...one(GIB, 8, 1), ...one(GIB, 8, 1)],
        [...one(GIB), ...one(GIB)],
      ],
      take(1, 0, 1),
    ],
    [
      'of two parents by a part, though the whole would break runs of one',
      { memoryMib: GIB, nodes: 2 },
      [
        [...one(1.5 * GIB, 8, 1), ...one(1.5 * GIB, 8, 1)],
        [...one(2 * GIB), ...one(2 * GIB)],
      ],
      take(0, 0, 1),
    ],
  ],
  'lifetime-aware': [
    [
      'any parent in use before an empty one, whatever ended there before',
      { end: 1000 },
      [one(600), one(900)],
      take(1),
      { running: running(0, 1), lastEnd: ends(1000, 9000) },
    ],
    [
      'the nearest end, before it or after it',
      { end: 1000 },
      [one(600), one(600), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(10, 1100, 1200) },
    ],
    [
      'a millisecond nearer before a fit tighter by 24 TiB',
      { end: 1000 },
      [one(600), one(24 * GIB * GIB)],
      take(1),
      { running: running(1, 1), lastEnd: ends(1002, 1001) },
    ],
    [
      'of equally near ends the tightest fit',
      { end: 1000 },
      [one(9 * GIB), one(GIB), one(2 * GIB)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(900, 1100, 900) },
    ],
    [
      'who stays anyhow before one that would be kept a millisecond longer',
      { end: 1000 },
      [one(600), one(600), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(999, 3_000_000_000, 10) },
    ],
    [
      'of those that stay anyhow the nearest end, to the millisecond',
      { end: 1000 },
      [one(600), one(24 * GIB * GIB), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(1001, 1000, 1002) },
    ],
    [
      'where all would be kept longer, the one that ends last',
      { end: 9000 },
      [one(600), one(900), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(400, 500, 300) },
    ],
    [
      'one that never ends before one that would be kept longer',
      { end: 1000 },
      [one(600), one(900)],
      take(1),
      { running: running(1, 1), lastEnd: ends(999, Number.POSITIVE_INFINITY) },
    ],
    [
      'a parent in use for good before an empty one',
      { end: Number.POSITIVE_INFINITY },
      [one(600), one(900)],
      take(1),
      { running: running(0, 1), lastEnd: ends(0, 10) },
    ],
    ['of empty parents the tightest', {}, [one(9 * GIB), one(GIB), one(3 * GIB)], take(1)],
    [
      'of those that never end the tightest',
      { end: Number.POSITIVE_INFINITY },
      [one(900), one(600), one(700)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(Infinity, Infinity, Infinity) },
    ],
    [
      'with one that never ends, what never ends either',
      { end: Number.POSITIVE_INFINITY },
      [one(600), one(900)],
      take(1),
      { running: running(1, 1), lastEnd: ends(5000, Number.POSITIVE_INFINITY) },
    ],
  ],
};

function take(host: number, ...nodes: number[]): FleetProposal {
  return { host, nodes: nodes.length === 0 ? [0] : nodes };
}

describe.each(Object.entries(TOLD))('placement policy %s takes', (name, rows) => {
  for (const [what, ask, free, expected, given] of rows) {
    it(what, () => {
      const view = viewOf(free, given ?? {});
      expect(fleetPolicy(name)?.propose(view, { ...ASK, ...ask })).toEqual(expected);
    });
  }
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
