/**
 * `lifetime-aware` beside a naive twin, which lists all candidates with what each costs and sorts the list.
 *
 * Ends are drawn from a few, as far apart as two years, so that many candidates are equal by time and the
 * fit has to tell them apart however large the numbers before it are.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetProposal, NarrowedView } from '../../core/placement/fleet-view.js';
import { scaledRuns } from '../seed.js';
import { ASK, one, take, viewOf } from './fleet-views.js';

const YEARS_MS = 2 ** 36;
const END = 2 ** 35;

/** [why it is kept, for how long, MiB left over, threads left over]: the smaller comes first. */
type Costs = readonly [number, number, number, number];

function before(some: Costs, others: Costs): number {
  for (const [i, cost] of some.entries()) if (cost !== others[i]) return cost - others[i];
  return 0;
}

function costsOf(view: NarrowedView, ask: FleetAsk, host: number, place: number): Costs {
  const fit = [
    view.freeMib[place] - ask.memoryMib / ask.nodes,
    view.freeThreads[place] - ask.vcpus,
  ] as const;
  if (view.running[host] === 0) return [2, 0, ...fit];
  if (view.lastEnd[host] === ask.end) return [0, 0, ...fit];
  const longer = ask.end > view.lastEnd[host];
  const apart = longer ? ask.end - view.lastEnd[host] : view.lastEnd[host] - ask.end;
  return [longer ? 1 : 0, apart >= YEARS_MS ? YEARS_MS - 1 : apart, ...fit];
}

interface Candidate {
  readonly costs: Costs;
  readonly proposal: FleetProposal;
}

function naive(view: NarrowedView, ask: FleetAsk): FleetProposal | undefined {
  const candidates: Candidate[] = [];
  for (let host = 0; host < view.hosts; host++) {
    if (view.closed[host] === 1) continue;
    const places: { readonly node: number; readonly costs: Costs }[] = [];
    for (let place = view.firstNode[host]; place < view.firstNode[host + 1]; place++) {
      const roomy = view.freeThreads[place] * ask.nodes >= ask.vcpus;
      if (!roomy || view.freeMib[place] * ask.nodes < ask.memoryMib) continue;
      places.push({
        node: place - view.firstNode[host],
        costs: costsOf(view, ask, host, place),
      });
    }
    if (places.length < ask.nodes) continue;
    const chosen = places.toSorted((a, b) => before(a.costs, b.costs)).slice(0, ask.nodes);
    const nodes = chosen.map(({ node }) => node).sort((a, b) => a - b);
    const { costs } = chosen[chosen.length - 1];
    candidates.push({ costs, proposal: { host, nodes } });
  }
  return candidates.toSorted((a, b) => before(a.costs, b.costs))[0]?.proposal;
}

const policy = fleetPolicy('lifetime-aware');
if (policy === undefined) throw new Error('no policy lifetime-aware');

const ends = fc.constantFrom(0, END - 1, END, END + 1, END * 2, END * 4, Number.POSITIVE_INFINITY);
const node = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(512, 513, 2 ** 24, 2 ** 25));
const parent = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
  running: fc.nat(2),
  lastEnd: ends,
  closed: fc.constantFrom(0, 0, 0, 1),
});
const asks = fc.record({ end: ends, nodes: fc.constantFrom(1, 1, 2) });

describe('lifetime-aware', () => {
  it('chooses what the sorted list has first', () => {
    fc.assert(
      fc.property(fc.array(parent, { maxLength: 6 }), asks, (parents, given) => {
        const free = parents.map(({ nodes }) =>
          nodes.map(([cpus, mib]) => [cpus, mib, 0] as const),
        );
        const view = viewOf(free, {
          running: Int32Array.from(parents, ({ running }) => running),
          lastEnd: Float64Array.from(parents, ({ lastEnd }) => lastEnd),
          closed: Uint8Array.from(parents, ({ closed }) => closed),
        });
        const ask = { ...ASK, ...given };
        expect(policy.propose(view, ask)).toEqual(naive(view, ask));
      }),
      { numRuns: scaledRuns(1000) },
    );
  });

  // Found bug: 2^36 and a fraction lost the fraction, so the first of them was taken, however loose.
  it.each([
    ['empty parents', 0, 0],
    ['parents that are kept longer', 1, 0],
    ['parents that stay longer', 1, END * 2],
  ])('of %s that are equal by time takes the tightest fit', (_name, running, lastEnd) => {
    const view = viewOf([one(1025), one(1024), one(1026)], {
      running: new Int32Array(3).fill(running),
      lastEnd: new Float64Array(3).fill(lastEnd),
    });
    expect(policy.propose(view, { ...ASK, end: END })).toEqual(take(1));
  });
});
