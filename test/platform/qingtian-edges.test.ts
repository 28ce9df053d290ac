/** Edges of QingTian's rules and derived facts, each on the host where it shows. */
import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace, runWhole } from '../../core/host/step.js';
import { derivedLines } from '../../core/platform/derived.js';
import type { NamedOptions } from '../../core/platform/profile.js';
import { mostEnclaves, unreachableGaps, vcpuRange } from '../../core/platform/qingtian/derived.js';
import { defaultOptions } from '../../core/platform/qingtian/options.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import type { TopologySpec } from '../../core/topology/topology.js';
import { requestOf } from '../../scenarios/conform/qingtian.js';
import { qingtianHost } from '../kit/hosts.js';
import { hostOf, picture, prepared, SEED, SIXTEEN, take } from './qingtian-hosts.js';

function described(topology: TopologySpec, options: NamedOptions = {}): Host {
  const memoryMib = topology.nodes.map(() => 2048);
  const made = describeHost({ profile: qingtianProfile(), topology, memoryMib, options });
  if ('problems' in made) throw new Error(made.problems[0]?.message);
  return made.host;
}

const CONF = { hugepageSizeMib: 2, memoryMib: 256 };
const ruleOf = (host: Host, conf: CommandOf<'qingtian.reserve'>['conf']) =>
  runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal?.rule;

describe('QingTian: edges of the reservation', () => {
  it('a CPU that is online and on no NUMA node is not for the pool', () => {
    const cores = [
      [0, 1],
      [2, 3],
      [4, 5],
    ];
    const host = described({ cores, nodes: [{ id: 0, cpus: [0, 1, 2, 3] }] });
    expect(ruleOf(host, { ...CONF, cpuList: [2, 3, 4] })).toBe('cpu-list-known');
    expect(ruleOf(host, { ...CONF, cpuList: [2, 3] })).toBeUndefined();
  });

  it('a page size that the kernel offers and the service does not know', () => {
    const host = qingtianHost({ pageSizesKib: [2048, 65_536] });
    const sized = (hugepageSizeMib: number) =>
      ruleOf(host, { hugepageSizeMib, memoryMib: 1024, cpuCount: 2 });
    expect([64, 1024, 2].map(sized)).toEqual(['hugepage-size', 'hugepage-size', undefined]);
  });
});

describe('QingTian: what a refused reservation says', () => {
  const saidOf = (host: Host, memoryMib: number, cpuCount: number) => {
    const conf = { hugepageSizeMib: 2, memoryMib, cpuCount };
    return runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal?.message;
  };
  const cores = [
    [0, 1, 2],
    [3, 4],
    [5, 6],
    [7, 8, 9],
  ];
  const nodes = [
    { id: 0, cpus: [0, 1, 2, 3, 4] },
    { id: 1, cpus: [5, 6, 7, 8, 9] },
  ];

  it('what would be left, and where that is less than nothing what was asked of what there is', () => {
    const host = qingtianHost({ nodes: 1, coresPerNode: 4, memoryMibPerNode: 2048 });
    expect([6, 8, 10].map((count) => saidOf(host, 256, count))).toEqual([
      undefined,
      '0 of 8 vCPUs would be left to the parent',
      '10 vCPUs asked, and the parent has 8',
    ]);
    expect([1538, 2048, 2050].map((mib) => saidOf(host, mib, 2))).toEqual([
      '510 of 2048 MiB would be left to the parent',
      '0 of 2048 MiB would be left to the parent',
      '2050 MiB asked, and the parent has 2048',
    ]);
  });

  it('how many CPUs there are to give, where, and in cores of what size', () => {
    const one = described({ cores, nodes });
    expect(saidOf(one, 256, 6)).toBe(
      '6 CPUs asked; one node gives at most 5, in whole cores of 2 or 3',
    );
    const many = described({ cores, nodes }, { poolNodes: 'many' });
    expect(saidOf(many, 256, 8)).toBe(
      '8 CPUs asked; all nodes give at most 7, in whole cores of 2 or 3',
    );
    const alone = described({ cores: [[0, 1, 2, 3]], nodes: [{ id: 0, cpus: [0, 1, 2, 3] }] });
    expect(saidOf(alone, 256, 2)).toBe('2 CPUs asked; one node gives none');
  });
});

describe('QingTian: edges of a start', () => {
  it.each([
    [
      [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
      3,
      'vcpu-even',
    ],
    [[[0, 1], [2], [3], [4], [5]], 3, 'vcpu-even'],
    [[[0], [1], [2], [3], [4], [5]], 3, undefined],
    [[[0], [1], [2], [3], [4], [5]], 1.5, 'vcpu-even'],
  ])('with evenness for two threads a core: %j, %d vCPUs', (cores, cpus, rule) => {
    const all = cores.flat();
    const host = described({ cores, nodes: [{ id: 0, cpus: all }] }, { vcpuEvenness: 'smt' });
    const cpuList = all.filter((cpu) => cpu > 1);
    expect(ruleOf(host, { ...CONF, cpuList })).toBeUndefined();
    const request = requestOf(SEED, { cid: 9, cpus, mem: 128 });
    expect(runInPlace(host, { kind: 'qingtian.define', request }).refusal?.rule).toBe(rule);
  });

  it('sections of the image may come in any order', () => {
    const sections = ['init', 'ramdisk', 'cmdline', 'kernel'] as const;
    const args = { cid: 9, cpus: 2, mem: 128, image: { sections } };
    expect(take(prepared(), 'define', args).refusal).toBeUndefined();
  });

  it('rounding up where nothing is reserved leaves the size as it is asked', () => {
    const host = hostOf({ ...SIXTEEN, options: { memoryRounding: 'round-up' } });
    const request = requestOf(SEED, { cid: 9, cpus: 2, mem: 129 });
    const verdicts = host.profile.diagnose(host, { kind: 'qingtian.define', request }) ?? [];
    const refusing = verdicts.filter(({ outcome }) => outcome.verdict === 'refuse');
    expect(refusing.map(({ rule }) => rule)).toEqual(['page-size', 'pool-cpus', 'pool-pages']);
    expect(refusing[2].outcome).toMatchObject({ numbers: { memoryMib: 129 } });
  });

  it('at once: refused by the row that refuses the first step, and nothing changes', () => {
    for (const run of [runInPlace, runWhole]) {
      const host = prepared();
      const before = picture(host);
      const request = requestOf(SEED, { cid: 9, cpus: 3, mem: 128 });
      expect(run(host, { kind: 'qingtian.launch', request })).toMatchObject({
        effects: [],
        facts: { events: [{ name: 'enclave.rejected', cause: 'vcpu-even' }] },
        refusal: { rule: 'vcpu-even' },
      });
      expect(picture(host)).toEqual(before);
    }
  });

  it('at once: on cores of one thread and of two the vCPUs are those of the cores', () => {
    const cores = [[0, 1], [2], [3, 4], [5]];
    const host = described({ cores, nodes: [{ id: 0, cpus: cores.flat() }] });
    expect(ruleOf(host, { ...CONF, cpuList: [2, 3, 4, 5] })).toBeUndefined();
    const request = requestOf(SEED, { cid: 9, cpus: 4, mem: 128 });
    runInPlace(host, { kind: 'qingtian.launch', request });
    expect(host.tree.records).toMatchObject([{ vcpus: [2, 3, 4, 5] }]);
  });

  it('at once: one effect for engines, spelled out for everybody else', () => {
    const request = requestOf(SEED, { cid: 9, cpus: 4, mem: 128 });
    const launch = { kind: 'qingtian.launch', request } as const;
    const whole = runWhole(prepared(), launch).effects;
    expect(whole.map(({ kind }) => kind)).toEqual(['admit']);
    const spelled = runInPlace(prepared(), launch).effects;
    expect(spelled.map(({ kind }) => kind)).toEqual([
      'set-counter',
      'add-enclave',
      'take-core',
      'take-core',
      'claim',
    ]);
  });
});

describe('QingTian: edges of the derived facts', () => {
  const OPTIONS = defaultOptions(SEED);
  const NONE = { maxEnclaves: 'none' } as const;
  const two = (memoryMib: number, ...cpus: readonly [string, string]) =>
    cpus.map((list) => ({ cpus: list, memoryMib }));

  it('a step of one page between two ranges is no gap', () => {
    expect(unreachableGaps({ ...OPTIONS, maxPages: 511 })).toEqual([]);
    expect(unreachableGaps({ ...OPTIONS, maxPages: 510 })).toEqual([
      { aboveMib: 1020, belowMib: 1024 },
    ]);
  });

  it('a node without CPUs has room for no enclave', () => {
    const nodes = [
      { id: 0, cpus: [0, 1, 2, 3] },
      { id: 1, cpus: [] },
    ];
    const host = described({
      cores: [
        [0, 1],
        [2, 3],
      ],
      nodes,
    });
    expect([0, 1].map((at) => vcpuRange(host, OPTIONS, at).max)).toEqual([2, 0]);
  });

  it.each([
    ['a pool of one node', { nodes: two(4096, '0-7', '8-15'), options: NONE }, 4],
    [
      'a pool of many',
      { nodes: two(4096, '0-7', '8-15'), options: { ...NONE, poolNodes: 'many' } },
      7,
    ],
    ['62 vCPUs in all', { nodes: [{ cpus: '0-127', memoryMib: 65_536 }], options: NONE }, 31],
    [
      '62 vCPUs each',
      {
        nodes: [{ cpus: '0-127', memoryMib: 65_536 }],
        options: { ...NONE, vcpuTotalScope: 'per-enclave' },
      },
      63,
    ],
    ['the pages of a node', { nodes: two(640, '0-15', '16-31'), options: NONE }, 5],
    [
      'the memory that the parent keeps',
      { nodes: [{ cpus: '0-31', memoryMib: 1024 }], options: NONE },
      4,
    ],
    [
      'the vCPUs that it keeps',
      { nodes: [{ cpus: '0-7', memoryMib: 4096 }], options: { ...NONE, parentVcpus: 6 } },
      1,
    ],
  ] as const)('the most enclaves, bounded by %s', (_, row, most) => {
    expect(mostEnclaves(SEED, hostOf(row))).toBe(most);
  });

  it('pages too small for the least memory hold no enclave, though the parent has many of them', () => {
    const options = { ...NONE, minMemoryMib: 600 };
    const row = { nodes: [{ cpus: '0-15', memoryMib: 4096 }], options };
    // 3.5 GiB without the parent's floor: five of 600 MiB, but three pages of 1 GiB.
    expect(mostEnclaves(SEED, hostOf(row))).toBe(3);
    const host = hostOf(row);
    const conf = { hugepageSizeMib: 2, memoryMib: 600, cpuList: [2, 3] };
    expect(ruleOf(host, conf)).toBeUndefined();
    expect(take(host, 'launch', { cid: 16, cpus: 2, mem: 600 }).refusal?.rule).toBe('memory-max');
    const lines = derivedLines(host.profile.derivedFacts(host));
    expect(lines.filter((line) => line.includes('pages'))).toEqual([
      '2 MiB pages: too few of them per enclave for the least memory',
      '1 GiB pages: 1 GiB to 256 GiB per enclave, image at most 64 GiB',
    ]);
    const exact = { ...row, options: { ...NONE, minMemoryMib: 512 } };
    const exactly = hostOf(exact);
    expect(mostEnclaves(SEED, exactly)).toBe(7);
    expect(derivedLines(exactly.profile.derivedFacts(exactly))).toContain(
      '2 MiB pages: 512 MiB to 512 MiB per enclave, image at most 128 MiB',
    );
  });

  it('only page sizes that the kernel offers count', () => {
    const cores = Array.from({ length: 8 }, (_, i) => [2 * i, 2 * i + 1]);
    const topology = {
      cores,
      nodes: [{ id: 0, cpus: cores.flat() }],
      pageSizesKib: [64, 1_048_576],
    };
    const made = describeHost({
      profile: qingtianProfile(),
      topology,
      memoryMib: [4096],
      options: NONE,
      layout: { kind: 'explicit', freeKib: [[[0, 4_194_304]]] },
    });
    if ('problems' in made) throw new Error(made.problems[0]?.message);
    // 3.5 GiB without the parent's floor.
    expect(mostEnclaves(SEED, made.host)).toBe(3);
  });
});
