/**
 * The pool of a QingTian parent before and after it is reserved: which CPUs and pages a configuration
 * would get, and which nodes can serve a start. By small examples on odd hosts.
 */
import { describe, expect, it } from 'vitest';
import type { QingtianConf } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { planHugepages } from '../../core/memory/hugepages.js';
import { reservePages } from '../../core/memory/node-memory.js';
import type { NamedOptions } from '../../core/platform/profile.js';
import { type ReserveContext, startContext } from '../../core/platform/qingtian/context.js';
import {
  candidates,
  equalShares,
  movableCores,
  planPages,
} from '../../core/platform/qingtian/pool-plan.js';
import { pickCores, pickRuns, supplyOf } from '../../core/platform/qingtian/pool-supply.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { reserveContext } from '../../core/platform/qingtian/reservation.js';
import type { TopologySpec } from '../../core/topology/topology.js';
import { type QingtianHostRow, requestOf } from '../../scenarios/conform/qingtian.js';
import { hostOf, SEED, SIXTEEN, take } from './qingtian-hosts.js';
import { TWO } from './qingtian-scenes.js';

function described(topology: TopologySpec, options: NamedOptions = {}): Host {
  const memoryMib = topology.nodes.map(() => 2048);
  const made = describeHost({ profile: qingtianProfile(), topology, memoryMib, options });
  if ('problems' in made) throw new Error(made.problems[0]?.message);
  return made.host;
}

const contextOf = (host: Host, conf: QingtianConf): ReserveContext =>
  reserveContext(SEED, host, conf);
const MANY = { poolNodes: 'many' } as const;

describe('CPUs that a reservation would take', () => {
  const listed = [11, 4, 10, 5];

  it('those of a list in ascending order, whatever order it has', () => {
    const host = hostOf(TWO);
    expect(candidates(contextOf(host, { cpuList: listed }))).toEqual([
      { cpus: [4, 5, 10, 11], nodes: [0, 1] },
    ]);
    expect(listed).toEqual([11, 4, 10, 5]);
  });

  it('nodes by number, also where the higher CPUs are on the lower node', () => {
    const host = described(
      {
        cores: [0, 2, 4, 6].map((cpu) => [cpu, cpu + 1]),
        nodes: [
          { id: 0, cpus: [0, 1, 6, 7] },
          { id: 1, cpus: [2, 3, 4, 5] },
        ],
      },
      MANY,
    );
    expect(candidates(contextOf(host, { cpuList: [4, 5, 6, 7] }))[0].nodes).toEqual([0, 1]);
    expect(candidates(contextOf(host, { cpuCount: 4 }))).toEqual([
      { cpus: [2, 3, 6, 7], nodes: [0, 1] },
    ]);
  });

  it('whole cores from the lowest on, in ascending order where siblings are numbered in blocks', () => {
    const host = hostOf({ ...SIXTEEN, numbering: 'block' });
    expect(candidates(contextOf(host, { cpuCount: 6 }))).toEqual([
      { cpus: [1, 2, 3, 9, 10, 11], nodes: [0] },
    ]);
  });

  it('cores in ascending order whatever order they are given in, and never one of which a thread is offline', () => {
    const cores = [
      [8, 9],
      [0, 1],
      [6, 7],
      [2, 3],
      [4, 5],
    ];
    const cpus = Array.from({ length: 10 }, (_, cpu) => cpu);
    const host = described({ cores, nodes: [{ id: 0, cpus }] });
    const unpooled = { online: [...cpus.map(() => 1)], memory: host.memory };
    const free = () => movableCores(host.topology, unpooled, 0).map(([cpu]) => cpu);
    expect(free()).toEqual([2, 4, 6, 8]);
    for (const offline of [2, 3, 2]) {
      unpooled.online[offline] = 0;
      expect(free()).toEqual([4, 6, 8]);
      unpooled.online[offline] = 1;
    }
  });
});

describe('pages that a reservation would take', () => {
  const both = { cpus: [4, 5, 12, 13], nodes: [0, 1] };
  const PLAN = { hugepageSizeMib: 2, memoryMib: 1024, cpuList: both.cpus };

  it('none of a size that the kernel does not have, or that nobody named', () => {
    const host = hostOf(TWO);
    const wanted = (conf: QingtianConf) => planPages(contextOf(host, conf), both);
    expect(wanted({ hugepageSizeMib: 64, memoryMib: 128 })).toEqual({
      pages: [],
      wanted: 2,
      got: 0,
    });
    expect(wanted({ memoryMib: 128 })).toEqual({ pages: [], wanted: 128, got: 0 });
  });

  it('only the nodes that give some are named', () => {
    const nodes = [
      { cpus: '0-7', memoryMib: 1024, freeMib: [] },
      { cpus: '8-15', memoryMib: 1024 },
    ];
    const plan = planPages(contextOf(hostOf({ nodes, options: MANY }), PLAN), both);
    expect(plan.pages.map(({ node }) => node)).toEqual([1]);
    expect([plan.wanted, plan.got]).toEqual([512, 512]);
  });

  it('on top of pages of this size that are there already', () => {
    const host = hostOf({ ...TWO, options: MANY });
    const [memory] = host.memory;
    reservePages(memory, 0, planHugepages(memory, 0, 100).runs);
    const plan = planPages(contextOf(host, { ...PLAN, memoryMib: 2048 }), both);
    expect([plan.wanted, plan.got]).toEqual([1024, 412 + 512]);
    expect(plan.pages.map(({ runs }) => runs[1])).toEqual([412, 512]);
  });

  it.each([
    [30, [1, 1, 1, 7, 20], [1, 1, 1, 7, 20]],
    [12, [1, 5, 6], [1, 5, 6]],
    [99, [4, 0, 9], [4, 0, 9]],
  ])('%i over nodes that have %j: no share above what a node has', (total, limits, shares) => {
    expect(equalShares(total, limits)).toEqual(shares);
  });
});

describe('a fragmented node does not hide a sound one', () => {
  const ROWS: QingtianHostRow['nodes'] = [
    {
      cpus: '0-7',
      memoryMib: 4096,
      freeMib: [
        [2, 1020],
        [1026, 1020],
      ],
    },
    { cpus: '8-15', memoryMib: 4096 },
  ];
  const conf = { hugepage_size: 1024, memory_mib: 1024, cpu_count: 2 };

  it('the pool is on the second node where only that has the page', () => {
    const host = hostOf({ nodes: ROWS });
    const { refusal, facts } = take(host, 'reserve', conf);
    expect([refusal, facts.node]).toEqual([undefined, 1]);
    expect(host.tree.pool.avail.flat().every((cpu) => cpu >= 8)).toBe(true);
  });

  it('refused where none has it, with the most that one would give', () => {
    const host = hostOf({ nodes: [ROWS[0], { ...ROWS[0], cpus: '8-15' }] });
    expect(take(host, 'reserve', conf).refusal).toMatchObject({
      rule: 'pool-contiguity',
      numbers: { wanted: 1, got: 0 },
    });
  });
});

describe('the floor of the parent’s memory, by node', () => {
  const options = { parentMemoryScope: 'node' } as const;
  const floorOf = (host: Host, conf: QingtianConf) =>
    host.profile
      .diagnose(host, { kind: 'qingtian.reserve', conf })
      ?.find(({ rule }) => rule === 'parent-floor-memory')?.outcome;

  it('says nothing where no node gives the CPUs', () => {
    const host = hostOf({ ...SIXTEEN, options });
    const conf = { hugepageSizeMib: 2, memoryMib: 512 };
    expect(floorOf(host, { ...conf, cpuCount: 30 })).toMatchObject({
      verdict: 'not-applicable',
      reason: 'no node gives the CPUs',
    });
    expect(floorOf(host, { ...conf, cpuList: [] })).toMatchObject({ verdict: 'not-applicable' });
    expect(floorOf(host, { ...conf, cpuCount: 2 })).toMatchObject({ verdict: 'pass' });
  });
});

describe('nodes that can serve a start', () => {
  const row = (options: NamedOptions): QingtianHostRow => ({
    nodes: [
      { cpus: '0-3', memoryMib: 1024 },
      {
        cpus: '4-15',
        memoryMib: 1024,
        freeMib: [
          [0, 200],
          [300, 500],
        ],
      },
    ],
    options: { ...MANY, ...options },
  });
  function supplied(options: NamedOptions, cpus: number, mem: number) {
    const host = hostOf(row(options));
    const reserved = take(host, 'reserve', {
      hugepage_size: 2,
      memory_mib: 800,
      cpu_list: '2-3,8-13',
    });
    expect(reserved.refusal).toBeUndefined();
    const supply = supplyOf(startContext(SEED, host, requestOf(SEED, { cid: 9, cpus, mem })));
    const { nodes, byLimit, byCores, forPages, byPages, byRuns } = supply;
    return [nodes, byLimit, byCores, forPages, byPages, byRuns].map((list) =>
      list.map(({ position }) => position),
    );
  }

  it('all that allow the vCPUs, have the cores, the pages, and these in one run', () => {
    const whole = { contiguity: 'whole-run' };
    expect(supplied(whole, 2, 128)).toEqual(Array(6).fill([0, 1]));
    // The second node has 400 MiB in two runs.
    expect(supplied(whole, 4, 300)).toEqual([[0, 1], [1], [1], [1], [1], []]);
    expect(supplied({}, 4, 300)).toEqual([[0, 1], [1], [1], [1], [1], [1]]);
    expect(supplied(whole, 2, 300).at(-1)).toEqual([0]);
  });

  it('where none allows the vCPUs, or has the cores, all are asked for the rest', () => {
    expect(supplied({}, 12, 128)).toEqual([[0, 1], [0, 1], [], [0, 1], [0, 1], [0, 1]]);
    expect(supplied({}, 8, 128)).toEqual([[0, 1], [1], [], [1], [1], [1]]);
    expect(supplied({}, 2, 900)).toEqual([[0, 1], [0, 1], [0, 1], [0, 1], [], []]);
  });
});

describe('what a node gives', () => {
  it('one run from the first frame on is a run', () => {
    const host = hostOf({
      nodes: [{ cpus: '0-15', memoryMib: 1024 }],
      options: { contiguity: 'whole-run' },
    });
    take(host, 'reserve', { hugepage_size: 2, memory_mib: 256, cpu_list: '2-3' });
    const context = startContext(SEED, host, requestOf(SEED, { cid: 9, cpus: 2, mem: 256 }));
    expect(pickRuns(context, 0, 256)).toEqual([0, 128]);
    expect(runInPlace(host, { kind: 'qingtian.launch', request: context.request }).refusal).toBe(
      undefined,
    );
  });

  it('cores of one and two threads: as few as have the threads, and no place left empty', () => {
    const cores = [[0, 1], [2], [3, 4], [5], [6, 7]];
    const host = described({ cores, nodes: [{ id: 0, cpus: cores.flat() }] });
    const reserve = (cpuList: readonly number[]) => {
      const conf = { hugepageSizeMib: 2, memoryMib: 256, cpuList };
      expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
    };
    const picked = (vcpus: number) => pickCores(host, 0, vcpus);
    reserve([2, 3, 4, 6, 7]);
    expect(picked(3)).toEqual([
      { index: 0, cpus: [2] },
      { index: 1, cpus: [3, 4] },
    ]);
    reserve([3, 4, 5, 6, 7]);
    expect(picked(2)).toHaveLength(1);
    expect(picked(3)).toHaveLength(2);
    expect(picked(5)).toHaveLength(3);
    expect(picked(5)?.flatMap(({ cpus }) => cpus)).toEqual([3, 4, 5, 6, 7]);
    expect(picked(6)).toBeUndefined();
  });
});
