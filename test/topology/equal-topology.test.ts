/** Equal topologies become one object; what differs in anything stays apart. */
import { describe, expect, it } from 'vitest';
import { sharedTopology } from '../../core/topology/equal-topology.js';
import { buildTopology, type Topology, type TopologySpec } from '../../core/topology/topology.js';
import { vmHost } from '../kit/hosts.js';

/** Two cores of two threads on one node; `more`: what another one has instead. */
function built(more: Partial<TopologySpec> = {}): Topology {
  const cores = [
    [0, 2],
    [1, 3],
  ];
  const made = buildTopology({ cores, nodes: [{ id: 0, cpus: [0, 1, 2, 3] }], ...more });
  if ('problems' in made) throw new Error(made.problems[0].message);
  return made.topology;
}

const CACHES = [
  [0, 2],
  [1, 3],
];
const OTHERS: Readonly<Record<string, Topology>> = {
  architecture: built({ architecture: 'arm64', pageSizesKib: [2048, 1_048_576] }),
  'possible CPUs': built({ nrCpuIds: 5 }),
  'order of cores': built({ cores: [...CACHES].reverse() }),
  siblings: built({
    cores: [
      [0, 1],
      [2, 3],
    ],
  }),
  'number of a node': built({ nodes: [{ id: 1, cpus: [0, 1, 2, 3] }] }),
  'a CPU without a node': built({ nodes: [{ id: 0, cpus: [0, 2] }] }),
  'a node more': built({ nodes: [...built().nodes, { id: 1, cpus: [] }] }),
  'two nodes': built({
    nodes: [
      { id: 0, cpus: [0, 2] },
      { id: 1, cpus: [1, 3] },
    ],
  }),
  'page sizes': built({ pageSizesKib: [2048] }),
  'other page sizes': built({ pageSizesKib: [4096, 1_048_576] }),
  'offline CPUs': built({ offline: [3] }),
  'known caches': built({ lastLevelCaches: CACHES }),
  'one cache for all': built({ lastLevelCaches: [[0, 1, 2, 3]] }),
};

describe('shared topologies', () => {
  it('an equal one gives way to the last, with caches as without', () => {
    for (const more of [{}, { lastLevelCaches: CACHES, offline: [3] }]) {
      const first = sharedTopology(built(more));
      expect(sharedTopology(built(more))).toBe(first);
    }
  });

  it.each(Object.entries(OTHERS))('apart: %s', (_name, other) => {
    const first = built();
    expect(sharedTopology(first)).toBe(sharedTopology(built()));
    expect(sharedTopology(other)).toBe(other);
    // And the other way round, from the longer list to the shorter one.
    const again = built();
    expect(sharedTopology(again)).toBe(again);
  });

  it('apart: as many caches, the first the same', () => {
    const cores = [[0], [1], [2], [3]];
    const first = built({ cores, lastLevelCaches: [[0], [1], [2, 3]] });
    const other = built({ cores, lastLevelCaches: [[0], [1, 2], [3]] });
    expect([sharedTopology(first), sharedTopology(other)]).toEqual([first, other]);
  });

  it('parents built one after the other share theirs', () => {
    const shape = { coresPerNode: 2, memoryMibPerNode: 64 };
    expect(vmHost(shape).topology).toBe(vmHost(shape).topology);
    expect(vmHost({ ...shape, coresPerNode: 3 }).topology.cores).toHaveLength(6);
  });
});
