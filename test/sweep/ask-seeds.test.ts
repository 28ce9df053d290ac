/** Reservations asked under the seeds of a sweep: on threads as here, and once for the same parents. */
import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../scenarios/engine/load-fleet.js';
import { askOnThreads } from '../../scenarios/sweep/ask-on-threads.js';
import { type AskSeeds, askSeeds } from '../../scenarios/sweep/ask-seeds.js';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';
import { planOf, replicationSeed } from '../../scenarios/sweep/plan.js';

const FLEET = `fleetVersion: 1
title: Aged parents
platform: qingtian
fleet:
  - count: 3
    parent: {topology: {nodes: [{cpus: 0-7, memory: 16GiB}]}, memoryLayout: {kind: uptime, days: 16}}
    reservation: {pageSize: 1GiB, memory: 6GiB, cpuCount: 4}
workload:
  requests: 5
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: exponential, mean: 2m}
  mix: [{vcpus: 2, memory: 1GiB}]
`;
const SEEDS = Array.from({ length: 41 }, (_, i) => replicationSeed(1, i));

describe('reservations under the seeds of a sweep', () => {
  it('are refused on threads as on one, in the order of the seeds', async () => {
    const loaded = loadFleet(FLEET, 'fleet.yaml');
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const order = { fleet: loaded.fleet, seeds: SEEDS };
    const here = await askSeeds(order);
    expect(here.length).toBeGreaterThan(0);
    expect(here.length).toBeLessThan(SEEDS.length);
    const told: number[] = [];
    const { ask, close } = askOnThreads(2, 0);
    expect(await ask(order, (done) => told.push(done))).toEqual(here);
    await close();
    expect(told.at(-1)).toBe(SEEDS.length);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it('are asked again on --resume only where the folder is not of this very sweep', async () => {
    const text = `sweepVersion: 1
title: S
base:
${FLEET.replaceAll(/^(?=.)/gm, '  ').replace('memory: 6GiB', 'memory: 1GiB')}axes:
  policy: [first-fit, best-fit]
seeds: {first: 1, count: 4}
`;
    let asked = 0;
    const counting: AskSeeds = (order, onSeeds) => {
      asked += order.seeds.length;
      return askSeeds(order, onSeeds);
    };
    const load = (of: string, wasAsked: (id: string) => boolean) =>
      loadSweep(of, 'sweep.yaml', undefined, counting, (one) => wasAsked(planOf(one).sweepId));
    const first = await loadSweep(text, 'sweep.yaml', undefined, counting);
    if ('problems' in first) throw new Error(JSON.stringify(first.problems));
    const { sweepId } = planOf(first);
    // Functions, which each load makes anew.
    const same = { ...first, places: expect.anything() };
    expect(asked).toBe(4);
    expect(await load(text, (id) => id === sweepId)).toEqual(same);
    expect(asked).toBe(4);
    expect(await load(text, () => false)).toEqual(same);
    expect(asked).toBe(8);
    // Nobody can have begun what is refused, nor does a folder tell who was left out of another.
    const refused = text.replace('memory: 1GiB', 'memory: 6GiB');
    expect(await load(refused, (id) => id === sweepId)).toHaveProperty('problems');
    await load(`${refused}onRefusedReservation: leave-out\n`, () => true);
    expect(asked).toBe(16);
  });

  // Found bug: a sweep over two policies built all parents of all seeds twice before its first run.
  it('are asked once for all variants that have the same parents and reservations', async () => {
    const text = `sweepVersion: 1
title: S
base:
${FLEET.replaceAll(/^(?=.)/gm, '  ')}axes:
  policy: [first-fit, best-fit]
  'workload.requests': [5, 6]
  'fleet[0].reservation.memory': [1GiB, 2GiB]
seeds: {first: 1, count: 4}
onRefusedReservation: leave-out
`;
    const asked: string[] = [];
    const counting: AskSeeds = (order, onSeeds) => {
      asked.push(JSON.stringify(order.fleet.fleet));
      return askSeeds(order, onSeeds);
    };
    const loaded = await loadSweep(text, 'sweep.yaml', undefined, counting);
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.variants.length + loaded.leftOut.length).toBe(8);
    expect(asked.length).toBe(2);
    expect(new Set(asked).size).toBe(2);
  });
});
