/** Parents by the name of their type: what is filled in, where it comes from, and what is refused. */
import { describe, expect, it } from 'vitest';
import { describeHost, type HostDescription } from '../../core/host/describe.js';
import { HOLE } from '../../core/memory/node-memory.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { vmProfile } from '../../core/platform/vm/profile.js';

const nitro = (part: Partial<HostDescription>): HostDescription => ({
  profile: nitroProfile(),
  ...part,
});

function described(description: HostDescription) {
  const answer = describeHost(description);
  if ('problems' in answer) throw new Error(JSON.stringify(answer.problems));
  return answer;
}

function problemsOf(description: HostDescription) {
  const answer = describeHost(description);
  return 'problems' in answer ? answer.problems : [];
}

const CORES = [
  [0, 1],
  [2, 3],
];
const NODES = [{ id: 0, cpus: [0, 1, 2, 3] }];
const SMALL = { topology: { cores: CORES, nodes: NODES }, memoryMib: [4096] };

describe('a parent of the catalogue', () => {
  it('has its CPUs, its nodes, their usable memory, and a PCI hole on the first x86 node', () => {
    const { host } = described(nitro({ type: 'm5.16xlarge' }));
    expect(host.parent).toEqual({
      flavor: 'm5.16xlarge',
      region: 'any',
      os: 'linux',
      bareMetal: false,
      enclaves: 'supported',
      memoryMib: 252_466,
    });
    expect(host.tree.online).toEqual(new Array(64).fill(1));
    expect(host.memory.map(({ base }) => [base.frames, base.freeFrames])).toEqual([
      [66_048, 63_086],
      [65_536, 63_146],
    ]);
    const holes = host.memory.map(({ base }) =>
      [...base.extents()]
        .filter(({ owner }) => owner === HOLE)
        .map(({ start, frames }) => [start, frames]),
    );
    expect(holes).toEqual([[[1536, 512]], []]);
  });

  it('of another architecture has no such hole', () => {
    const { host } = described(nitro({ type: 'm6g.xlarge' }));
    expect(host.memory[0].frameKib).toBe(64);
    expect(host.memory[0].base.frames).toBe(16 * 1024 * 16);
  });

  it('may be of metal, or lend its cores in turn; each says so', () => {
    expect(described(nitro({ type: 'm5.metal' })).host.parent.bareMetal).toBe(true);
    const { provenance } = described(nitro({ type: 't3.2xlarge' }));
    expect(provenance).toEqual([
      'vCPUs and memory of t3.2xlarge: documented',
      'CPUs of each node: measured; siblings: inferred',
      'usable memory of each node: measured',
      'burstable: its cores serve other VMs in turn, so nothing is claimed about shared caches',
    ]);
    expect(described(nitro({ type: 'm5.metal' })).provenance.at(-1)).toBe(
      'last-level caches: unknown',
    );
  });

  it('that is like none is told where all are', () => {
    expect(problemsOf(nitro({ type: 'zzz' }))).toEqual([
      {
        path: 'type',
        message: 'unknown instance type "zzz"',
        suggestion: 'listInstanceTypes() has all',
      },
    ]);
  });

  it('that nobody knows is told with names like it', () => {
    expect(problemsOf(nitro({ type: 'm5.16xlrge' }))).toEqual([
      {
        path: 'type',
        message: 'unknown instance type "m5.16xlrge"',
        suggestion: 'did you mean m5.16xlarge, g5.16xlarge, m4.16xlarge?',
      },
    ]);
  });

  it.each(['c8gn.metal-24xl'])('%s, whose nodes nobody measured, is no guess', (type) => {
    expect(problemsOf(nitro({ type }))).toEqual([
      {
        path: 'type',
        message: `${type}: nobody published the number of NUMA nodes of ${type}`,
        suggestion: 'describe its topology explicitly',
      },
    ]);
  });

  it('is given by its type or by its topology, not by both and not by neither', () => {
    const both = [{ path: 'type', message: 'give a catalogue type or a topology, not both' }];
    expect(problemsOf(nitro({ type: 'm5.xlarge', topology: SMALL.topology }))).toEqual(both);
    expect(problemsOf(nitro({ type: 'm5.xlarge', memoryMib: [4096] }))).toEqual(both);
    const neither = [
      { path: 'topology', message: 'give a catalogue type, or a topology with memory per node' },
    ];
    expect(problemsOf(nitro({}))).toEqual(neither);
    expect(problemsOf(nitro({ topology: SMALL.topology }))).toEqual([
      {
        path: 'memoryMib',
        message: 'a topology needs the usable MiB of each of its nodes',
        suggestion: 'give a list of 1 size',
      },
    ]);
    expect(problemsOf(nitro({ memoryMib: [4096] }))).toEqual(neither);
  });
});

describe('facts of a parent', () => {
  it('are those given, else the platform’s, else the type’s, else a custom Linux machine', () => {
    const parent = { flavor: 'x1', region: 'r1', os: 'other', bareMetal: true } as const;
    expect(described(nitro({ ...SMALL, parent })).host.parent).toEqual({
      ...parent,
      memoryMib: 4096,
    });
    expect(described(nitro({ ...SMALL })).host.parent).toEqual({
      flavor: 'custom',
      region: 'any',
      os: 'linux',
      bareMetal: false,
      memoryMib: 4096,
    });
    const qingtian = described({ profile: qingtianProfile(), ...SMALL }).host.parent;
    expect([qingtian.flavor, qingtian.region]).toEqual(['c7e', 'Shanghai-1']);
  });

  it('a shape that stands for another flavor is told as assumed', () => {
    const of = (type: string, flavor?: string) =>
      described({ ...nitro({ type }), ...(flavor === undefined ? {} : { parent: { flavor } }) });
    expect(of('m5.xlarge', 'c7e.4xlarge').provenance.at(-1)).toBe(
      'the shape of m5.xlarge stands for a c7e.4xlarge parent: assumed',
    );
    expect(of('m5.xlarge', 'm5.xlarge').provenance).toEqual(of('m5.xlarge').provenance);
    const given = described(nitro({ ...SMALL, parent: { flavor: 'x1' } })).provenance;
    expect(given).toEqual([
      'topology and usable memory: given by the description',
      'last-level caches: unknown',
    ]);
    const caches = { ...SMALL.topology, lastLevelCaches: [[0, 1, 2, 3]] };
    expect(described(nitro({ ...SMALL, topology: caches })).provenance[1]).toBe(
      'last-level caches: given by the description',
    );
  });

  it('the hypervisor is the platform’s but for what is given', () => {
    const plain = described(nitro(SMALL)).host.hypervisor;
    expect(plain).toEqual(nitroProfile().hypervisor);
    const given = described(nitro({ ...SMALL, hypervisor: { maxEnclaves: 9 } })).host.hypervisor;
    expect(given).toEqual({ ...plain, maxEnclaves: 9 });
  });
});

describe('a description that cannot be', () => {
  it('has every problem of options and body told at once', () => {
    const answer = problemsOf({ profile: vmProfile(), options: { nope: 1 }, memoryMib: [4096] });
    expect(answer.map(({ path }) => path)).toEqual(['options', 'topology']);
    const options = problemsOf({ ...SMALL, profile: vmProfile(), options: { nope: 1 } });
    expect(options).toEqual([{ path: 'options', message: 'vm has no option "nope"' }]);
  });

  it.each([
    [[4096, 4096], 'memoryMib', '2 memory sizes for 1 node'],
    [[-1], 'memoryMib.0', '-1 MiB on a node: a whole number of at least 0 is needed'],
    [[0.5], 'memoryMib.0', '0.5 MiB on a node: a whole number of at least 0 is needed'],
    [[0], 'memoryMib', 'no node has memory'],
  ])('memory %j is told', (memoryMib, path, message) => {
    expect(problemsOf(nitro({ ...SMALL, memoryMib }))).toMatchObject([{ path, message }]);
  });

  it('a topology’s own problems are told under its name', () => {
    const topology = { cores: CORES, nodes: [{ id: 0, cpus: [0, 1, 2] }] };
    const [first] = problemsOf(nitro({ ...SMALL, topology }));
    expect(first.path).toMatch(/^topology\./);
  });

  it.each([
    [{ kind: 'uptime', days: 36_525, seed: -(2 ** 31) }, []],
    [{ kind: 'uptime', days: 0, seed: 2 ** 32 - 1 }, []],
    [{ kind: 'uptime', days: 36_526, seed: 0 }, ['layout.days']],
    [{ kind: 'uptime', days: -1, seed: 0 }, ['layout.days']],
    [{ kind: 'uptime', days: 1, seed: 2 ** 32 }, ['layout.seed']],
    [{ kind: 'uptime', days: 1, seed: -(2 ** 31) - 1 }, ['layout.seed']],
  ] as const)('layout %j has problems %j', (layout, paths) => {
    const memoryMib = [16];
    expect(problemsOf(nitro({ ...SMALL, memoryMib, layout })).map(({ path }) => path)).toEqual(
      paths,
    );
  });

  it('lists of free memory are counted, and said to be missing', () => {
    const said = (freeKib: unknown) =>
      problemsOf(
        nitro({ ...SMALL, layout: { kind: 'explicit', freeKib } as HostDescription['layout'] }),
      );
    expect(said([])).toEqual([
      {
        path: 'layout.freeKib',
        message: '0 lists of free memory for 1 node',
        suggestion: 'give one list per node; [] for none',
      },
    ]);
    expect(said(undefined)).toMatchObject([{ message: 'should be a list of runs for each node' }]);
  });
});
