/**
 * Fleet policies that attack what they are shown, on every platform: they mislead only themselves.
 *
 * The suite wild-proposals has those whose answers are odd; here the view and the ask are the target.
 */
import { describe, expect, it } from 'vitest';
import type { FleetAsk, FleetPolicy, FleetView } from '../../core/placement/fleet-view.js';
import { PolicyFault } from '../../core/placement/guarded-policy.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetRunInput } from '../../scenarios/engine/fleet-run-input.js';
import { request, smallFleet } from '../kit/small-fleets.js';

type Propose = (view: FleetView, ask: FleetAsk, turn: number) => unknown;

/** The policy as a module without types would give it. */
function policy(propose: Propose): FleetPolicy {
  let turn = 0;
  const untyped = {
    name: 'hostile',
    propose: (v: FleetView, a: FleetAsk) => propose(v, a, ++turn),
  };
  return untyped as FleetPolicy;
}

async function run(platform: string, propose: Propose, given: Partial<FleetRunInput> = {}) {
  const requests = Array.from({ length: 12 }, (_, id) => request(id, { vcpus: 4, atMs: id * 300 }));
  const fleet = await smallFleet(platform, 2);
  return runFleet({ ...fleet, requests, policy: policy(propose), audit: true, ...given });
}

/** First fit, spelled out, on whatever view it is given. */
function first({ hosts, closed, freeThreads, firstNode }: FleetView, { vcpus }: FleetAsk) {
  for (let host = 0; host < hosts; host++) {
    if (closed[host] === 0 && freeThreads[firstNode[host]] >= vcpus) return { host };
  }
  return undefined;
}

/** Every object that can be reached from what a policy is handed, functions too. */
function reachable(start: unknown, seen = new Set<object>()): Set<object> {
  if ((typeof start !== 'object' && typeof start !== 'function') || start === null) return seen;
  if (seen.has(start) || start === Object.prototype || start === Function.prototype) return seen;
  seen.add(start);
  if (ArrayBuffer.isView(start)) return seen;
  for (const key of Reflect.ownKeys(start)) reachable(Reflect.get(start, key), seen);
  return reachable(Object.getPrototypeOf(start), seen);
}

const SCRIBBLES: Propose = (view, ask) => {
  const answer = first(view, ask);
  for (const list of Object.values(view))
    if (ArrayBuffer.isView(list)) scribble(list as Uint8Array);
  Object.assign(view, { hosts: 99, freeThreads: null, wholeGib: null });
  Object.assign(ask, { vcpus: 0, memoryMib: -1, nodes: 7, blind: true, end: Number.NaN });
  return answer;
};

function scribble(list: Uint8Array | Int32Array | Float64Array): void {
  list.fill(0);
  // Gives the memory itself away: whoever reads the list again finds it empty.
  const memory = list.buffer as ArrayBuffer;
  structuredClone(memory, { transfer: [memory] });
}

describe.each(['vm', 'qingtian', 'nitro'])(
  'placement: on %s parents a hostile policy',
  (platform) => {
    it('found bug: reaches no host from its view, whatever it does to it', async () => {
      const fleet = await smallFleet(platform, 2);
      const hosts = new Set<unknown>(fleet.hosts.flatMap((host) => Object.values(host)));
      const found: unknown[] = [];
      const result = await run(
        platform,
        (view, ask) => {
          for (const one of [...reachable(view), ...reachable(ask)]) {
            if (hosts.has(one) || 'records' in one || 'tree' in one || 'fleet' in one)
              found.push(one);
          }
          return first(view, ask);
        },
        fleet,
      );
      expect(found).toEqual([]);
      expect(result.violations).toEqual({ count: 0, first: [] });
      expect(result.accepted).toBeGreaterThan(0);
    });

    it('found bug: scribbles on its view and its ask, and the run is that of one that does not', async () => {
      const result = await run(platform, SCRIBBLES);
      expect(result).toEqual(await run(platform, first));
      expect(result.violations).toEqual({ count: 0, first: [] });
      expect(result.peak.vcpus).toBe(result.peak.running * 4);
    });

    it('found bug: opens a parent that refused again and again, and is heard once', async () => {
      let turns = 0;
      const stubborn: Propose = (view) => {
        turns++;
        view.closed.fill(0);
        return { host: 0, nodes: [0] };
      };
      const requests = Array.from({ length: 12 }, (_, id) => request(id, { vcpus: 12 }));
      const result = await run(platform, stubborn, { requests });
      const { accepted, refused, refusedProposals } = result;
      expect([accepted + refused, result.violations.count]).toEqual([12, 0]);
      expect(refusedProposals['fleet-asked-twice']).toBe(refused);
      // Once for each ask, and once more after each refusal.
      expect(turns).toBe(12 + refused);
      expect(refused).toBeGreaterThan(0);
      // What a parent said stays the reason.
      expect(Object.keys(result.refusedBy)).not.toContain('fleet-asked-twice');
    });

    it('counts fewer proposals for an ask than parents and one', async () => {
      let turns = 0;
      const round: Propose = (view, _ask, turn) => {
        turns++;
        return { host: turn % view.hosts };
      };
      const requests = [request(0, { vcpus: 64 }), request(1, { vcpus: 64 })];
      const { refused } = await run(platform, round, { requests });
      expect(refused).toBe(2);
      expect(turns).toBeLessThanOrEqual(2 * 3);
    });

    it('answers what reads differently each time, and the first reading holds', async () => {
      const shifty: Propose = () => {
        let hosts = 0;
        let nodes = 0;
        return {
          get host() {
            return hosts++ === 0 ? 0 : -1;
          },
          nodes: new Proxy([0], {
            get: (list, key) => (key === '0' && nodes++ > 0 ? Number.NaN : Reflect.get(list, key)),
          }),
        };
      };
      const result = await run(platform, shifty);
      expect(result.violations.count).toBe(0);
      expect(result.accepted + result.refused).toBe(12);
    });
  },
);

/** What a policy does in place of a proposal, and the words for it. */
const FAULTS: readonly (readonly [string, Propose, string])[] = [
  ['null', () => null, 'returned null'],
  ['a promise', async () => ({ host: 0 }), 'returned a promise'],
  ['a promise that fails', () => Promise.reject(new Error('late')), 'returned a promise'],
  ['a number', () => 3, 'returned a number'],
  ['no host', () => ({}), 'without a number as its `host`'],
  ['a host that is text', () => ({ host: '0' }), 'without a number as its `host`'],
  ['a parent beyond the fleet', () => ({ host: 99 }), '`host: 99` (the fleet has parents 0 to 1)'],
  ['a parent before the first', () => ({ host: -1 }), '`host: -1`'],
  ['half a parent', () => ({ host: 0.5 }), '`host: 0.5`'],
  ['no number of a parent', () => ({ host: Number.NaN }), '`host: NaN`'],
  [
    'a node beyond its parent',
    () => ({ host: 0, nodes: [0, 2] }),
    '2 among the `nodes` of parent 0',
  ],
  ['a node before the first', () => ({ host: 1, nodes: [-1] }), 'parent 1 (it has 0 to 1)'],
  ['nodes that are no list', () => ({ host: 0, nodes: 1 }), 'no list of numbers'],
  ['nodes that are texts', () => ({ host: 0, nodes: ['0'] }), 'no list of numbers'],
  ['nodes without end', () => ({ host: 0, nodes: new Array(1e6) }), 'no list of numbers'],
  [
    'a getter that throws',
    () => ({
      get host() {
        throw new Error('mine');
      },
    }),
    'threw "mine"',
  ],
  [
    'an exception',
    () => {
      throw new Error('boom');
    },
    'threw "boom"',
  ],
  [
    'an exception that is no text',
    () => {
      throw Object.create(null);
    },
    'threw "something that is no text"',
  ],
];

describe('placement: found bug, a policy at fault is told so', () => {
  it.each(FAULTS)('%s: which policy, what it did, for which ask', async (_, propose, words) => {
    const ended = run('vm', (view, ask, turn) =>
      turn < 3 ? first(view, ask) : propose(view, ask, turn),
    );
    await expect(ended).rejects.toThrow(PolicyFault);
    await expect(ended).rejects.toThrow(words);
    await expect(ended).rejects.toThrow('"hostile"');
    await expect(ended).rejects.toThrow('ask 2 (4 vCPUs, 128 MiB, at 600 ms)');
  });
});
