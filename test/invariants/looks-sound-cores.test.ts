/**
 * The silent pass of the audit beside the full check, where an enclave lies over nodes, where cores are
 * split and no other enclave makes the pass look at all of them, and at the bounds of one enclave.
 */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { looksSound } from '../../core/invariants/looks-sound.js';
import { qingtianHost } from '../kit/hosts.js';
import { CONF, claimed, expectVerdict, type Row, reserved, withGap } from './compound-books.js';
import { must, startQingtian } from './sound-hosts.js';

function entry(host: Host, uid: number, change: (enclave: ReturnType<typeof theRecord>) => void) {
  change(theRecord(host.tree, uid));
}

/** Enclave 0 on one of two nodes: all its cores and its one run of pages. */
function onOneNode(): Host {
  const host = qingtianHost({ coresPerNode: 8, nodes: 2, memoryMibPerNode: 3072 });
  must(host, { kind: 'qingtian.reserve', conf: CONF });
  startQingtian(host, 4);
  return host;
}

function otherNode(host: Host): number {
  const [{ node }] = theRecord(host.tree, 0).extents;
  return 1 - node;
}

/** Enclave 0 has no memory any more, and its record says so. */
function withoutMemory(host: Host): void {
  const enclave = theRecord(host.tree, 0);
  for (const { node, size, handle } of enclave.extents)
    host.memory[node].pools[size].store.free(handle);
  Object.assign(enclave, { extents: [], donated: [] });
}

/** Enclave 0 has the last core of the other node too. */
function withFarCore(host: Host): void {
  const enclave = theRecord(host.tree, 0);
  const { cores, nodeOf } = host.topology;
  const far = cores.filter(([cpu]) => nodeOf[cpu] === otherNode(host)).at(-1) ?? [];
  for (const cpu of far) host.tree.online[cpu] = 0;
  enclave.cores = [...enclave.cores, { index: 99, cpus: far }];
  enclave.vcpus = [...enclave.vcpus, ...far];
}

const NODES: readonly Row[] = [
  ['cores and pages of one node', onOneNode, () => {}, 'sound'],
  [
    'a second run of pages on the other node',
    onOneNode,
    (host) => {
      const more = claimed(host, otherNode(host), 0, 900, 4);
      entry(host, 0, (enclave) => {
        enclave.extents.push(...more.extents);
        enclave.donated.push(...more.donated);
        enclave.memoryBytes += more.donated[1] ?? 0;
      });
    },
    'broken',
  ],
  [
    'a second run of pages on the other node, and no guest running',
    onOneNode,
    (host) => {
      const more = claimed(host, otherNode(host), 0, 900, 4);
      entry(host, 0, (enclave) => {
        enclave.extents.push(...more.extents);
        enclave.donated.push(...more.donated);
        enclave.state = 'loaded';
      });
    },
    'sound',
  ],
  [
    'all pages on the other node',
    onOneNode,
    (host) => {
      const pages = claimed(host, otherNode(host), 0, 900, 64);
      withoutMemory(host);
      Object.assign(theRecord(host.tree, 0), pages, { memoryBytes: pages.donated[1] });
    },
    'broken',
  ],
  [
    'a page, where no enclave may have so little',
    onOneNode,
    (host) => {
      const page = claimed(host, 1 - otherNode(host), 0, 900, 1);
      withoutMemory(host);
      const enclave = theRecord(host.tree, 0);
      const request = { ...enclave.request, imageBytes: 0 };
      Object.assign(enclave, page, { memoryBytes: page.donated[1], request });
    },
    'broken',
  ],
  ['a core of the other node', onOneNode, withFarCore, 'broken'],
  ['cores of one node, and no pages', onOneNode, withoutMemory, 'broken'],
  [
    'cores of two nodes, and no pages',
    onOneNode,
    (host) => {
      withFarCore(host);
      withoutMemory(host);
    },
    'broken',
  ],
];

/** One enclave of one core, so that nothing else of the host can make the pass look closer. */
function single(): Host {
  const host = reserved();
  startQingtian(host, 4);
  return host;
}

/** Enclave 0 has these threads in place of its own, which nobody has then; it runs no more. */
function withThreads(host: Host, ...cpus: readonly number[]): void {
  entry(host, 0, (enclave) => {
    for (const cpu of cpus) host.tree.online[cpu] = 0;
    // What it had goes back to the pool, so that no CPU is lost.
    const [{ index, cpus: had }] = enclave.cores;
    host.tree.pool.avail[index] = had.filter((cpu) => !cpus.includes(cpu));
    enclave.cores = [{ index: enclave.cores[0].index, cpus }];
    enclave.vcpus = [...cpus];
    enclave.state = 'loaded';
  });
}

function coresOfParent({ topology, tree }: Host): readonly (readonly number[])[] {
  return topology.cores.filter(([cpu]) => tree.online[cpu] === 1 && cpu !== 0);
}

const ONE_CORE: readonly Row[] = [
  ['a core of its own', single, () => {}, 'sound'],
  [
    'one thread of a core whose other one is the parent’s',
    single,
    (host) => withThreads(host, coresOfParent(host)[0][1]),
    'broken',
  ],
  [
    'one thread each of two cores of the parent',
    single,
    (host) => {
      const [first, second] = coresOfParent(host);
      withThreads(host, first[0], second[1]);
    },
    'broken',
  ],
  ['the core of CPU 0', single, (host) => withThreads(host, ...host.topology.cores[0]), 'broken'],
  [
    'a whole core that was the parent’s',
    single,
    (host) => withThreads(host, ...coresOfParent(host)[0]),
    'sound',
  ],
];

function withThreadOfNoCore(host: Host): void {
  const enclave = theRecord(host.tree, 0);
  enclave.cores = [...enclave.cores, { index: 99, cpus: [2] }];
}

const GAPS: readonly Row[] = [
  ['ids without a CPU', withGap, () => {}, 'sound'],
  [
    'found bug: on one node a running enclave with a thread of no node counted as certain',
    withGap,
    withThreadOfNoCore,
    'broken',
  ],
  [
    'a thread of no core, and no guest running',
    withGap,
    (host) => {
      withThreadOfNoCore(host);
      theRecord(host.tree, 0).state = 'loaded';
    },
    'sound',
  ],
];

/** Enclave 0 has two pages of 1 GiB. */
function twoLargePages(): Host {
  const host = qingtianHost({ memoryMibPerNode: 8192, nodes: 1, coresPerNode: 8 });
  must(host, {
    kind: 'qingtian.reserve',
    conf: { hugepageSizeMib: 1024, memoryMib: 3072, cpuCount: 4 },
  });
  startQingtian(host, 4, 2048);
  return host;
}

const bounded = (part: Readonly<Record<string, number | string>>) => (host: Host) => {
  return { ...host, options: { ...host.options, ...part } };
};

const BOUNDS: readonly Row[] = [
  ['two pages where two are the most', twoLargePages, bounded({ maxPages: 2 }), 'sound'],
  ['two pages where one is the most', twoLargePages, bounded({ maxPages: 1 }), 'broken'],
  [
    'two vCPUs where an enclave may have two',
    single,
    bounded({ vcpuTotalScope: 'per-enclave', maxVcpusTotal: 2 }),
    'sound',
  ],
  [
    'two vCPUs where an enclave may have one',
    single,
    bounded({ vcpuTotalScope: 'per-enclave', maxVcpusTotal: 1 }),
    'broken',
  ],
];

describe.each([
  ['nodes', NODES],
  ['the core of a single enclave', ONE_CORE],
  ['gaps', GAPS],
  ['bounds', BOUNDS],
] as const)('the silent pass: %s', (_what, rows) => {
  it.each(rows)('%s', (...row) => expectVerdict(row));
});

describe('the text of a pool', () => {
  it('is read again where a host has another number of CPU ids', () => {
    const host = reserved(6);
    expect(looksSound(host)).toBe(true);
    const fewer = { ...reserved(6), topology: { ...host.topology, nrCpuIds: 3 } };
    fewer.tree.pool.avail = [];
    fewer.tree.online.fill(1);
    expect(checkInvariants(fewer)).toEqual([]);
    expect(looksSound(fewer)).toBe(true);
    host.tree.pool.avail = [];
    expect(checkInvariants(host).length).toBe(1);
    expect(looksSound(host)).toBe(false);
  });
});
