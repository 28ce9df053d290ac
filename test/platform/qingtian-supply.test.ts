/** What the pool of a QingTian parent gives a start, and what its options mean: by small examples. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace, runWhole } from '../../core/host/step.js';
import {
  nodeVcpuLimit,
  onlyPoolNode,
  poolNodes,
  totalVcpuLimit,
} from '../../core/platform/qingtian/nodes.js';
import { defaultOptions, resolveOptions } from '../../core/platform/qingtian/options.js';
import { equalShares } from '../../core/platform/qingtian/pool-plan.js';
import {
  freePoolMib,
  pickCores,
  pickRuns,
  reservedSize,
  wholeThreads,
} from '../../core/platform/qingtian/pool-supply.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { qingtianVersion } from '../../core/platform/qingtian/versions.js';
import {
  type QingtianHostRow,
  requestOf,
  type StepArguments,
} from '../../scenarios/conform/qingtian.js';
import { hostOf, picture, prepared, SEED, SIXTEEN, take } from './qingtian-hosts.js';
import { TWO } from './qingtian-scenes.js';

const OPTIONS = defaultOptions(SEED);
const MANY: QingtianHostRow = { ...TWO, options: { poolNodes: 'many', maxEnclaves: 'none' } };

/** A host on which these steps went well. */
function hostAfter(
  row: QingtianHostRow,
  ...steps: readonly (readonly [string, StepArguments])[]
): Host {
  const host = hostOf(row);
  for (const [op, args] of steps) {
    expect([op, args, take(host, op, args).refusal]).toEqual([op, args, undefined]);
  }
  return host;
}

const pool = (args: StepArguments) => ['reserve', { hugepage_size: 2, ...args }] as const;
const start = (cid: number, args: StepArguments = {}) =>
  ['launch', { cid, cpus: 2, mem: 128, ...args }] as const;

describe('cores of the pool', () => {
  it('whole ones only, the lowest that have the threads', () => {
    const host = hostAfter(SIXTEEN, pool({ memory_mib: 512, cpu_list: '3,4-7,10' }));
    // Cores 1 and 5 are there by one thread of two.
    expect(host.tree.pool.avail).toEqual([[3], [4, 5], [6, 7], [10]]);
    expect(wholeThreads(host, 0)).toBe(4);
    expect(pickCores(host, 0, 2)).toEqual([{ index: 1, cpus: [4, 5] }]);
    expect(pickCores(host, 0, 3)).toEqual([
      { index: 1, cpus: [4, 5] },
      { index: 2, cpus: [6, 7] },
    ]);
    expect(pickCores(host, 0, 4)).toHaveLength(2);
    expect(pickCores(host, 0, 5)).toBeUndefined();
    expect(pickCores(host, 0, 0)).toEqual([]);
    expect(pickCores(host, 0, Number.NaN)).toBeUndefined();
  });

  it('those of the node asked for, and not those that are taken', () => {
    const host = hostAfter(MANY, pool({ memory_mib: 512, cpu_list: '4-11' }));
    expect([wholeThreads(host, 0), wholeThreads(host, 1)]).toEqual([4, 4]);
    expect(pickCores(host, 1, 4)?.map(({ index }) => index)).toEqual([2, 3]);
    take(host, 'launch', { cid: 20, cpus: 4, mem: 128 });
    expect([wholeThreads(host, 0), wholeThreads(host, 1)]).toEqual([0, 4]);
    expect(pickCores(host, 0, 2)).toBeUndefined();
    // A node whose cores are all taken is the pool's all the same.
    expect(poolNodes(host)).toEqual([0, 1]);
  });

  it('no pool has no nodes; one pool on one node has that one', () => {
    const many = { ...OPTIONS, poolNodes: 'many' as const };
    expect(poolNodes(hostOf(TWO))).toEqual([]);
    expect(onlyPoolNode(hostOf(TWO), OPTIONS)).toBeUndefined();
    const host = hostAfter(TWO, pool({ memory_mib: 512, cpu_list: '10-11' }));
    expect(onlyPoolNode(host, OPTIONS)).toBe(1);
    expect(onlyPoolNode(host, many)).toBeUndefined();
    expect(poolNodes(host)).toEqual([1]);
  });
});

describe('pages of the pool', () => {
  it('one run where there is one, else the lowest pieces; one run only where that is asked', () => {
    const row = {
      nodes: [
        {
          cpus: '0-15',
          memoryMib: 2048,
          freeMib: [
            [0, 100],
            [200, 100],
            [400, 900],
          ],
        },
      ],
    } as const;
    const host = hostAfter(row, pool({ memory_mib: 300, cpu_count: 2 }));
    expect([reservedSize(host, 0), freePoolMib(host, 0)]).toEqual([0, 300]);
    const context = { host, options: OPTIONS };
    const whole = { host, options: { ...OPTIONS, contiguity: 'whole-run' } as const };
    expect(pickRuns(context, 0, 100)).toHaveLength(2);
    expect(pickRuns(context, 0, 102)).toEqual([0, 50, 100, 1]);
    expect(pickRuns(context, 0, 300)).toEqual([0, 50, 100, 50, 200, 50]);
    expect(pickRuns(context, 0, 302)).toBeUndefined();
    expect(pickRuns(whole, 0, 100)).toHaveLength(2);
    expect(pickRuns(whole, 0, 102)).toBeUndefined();
    expect(pickRuns(context, 0, 0)).toEqual([]);
    // Whole pages: half a page is one.
    expect(pickRuns(context, 0, 1)?.[1]).toBe(1);
  });

  it('of 1 GiB: another size index, frames by the page', () => {
    const host = hostAfter(SIXTEEN, pool({ hugepage_size: 1024, memory_mib: 2048, cpu_count: 2 }));
    expect([reservedSize(host, 0), freePoolMib(host, 0)]).toEqual([1, 2048]);
    expect(pickRuns({ host, options: OPTIONS }, 0, 1025)?.[1]).toBe(1024);
  });

  it('none without a reservation', () => {
    const host = hostOf();
    expect([reservedSize(host, 0), freePoolMib(host, 0)]).toEqual([-1, 0]);
    expect(pickRuns({ host, options: OPTIONS }, 0, 2)).toBeUndefined();
  });

  it.each([
    [10, [10, 10], [5, 5]],
    [11, [10, 10], [6, 5]],
    [10, [2, 10, 10], [2, 4, 4]],
    [30, [2, 3, 4], [2, 3, 4]],
    [1, [0, 9], [0, 1]],
    [0, [4, 4], [0, 0]],
    [5, [], []],
  ])('%i pages over nodes that have %j: %j', (total, limits, shares) => {
    expect(equalShares(total, limits)).toEqual(shares);
  });
});

describe('limits of vCPUs', () => {
  it('of a node: two less, everywhere or only where CPU 0 is, and one less for "fewer than"', () => {
    const { topology } = hostOf({
      nodes: [
        { cpus: '0-7', memoryMib: 64 },
        { cpus: '8-11', memoryMib: 64 },
      ],
    });
    const limits = (given: Partial<typeof OPTIONS>) =>
      [0, 1].map((position) => nodeVcpuLimit(topology, { ...OPTIONS, ...given }, position));
    expect(limits({})).toEqual([6, 2]);
    expect(limits({ nodeMaxScope: 'cpu0' })).toEqual([6, 4]);
    expect(limits({ boundary: 'below' })).toEqual([5, 1]);
    expect(totalVcpuLimit(OPTIONS)).toBe(62);
    expect(totalVcpuLimit({ ...OPTIONS, boundary: 'below' })).toBe(61);
  });
});

describe('options and promises of a version', () => {
  it('the same named options mean what each version makes of them', () => {
    const named = { maxPages: 7 };
    const readme = qingtianVersion('readme');
    expect(resolveOptions(SEED, named)).toEqual({ ...OPTIONS, maxPages: 7 });
    expect(resolveOptions(readme, named)).toEqual({ ...defaultOptions(readme), maxPages: 7 });
    expect(resolveOptions(SEED, named)).toEqual({ ...OPTIONS, maxPages: 7 });
  });

  it('the same named options are the very same object, whatever was asked for between', () => {
    const [named, other] = [{ maxPages: 7 }, { maxPages: 8 }];
    const kept = resolveOptions(SEED, named);
    expect(resolveOptions(SEED, other)).not.toBe(kept);
    expect(resolveOptions(SEED, named)).toBe(kept);
    expect(resolveOptions(SEED, named)).toBe(kept);
  });

  it.each([
    [
      {},
      {
        maxEnclaves: 2,
        vcpuStep: 2,
        maxVcpus: 62,
        maxVcpusTotal: 62,
        minMemoryMib: 128,
        maxPages: 256,
        imageFactor: 4,
      },
    ],
    [
      { maxEnclaves: 'none', vcpuEvenness: 'smt', vcpuTotalScope: 'all', boundary: 'below' },
      { maxVcpusTotal: 61, minMemoryMib: 128, maxPages: 256, imageFactor: 4 },
    ],
    [
      { vcpuTotalScope: 'per-enclave', maxPages: 9, minMemoryMib: 2, imageRatio: 3 },
      { maxEnclaves: 2, vcpuStep: 2, maxVcpus: 62, minMemoryMib: 2, maxPages: 9, imageFactor: 3 },
    ],
  ])('caps with %j', (options, caps) => {
    const host = hostOf({ ...SIXTEEN, options });
    const { guarantees } = host.profile;
    expect(guarantees?.caps(host)).toEqual(caps);
    expect(guarantees?.caps(host)).toEqual(caps);
  });

  it('two versions with the very same options keep their own caps', () => {
    const host = hostOf();
    const caps = (id: 'readme' | '2022-10') =>
      qingtianProfile(id).guarantees?.caps({ ...host, options: EMPTY });
    expect(caps('2022-10')).toMatchObject({ maxEnclaves: 2, maxVcpus: 62 });
    expect(caps('readme')).not.toHaveProperty('maxEnclaves');
    expect(caps('readme')).toMatchObject({ maxVcpus: 61 });
  });

  it('one node, whole cores, CIDs from 4, the parent at 3, and a floor for it', () => {
    const host = hostOf({ ...SIXTEEN, options: { parentVcpus: 4, parentMemoryMib: 600 } });
    const { guarantees } = host.profile;
    expect(guarantees).toMatchObject({
      surface: 'qingtianEnclave',
      numaLocal: true,
      wholeCores: true,
      reservedCids: [0, 1, 2, 3],
      parentCid: 3,
      countsReserved: true,
    });
    expect(guarantees?.parentFloor?.(host)).toEqual({ vcpus: 4, memoryMib: 600 });
    expect(qingtianProfile()).toBe(qingtianProfile('2022-10'));
  });
});

const EMPTY = {};

/** A prepared host and a start on it. */
const STARTS: readonly (readonly [string, () => Host, StepArguments])[] = [
  ['on a fresh pool', prepared, { debug: true }],
  ['of several cores', prepared, { cpus: 6, mem: 512 }],
  [
    'in pages that lie apart',
    () => {
      const host = hostAfter(
        { ...SIXTEEN, options: { maxEnclaves: 'none' } },
        pool({ memory_mib: 512, cpu_list: '2-13' }),
        start(20),
        start(21),
        start(22),
      );
      take(host, 'stop', { uid: 1 });
      return host;
    },
    { mem: 256 },
  ],
  ['on the second node', () => hostAfter(TWO, pool({ memory_mib: 512, cpu_list: '8-11' })), {}],
  [
    'on the node that has the pages',
    () => hostAfter(MANY, pool({ memory_mib: 512, cpu_list: '4-11' }), start(20)),
    { mem: 256 },
  ],
  [
    'rounded up, a core in part',
    () =>
      hostAfter(
        { ...SIXTEEN, threadsPerCore: 4, options: { memoryRounding: 'round-up' } },
        pool({ memory_mib: 512, cpu_count: 8 }),
      ),
    { cpus: 6, mem: 131 },
  ],
];

describe('a start at once', () => {
  it.each(STARTS)('%s: the host that the steps leave, whole or spelled out', (_, build, args) => {
    const request = requestOf(SEED, { cid: 99, cpus: 2, mem: 128, ...args });
    const stepwise = build();
    expect(
      take(stepwise, 'launch', { cid: 99, cpus: 2, mem: 128, ...args }).refusal,
    ).toBeUndefined();
    for (const run of [runInPlace, runWhole]) {
      const atOnce = build();
      const { facts } = run(atOnce, { kind: 'qingtian.launch', request });
      const uid = stepwise.tree.counters.nextSlot - 1;
      const { node } = theRecord(stepwise.tree, uid);
      expect(facts).toEqual({ uid, cid: 99, node, events: [{ name: 'enclave.running', uid }] });
      expect(picture(atOnce)).toEqual(picture(stepwise));
    }
  });
});
