/** Parents of a fleet after days of uptime: a memory of its own for each, and no draw of the workload's. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { describe, expect, it } from 'vitest';
import { seededStream } from '../../core/units/seeded-stream.js';
import { loadFleet } from '../../scenarios/engine/load-fleet.js';
import { layoutSeed } from '../../scenarios/engine/parent-layout.js';
import { startFleet } from '../../scenarios/engine/start-fleet.js';

interface Aged {
  readonly seed?: number;
  readonly layoutSeed?: number;
  /** Parents of the two entries. */
  readonly counts?: readonly [number, number];
}

/** By parent and node: [startFrame, frames, …] that days of uptime took. */
async function layouts({ seed = 3, layoutSeed: own, counts = [3, 2] }: Aged = {}) {
  const given = own === undefined ? '' : `, seed: ${own}`;
  const entry = (count: number) => `
  - count: ${count}
    parent:
      topology: {numbering: adjacent, nodes: [{cpus: 0-7, memory: 32GiB}, {cpus: 8-15, memory: 32GiB}]}
      memoryLayout: {kind: uptime, days: 20${given}}`;
  const loaded = loadFleet(
    `fleetVersion: 1
title: Parents after days of uptime
platform: vm
seed: ${seed}
fleet:${counts.map(entry).join('')}
workload:
  requests: 1
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: exponential, mean: 1m}
  mix: [{vcpus: 2, memory: 512MiB}]
policy: first-fit
`,
    'aged.yaml',
  );
  if ('problems' in loaded) throw new Error(loaded.problems[0]?.message);
  const started = await startFleet(loaded, 'aged.yaml');
  if ('problems' in started) throw new Error(started.problems[0]?.message);
  return started.input.hosts.map(({ uptimeRuns }) => uptimeRuns.map((runs) => [...runs]));
}

/** How many different ones. */
const different = (all: readonly unknown[]) => new Set(all.map((one) => JSON.stringify(one))).size;

describe('fleet: parents after days of uptime', () => {
  // Found bug: the parents of an entry were copies of each other.
  it.each([{}, { layoutSeed: 3 }])(
    '%j: none is a copy of another, of its entry or the other',
    async (given) => {
      const all = await layouts(given);
      expect(different(all)).toBe(5);
      expect(different(all.flat())).toBe(10);
    },
  );

  it('are the same for the same seed, and others for another; a layout’s own seed is kept', async () => {
    expect(await layouts()).toEqual(await layouts());
    expect(different([...(await layouts()), ...(await layouts({ seed: 4 }))])).toBe(10);
    const own = await layouts({ layoutSeed: 9 });
    expect(await layouts({ layoutSeed: 9, seed: 4 })).toEqual(own);
    expect(different([...own, ...(await layouts())])).toBe(10);
  });

  it('stay as they are where an entry gets one more', async () => {
    const [a, b, c, d, e] = await layouts();
    const more = await layouts({ counts: [4, 2] });
    expect([more[0], more[1], more[2], more[4], more[5]]).toEqual([a, b, c, d, e]);
  });

  // Found bug: node 0 drew its blocks from the very stream that lifetimes are drawn from.
  it.each([{}, { layoutSeed: 3 }])(
    '%j: no node draws from a stream of the workload',
    async (given) => {
      const blocks = (await layouts(given)).flat().map(([start]) => start);
      for (let stream = 0; stream < 4; stream++) {
        const random = seededStream(3, stream);
        // 32 GiB and, on node 0, the PCI hole: blocks of 2 MiB.
        for (const memoryGib of [32, 33]) {
          const first = uniformInt(random.clone(), 0, memoryGib * 512 - 1);
          expect(blocks).not.toContain(first);
        }
      }
    },
  );

  it('of an entry have a seed each, under every seed of the fleet', () => {
    const seeds = Array.from({ length: 20_000 }, (_, position) => layoutSeed(1, 0, position));
    expect(different(seeds)).toBe(20_000);
    expect(different(seeds.map((_, seed) => layoutSeed(seed, 2, 7)))).toBe(20_000);
    // A kept layout: a fleet that is run again next year has the same parents.
    expect([layoutSeed(1, 0, 0), layoutSeed(1, 0, 1), layoutSeed(1, 1, 0)]).toEqual([
      673_603_891, 3_213_446_245, 4_213_165_932,
    ]);
  });
});
