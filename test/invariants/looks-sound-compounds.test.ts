/**
 * The silent pass of the audit beside the full check, where several entries were changed at once so that
 * one look alone can tell: sums that still agree, lists of the right length, books in step.
 *
 * `sound`: neither finds anything. `broken`: the full check names a breach, so the pass must not be
 * certain. `left`: no breach, yet the pass leaves the host to the full check.
 */
import { describe, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, HELD, SCRUBBED, taskOwner } from '../../core/host/owner.js';
import { physOf } from '../../core/host/physical.js';
import { putRecord, theRecord } from '../../core/host/records.js';
import { LEAKED, PARENT } from '../../core/memory/node-memory.js';
import { nitroHost } from '../kit/hosts.js';
import {
  BOOKS,
  expectVerdict,
  GRID,
  NOTHING,
  RESERVED,
  type Row,
  reserved,
} from './compound-books.js';
import { firstFree } from './planted-fault.js';
import { qingtianPair, vmPair } from './sound-hosts.js';

/** Enclave 0 has two runs of 32 pages each, on either side of enclave 1. */
function twoRuns(): Host {
  const host = qingtianPair();
  const { store } = host.memory[0].pools[0];
  const enclave = theRecord(host.tree, 0);
  const [{ handle }] = enclave.extents;
  store.freeRange(store.at(handle).start, 32);
  const start = store.findLowest(32, 1, 200);
  const upper = store.allocAt(start, 32, enclaveOwner(0));
  const lower = [...store.extents()].find(({ owner }) => owner === enclaveOwner(0));
  enclave.extents = [lower?.handle ?? 0, upper].map((one) => ({ node: 0, size: 0, handle: one }));
  enclave.donated = enclave.extents.flatMap((extent) => [
    physOf(host, 0, store.at(extent.handle).start),
    32 * 2 ** 21,
  ]);
  return host;
}

function entry(host: Host, uid: number, change: (enclave: ReturnType<typeof theRecord>) => void) {
  change(theRecord(host.tree, uid));
}

/** Half of enclave 0's first core goes elsewhere; it runs no more, so that its odd count is no breach. */
function dropSibling(host: Host): number {
  const enclave = theRecord(host.tree, 0);
  const [{ index, cpus }, ...rest] = enclave.cores;
  const [kept, dropped] = cpus;
  enclave.cores = [{ index, cpus: [kept] }, ...rest];
  enclave.vcpus = enclave.vcpus.filter((cpu) => cpu !== dropped);
  enclave.state = 'loaded';
  return dropped;
}

const NOBODY_LEFT: readonly Row[] = [
  ['a pool, and no enclave', reserved, () => {}, 'sound'],
  ['a pin', reserved, ({ tree }) => Object.assign(tree.counters, { pinned: 1 }), 'broken'],
  [
    'a page held by nobody',
    reserved,
    (host) => host.memory[0].pools[0].store.allocAt(firstFree(host, 0, 0), 1, HELD),
    'broken',
  ],
  [
    'a page scrubbed and not returned',
    reserved,
    (host) => host.memory[0].pools[0].store.allocAt(firstFree(host, 0, 0), 1, SCRUBBED),
    'broken',
  ],
  [
    'a leaked page',
    reserved,
    (host) => host.memory[0].pools[0].store.allocAt(firstFree(host, 0, 0), 1, LEAKED),
    'broken',
  ],
  ['scrubbed frames', reserved, ({ memory }) => memory[0].base.allocAt(900, 2, SCRUBBED), 'broken'],
  ['held frames', reserved, ({ memory }) => memory[0].base.allocAt(900, 2, HELD), 'broken'],
  [
    'more frames of the parent',
    reserved,
    ({ memory }) => memory[0].base.allocAt(900, 2, PARENT),
    'sound',
  ],
  [
    'a core missing in the pool',
    reserved,
    ({ tree }) => tree.pool.avail.splice(0, 1, []),
    'broken',
  ],
  [
    'no core of the last two in the pool',
    reserved,
    ({ tree }) => tree.pool.avail.splice(-2),
    'broken',
  ],
  [
    'a page that a task maps',
    reserved,
    (host) => host.memory[0].pools[0].store.allocAt(firstFree(host, 0, 0), 1, taskOwner(1)),
    'sound',
  ],
  [
    'a core missing in a pool of six CPUs',
    () => reserved(6),
    ({ tree }) => tree.pool.avail.splice(-1, 1, []),
    'broken',
  ],
  ['a stopped parent', reserved, ({ tree }) => Object.assign(tree, { parent: 'stopped' }), 'left'],
];

const SOMEBODY_LEFT: readonly Row[] = [
  ['a pin', qingtianPair, ({ tree }) => Object.assign(tree.counters, { pinned: 1 }), 'sound'],
  [
    'a page held by nobody',
    qingtianPair,
    (host) => host.memory[0].pools[0].store.allocAt(firstFree(host, 0, 0), 1, HELD),
    'sound',
  ],
  ['a core missing in the pool', qingtianPair, ({ tree }) => tree.pool.avail.splice(0), 'broken'],
];

const THIRD = { ...NOTHING, uid: 9, cid: 0, memoryBytes: 0 };
const NO_REQUEST = { vcpus: 0, memoryMib: 0, imageBytes: 0 };

const RECORDS: readonly Row[] = [
  ['two runs of an enclave', twoRuns, () => {}, 'sound'],
  [
    'one run named twice, with its range, and the other one forgotten',
    twoRuns,
    (host) =>
      entry(host, 0, (enclave) => {
        enclave.extents = [enclave.extents[0], enclave.extents[0]];
        enclave.donated = [...enclave.donated.slice(0, 2), ...enclave.donated.slice(0, 2)];
      }),
    'broken',
  ],
  [
    'each of two enclaves has the other one’s memory in its record',
    qingtianPair,
    ({ tree }) => {
      const [a, b] = [theRecord(tree, 0), theRecord(tree, 1)];
      [a.extents, b.extents] = [b.extents, a.extents];
      [a.donated, b.donated] = [b.donated, a.donated];
    },
    'broken',
  ],
  [
    'one range for two runs',
    twoRuns,
    (host) => entry(host, 0, ({ donated }) => donated.splice(2)),
    'broken',
  ],
  [
    'a third enclave that has nothing',
    qingtianPair,
    ({ tree }) =>
      putRecord(tree, { ...theRecord(tree, 0), ...NOTHING, uid: 9, cid: 9, state: 'defined' }),
    'broken',
  ],
  [
    'a third VM that has nothing of what it asked for',
    vmPair,
    ({ tree }) => putRecord(tree, { ...theRecord(tree, 0), ...THIRD }),
    'broken',
  ],
  [
    'a third VM that has nothing, and asked for nothing',
    vmPair,
    ({ tree }) => putRecord(tree, { ...theRecord(tree, 0), ...THIRD, request: NO_REQUEST }),
    'broken',
  ],
  [
    'a third VM that has nothing, and is not there yet',
    vmPair,
    ({ tree }) => putRecord(tree, { ...theRecord(tree, 0), ...THIRD, state: 'absent' }),
    'sound',
  ],
  [
    'too little memory, and no guest running',
    qingtianPair,
    (host) =>
      entry(host, 0, (enclave) => Object.assign(enclave, { state: 'loaded', memoryBytes: 0 })),
    'sound',
  ],
  [
    'an enclave without a CID yet beside another one',
    qingtianPair,
    ({ tree }) => {
      for (const enclave of tree.records) Object.assign(enclave, { cid: 0, state: 'loaded' });
    },
    'sound',
  ],
  [
    'an enclave that runs without a CID',
    qingtianPair,
    (host) => entry(host, 0, (enclave) => Object.assign(enclave, { cid: 0 })),
    'broken',
  ],
];

const THREADS: readonly Row[] = [
  ['a sibling that nobody has', qingtianPair, dropSibling, 'broken'],
  [
    'a sibling that the parent has',
    qingtianPair,
    (host) => host.tree.online.splice(dropSibling(host), 1, 1),
    'broken',
  ],
  [
    'a sibling in the pool',
    qingtianPair,
    (host) => host.tree.pool.avail.push([dropSibling(host)]),
    'broken',
  ],
  [
    'a sibling of the first enclave kept by the second, whose own core is whole',
    qingtianPair,
    (host) => {
      const cpu = dropSibling(host);
      entry(host, 1, (enclave) => {
        enclave.cores = [{ index: 0, cpus: [cpu] }, ...enclave.cores];
      });
    },
    'broken',
  ],
  [
    'two cores in the list of one enclave, threads crossed',
    qingtianPair,
    (host) =>
      entry(host, 0, (enclave) => {
        const free = host.tree.pool.avail.find((core) => core.length === 2) ?? [];
        const [{ index, cpus }] = enclave.cores;
        host.tree.pool.avail = host.tree.pool.avail.map((core) => (core === free ? [] : core));
        enclave.cores = [
          { index, cpus: [cpus[0], free[1]] },
          { index: index + 1, cpus: [free[0], cpus[1]] },
        ];
      }),
    'sound',
  ],
  [
    'a core of no threads',
    qingtianPair,
    (host) =>
      entry(host, 0, (enclave) => {
        enclave.cores = [...enclave.cores, { index: 7, cpus: [] }];
      }),
    'sound',
  ],
  ['VMs of three threads that share a core', vmPair, () => {}, 'sound'],
];

const { guarantees: _, ...silentProfile } = qingtianPair().profile;

const PLATFORMS: readonly Row[] = [
  [
    'a platform that promises nothing',
    reserved,
    (host) => ({ ...host, profile: silentProfile }),
    'left',
  ],
  ['driver slots, none of them open', () => nitroHost(), () => {}, 'left'],
];

describe.each([
  ['no enclave is left', NOBODY_LEFT],
  ['enclaves are left', SOMEBODY_LEFT],
  ['records', RECORDS],
  ['threads', THREADS],
  ['books of frames', BOOKS],
  ['the 2 MiB grid', GRID],
  ['what is reserved', RESERVED],
  ['platforms', PLATFORMS],
] as const)('the silent pass where %s', (_where, rows) => {
  it.each(rows)('%s', (...row) => expectVerdict(row));
});
