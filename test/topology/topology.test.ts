/** Topologies: what is built partitions the CPUs, and each kind of wrong spec is named with a path. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  regularCores,
  regularNodes,
  regularTopology,
  type SiblingNumbering,
} from '../../core/topology/regular.js';
import {
  type Architecture,
  buildTopology,
  siblingsOf,
  type Topology,
  type TopologySpec,
} from '../../core/topology/topology.js';

function built(spec: TopologySpec): Topology {
  const result = buildTopology(spec);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.topology;
}

const layouts = fc.record({
  nodes: fc.integer({ min: 1, max: 4 }),
  coresPerNode: fc.integer({ min: 1, max: 6 }),
  threadsPerCore: fc.integer({ min: 1, max: 4 }),
  numbering: fc.constantFrom<SiblingNumbering>('block', 'adjacent'),
});

describe('building a topology', () => {
  it('Q26 holds: cores partition the CPUs and siblings are each other’s siblings', () => {
    fc.assert(
      fc.property(layouts, ({ nodes, coresPerNode, threadsPerCore, numbering }) => {
        const cores = nodes * coresPerNode;
        const topology = regularTopology({ cores, threadsPerCore, numbering, nodes });
        const all = Array.from({ length: cores * threadsPerCore }, (_, cpu) => cpu);
        const ascending = (ids: number[]) => ids.sort((a, b) => a - b);
        expect(ascending(topology.cores.flat())).toEqual(all);
        expect(ascending(topology.nodes.flatMap((node) => [...node.cpus]))).toEqual(all);
        for (const cpu of all) {
          const siblings = siblingsOf(topology, cpu);
          expect(siblings).toHaveLength(threadsPerCore);
          expect(siblings).toContain(cpu);
          for (const other of siblings) {
            expect(siblingsOf(topology, other)).toEqual(siblings);
            expect(topology.nodeOf[other]).toBe(topology.nodeOf[cpu]);
          }
        }
      }),
    );
  });

  it('knows both sibling numberings, and SMT off', () => {
    expect(regularCores({ cores: 3, threadsPerCore: 2 })).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(regularCores({ cores: 3, threadsPerCore: 2, numbering: 'adjacent' })).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(regularCores({ cores: 2, threadsPerCore: 1 })).toEqual([[0], [1]]);
  });

  it('refuses impossible regular layouts as a programming error', () => {
    expect(() => regularCores({ cores: 0, threadsPerCore: 2 })).toThrow('cannot number');
    expect(() => regularCores({ cores: 2, threadsPerCore: 1.5 })).toThrow('cannot number');
    expect(() => regularNodes([[0], [1], [2]], 2)).toThrow('cannot spread');
    const architecture = 'mips' as Architecture;
    const layout = { cores: 2, threadsPerCore: 1, nodes: 1, architecture };
    expect(() => regularTopology(layout)).toThrow('architecture mips');
  });

  it('names the fields of a layout that nobody reads, that are missing or of another type', () => {
    const told = (layout: object) => () =>
      regularTopology(layout as Parameters<typeof regularTopology>[0]);
    const layout = { cores: 2, threadsPerCore: 1, nodes: 1 };
    expect(told({ ...layout, numa: 2, sockets: 2 })).toThrow(
      'numa is no field here; there are: cores, threadsPerCore, numbering, nodes, architecture; sock',
    );
    expect(told({ ...layout, threadPerCore: 2 })).toThrow('(did you mean threadsPerCore?)');
    expect(told({ cores: 2, threadsPerCore: 1 })).toThrow('a topology: nodes should be a number');
    expect(told({ ...layout, numbering: 'odd' })).toThrow('numbering should be block or adjacent');
    expect(told({ ...layout, architecture: undefined, numbering: undefined })).not.toThrow();
    expect(told([])).toThrow(TypeError);
  });

  it('numbers as many CPUs as Linux can have, and no more', () => {
    expect(regularCores({ cores: 4096, threadsPerCore: 2 })).toHaveLength(4096);
    expect(() => regularCores({ cores: 4097, threadsPerCore: 2 })).toThrow('at most 8192 CPUs');
  });

  it('names the CPUs of a node in ascending order', () => {
    const cores = regularCores({ cores: 6, threadsPerCore: 2 });
    expect(regularNodes(cores, 2).map(({ cpus }) => cpus)).toEqual([
      [0, 1, 2, 6, 7, 8],
      [3, 4, 5, 9, 10, 11],
    ]);
  });

  it('has as many CPU ids as the highest that is named, and takes CPU 0 for offline', () => {
    const one = built({ cores: [[0]], nodes: [{ id: 0, cpus: [0] }], offline: [0] });
    expect([one.nrCpuIds, one.offline]).toEqual([1, [0]]);
    const listed = built({ cores: [[0]], nodes: [{ id: 0, cpus: [0, 6] }] });
    expect(listed.nrCpuIds).toBe(7);
  });

  it('takes uneven nodes, an empty node, absent CPUs and CPUs without a node', () => {
    const topology = built({
      nrCpuIds: 9,
      cores: [[4, 0], [1], [5, 2], [7]],
      nodes: [
        { id: 3, cpus: [] },
        { id: 0, cpus: [4, 0, 1] },
        { id: -1, cpus: [7] },
        { id: 1, cpus: [2, 5] },
      ],
      offline: [5],
    });
    expect(topology.cores).toEqual([[0, 4], [1], [2, 5], [7]]);
    expect(topology.nodes).toEqual([
      { id: 0, cpus: [0, 1, 4] },
      { id: 1, cpus: [2, 5] },
      { id: 3, cpus: [] },
    ]);
    expect(topology.nodeOf).toEqual([0, 0, 1, -1, 0, 1, -1, -1, -1]);
    expect(topology.coreOf).toEqual([0, 1, 2, -1, 0, 2, -1, 3, -1]);
    expect(topology.offline).toEqual([5]);
    expect(buildTopology(topology)).toEqual({ topology });
    expect(siblingsOf(topology, 3)).toEqual([]);
    expect(siblingsOf(topology, 99)).toEqual([]);
  });

  it('defaults page sizes by architecture and sorts given ones', () => {
    const cores = [[0]];
    const nodes = [{ id: 0, cpus: [0] }];
    expect(built({ cores, nodes }).pageSizesKib).toEqual([2048, 1048576]);
    const arm = built({ cores, nodes, architecture: 'arm64' });
    expect(arm.pageSizesKib).toEqual([64, 2048, 32768, 1048576]);
    const given = built({ cores, nodes, pageSizesKib: [16777216, 2048, 524288] });
    expect(given.pageSizesKib).toEqual([2048, 524288, 16777216]);
  });
});

const CORES = [
  [0, 2],
  [1, 3],
];
const NODES = [{ id: 0, cpus: [0, 1, 2, 3] }];

const WRONG: readonly (readonly [code: string, path: string, spec: TopologySpec])[] = [
  ['no-cores', 'cores', { nrCpuIds: 4, cores: [], nodes: [] }],
  ['empty-core', 'cores[2]', { cores: [...CORES, []], nodes: NODES }],
  ['bad-cpu-id', 'cores[0][0]', { nrCpuIds: 4, cores: [[0.5]], nodes: [] }],
  ['bad-cpu-id', 'nodes[0].cpus[0]', { cores: CORES, nodes: [{ id: 0, cpus: [-1] }] }],
  ['cpu-outside-range', 'cores[0][1]', { nrCpuIds: 2, cores: [[0, 2], [1]], nodes: [] }],
  ['cpu-in-two-cores', 'cores[1][0]', { cores: [[0], [0]], nodes: [] }],
  ['cpu-in-two-cores', 'cores[0][1]', { cores: [[0, 0]], nodes: [] }],
  [
    'cpu-in-two-nodes',
    'nodes[1].cpus[0]',
    { cores: CORES, nodes: [...NODES, { id: 1, cpus: [3] }] },
  ],
  ['core-across-nodes', 'cores[0]', { cores: [[0, 1]], nodes: [{ id: 0, cpus: [0] }] }],
  ['bad-node-id', 'nodes[0].id', { cores: CORES, nodes: [{ id: -2, cpus: [] }] }],
  ['duplicate-node', 'nodes[1].id', { cores: CORES, nodes: [...NODES, { id: 0, cpus: [] }] }],
  ['offline-not-present', 'offline[0]', { cores: CORES, nodes: NODES, offline: [9] }],
  [
    'bad-page-size',
    'pageSizesKib (3000)',
    { cores: CORES, nodes: NODES, pageSizesKib: [2048, 3000] },
  ],
  [
    'bad-page-size',
    'pageSizesKib (2048)',
    { cores: CORES, nodes: NODES, pageSizesKib: [2048, 2048] },
  ],
  ['bad-page-size', 'pageSizesKib', { cores: CORES, nodes: NODES, pageSizesKib: [] }],
  ['bad-cpu-count', 'nrCpuIds', { cores: CORES, nodes: NODES, nrCpuIds: Number.NaN }],
  ['bad-cpu-count', 'nrCpuIds', { cores: CORES, nodes: NODES, nrCpuIds: 4.5 }],
  ['bad-cpu-count', 'nrCpuIds', { cores: CORES, nodes: NODES, nrCpuIds: -1 }],
  ['no-cores', 'cores', { cores: [], nodes: [], nrCpuIds: 0 }],
  ['bad-cpu-count', 'nrCpuIds', { cores: CORES, nodes: NODES, nrCpuIds: 1e10 }],
  ['cpu-outside-range', 'cores[0][1]', { cores: [[0, 2 ** 31]], nodes: [] }],
  [
    'bad-architecture',
    'architecture',
    { cores: CORES, nodes: NODES, architecture: 'mips' as Architecture },
  ],
  ['bad-page-size', 'pageSizesKib (0)', { cores: CORES, nodes: NODES, pageSizesKib: [0, 2048] }],
];

describe('found bugs', () => {
  it('a regular layout of more CPUs than Linux has is refused, not laid out for minutes', () => {
    expect(() => regularTopology({ cores: 1e9, threadsPerCore: 2, nodes: 1 })).toThrow('8192');
  });

  it('a CPU that a node lists but no core names counts nowhere as one of the node', () => {
    const { nodes } = built({ cores: CORES, nodes: [{ id: 0, cpus: [...NODES[0].cpus, 9] }] });
    expect(nodes[0].cpus).toEqual(NODES[0].cpus);
  });
});

describe('a wrong spec', () => {
  it.each(WRONG)('%s at %s is the one problem named', (code, path, spec) => {
    expect(buildTopology(spec)).toEqual({
      problems: [{ code, path, message: expect.stringMatching(/\w/) }],
    });
  });

  it('a core on two nodes is named with both', () => {
    const nodes = [
      { id: 0, cpus: [0] },
      { id: 3, cpus: [1] },
    ];
    expect(buildTopology({ cores: [[0, 1]], nodes })).toMatchObject({
      problems: [{ message: 'core 0 has threads on NUMA nodes 0 and 3' }],
    });
  });

  it('an id that no CPU can have is named where it stands, and not taken for a place', () => {
    const codes = (cores: TopologySpec['cores']) => {
      const result = buildTopology({ cores, nodes: [], nrCpuIds: 4 });
      return 'problems' in result && result.problems.map(({ code, path }) => `${code} ${path}`);
    };
    expect(
      codes([
        [0, -1],
        [1, -1],
      ]),
    ).toEqual(['bad-cpu-id cores[0][1]', 'bad-cpu-id cores[1][1]']);
    expect(
      codes([
        [0, 9],
        [1, 9],
      ]),
    ).toEqual(['cpu-outside-range cores[0][1]', 'cpu-outside-range cores[1][1]']);
  });

  it('a core over two nodes is named with both, and a spec is left as it is', () => {
    const spec = {
      cores: [[1, 0]],
      nodes: [
        { id: 3, cpus: [1] },
        { id: 0, cpus: [0] },
      ],
    };
    const result = buildTopology(spec);
    expect('problems' in result && result.problems[0].message).toBe(
      'core 0 has threads on NUMA nodes 3 and 0',
    );
    const sound = { cores: [[1, 0]], nodes: [{ id: 3, cpus: [1, 0] }] };
    built(sound);
    expect(sound).toEqual({ cores: [[1, 0]], nodes: [{ id: 3, cpus: [1, 0] }] });
  });

  it('all problems of a spec are named at once', () => {
    const result = buildTopology({
      cores: [[0, 1], [1]],
      nodes: [...NODES, { id: 0, cpus: [0] }],
      offline: [7],
    });
    expect('problems' in result && result.problems.map((problem) => problem.code)).toEqual([
      'cpu-in-two-cores',
      'duplicate-node',
      'cpu-in-two-nodes',
      'offline-not-present',
    ]);
  });
});
