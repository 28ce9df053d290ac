/**
 * Books of frames changed in several entries at once: stores, page pools, and the ranges of one record.
 *
 * Invariant: a row says what both checks must answer; see looks-sound-compounds.
 */
import { expect } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner } from '../../core/host/owner.js';
import { physOf } from '../../core/host/physical.js';
import { putRecord } from '../../core/host/records.js';
import { checkInvariants } from '../../core/invariants/check.js';
import type { Violation } from '../../core/invariants/invariant.js';
import { looksSound } from '../../core/invariants/looks-sound.js';
import { NOBODY_SWITCHED, strandedSince } from '../../core/invariants/stranded-cpus.js';
import type { Extent } from '../../core/memory/extent-store.js';
import { PARENT, POOL, reservePages } from '../../core/memory/node-memory.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { alteredStore } from '../kit/altered-store.js';
import { qingtianHost, vmHost } from '../kit/hosts.js';
import { must, qingtianPair, startQingtian } from './sound-hosts.js';

/** Certain; certain not to be; or no breach, and yet left to the full check. */
export type Verdict = 'sound' | 'broken' | 'left';
export type Row = readonly [
  what: string,
  build: () => Host,
  change: (host: Host) => unknown,
  verdict: Verdict,
];

export const CONF = { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 8 };
const GIB_PAGE = 512;
export const NOTHING = { extents: [], donated: [], cores: [], vcpus: [] };

/** A pool of CPUs and pages, and no enclave. */
export function reserved(cpuCount = CONF.cpuCount): Host {
  const host = qingtianHost({ coresPerNode: 8, nodes: 1, memoryMibPerNode: 3072 });
  must(host, { kind: 'qingtian.reserve', conf: { ...CONF, cpuCount } });
  return host;
}

/** CPU ids 2 and 3 are not there. */
export function withGap(): Host {
  const pairs = [0, 4, 6, 8, 10, 12, 14, 16].map((cpu) => [cpu, cpu + 1]);
  const described = describeHost({
    profile: qingtianProfile(),
    topology: { cores: pairs, nodes: [{ id: 0, cpus: pairs.flat() }] },
    memoryMib: [3072],
  });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  must(described.host, { kind: 'qingtian.reserve', conf: CONF });
  startQingtian(described.host, 4);
  return described.host;
}

/** Frames of 64 KiB, and a first node that ends off the 2 MiB grid. */
function fineFrames(): Host {
  const shape = { coresPerNode: 8, nodes: 2, memoryMibPerNode: 1537 };
  return qingtianHost({ ...shape, pageSizesKib: [64, 2048] });
}

/** The same host with the extents of one store listed otherwise. */
function listed(host: Host, size: number, change: (extents: Extent[]) => Extent[]): Host {
  const [first, ...rest] = host.memory;
  const altered = (store: typeof first.base) =>
    alteredStore(store, { extents: () => change([...store.extents()]) });
  const pools = first.pools.map((pool, at) =>
    at === size ? { ...pool, store: altered(pool.store) } : pool,
  );
  const base = size < 0 ? altered(first.base) : first.base;
  return { ...host, memory: [{ ...first, base, pools }, ...rest] };
}

/** Page pools whose platform has no record of what is in them: pages 0 to 255 of 2 MiB. */
function pooled(): Host {
  const host = vmHost({ coresPerNode: 8, nodes: 1, memoryMibPerNode: 4096 });
  reservePages(host.memory[0], 0, [0, 256]);
  return host;
}

/** Likewise: GIB_PAGE frames from 0 in the pool of 2 MiB, as many behind them in that of 1 GiB. */
function twoPools(): Host {
  const host = vmHost({ coresPerNode: 8, nodes: 1, memoryMibPerNode: 4096 });
  reservePages(host.memory[0], 0, [0, GIB_PAGE]);
  reservePages(host.memory[0], 1, [GIB_PAGE, GIB_PAGE]);
  return host;
}

/** Takes frames into a page pool in all three books: base store, pool, and what is reserved. */
function intoPool({ memory, tree }: Host, node: number, size: number, runs: readonly number[]) {
  const { pools, frameKib } = memory[node];
  reservePages(memory[node], size, runs);
  for (let i = 1; i < runs.length; i += 2)
    tree.reservation.memoryMib += (runs[i] * frameKib) / 1024;
  tree.reservation.pageKib = pools[size].pageKib;
}

/** Takes frames into the pool of 1 GiB pages in both books, whole pages or not. */
function intoLargePool(start: number, frames: number) {
  return ({ memory: [{ base, pools }] }: Host) => {
    base.allocAt(start, frames, POOL + 1);
    pools[1].store.freeRange(start, frames);
  };
}

export const BOOKS: readonly Row[] = [
  ['two pools of pages', twoPools, () => {}, 'sound'],
  [
    'each pool has the frames that the base store says are the other one’s',
    twoPools,
    ({ memory: [{ base }] }) => {
      base.setOwner(base.covering(0).handle, POOL + 1);
      base.setOwner(base.covering(GIB_PAGE).handle, POOL);
    },
    'broken',
  ],
  ...[0, 31, 63].map(
    (page): Row => [
      `page ${page} of the pool is free in the base store, which gave another for it`,
      qingtianPair,
      ({ memory: [{ base }] }) => {
        base.freeRange(page, 1);
        base.allocAt(base.findLowest(1, 1, 600), 1, POOL);
      },
      'broken',
    ],
  ),
  ['half a page of 1 GiB, in both books', pooled, intoLargePool(1024, 256), 'broken'],
  ['a page of 1 GiB off its grid, in both books', pooled, intoLargePool(768, 512), 'broken'],
  ['a page of 1 GiB, in both books', pooled, intoLargePool(512, 512), 'sound'],
  [
    'a pool that lists its last extent no more',
    qingtianPair,
    (host) => listed(host, 0, (extents) => extents.slice(0, -1)),
    'broken',
  ],
  ...[-1, 0].map(
    (size): Row => [
      `store ${size} lists its extents in another order`,
      qingtianPair,
      (host) => listed(host, size, (extents) => extents.reverse()),
      'left',
    ],
  ),
  [
    'a page of the second run of a pool is free in the base store, which gave another for it',
    pooled,
    ({ memory: [memory] }) => {
      reservePages(memory, 0, [700, 8]);
      memory.base.freeRange(703, 1);
      memory.base.allocAt(600, 1, POOL);
    },
    'broken',
  ],
  [
    'an empty pool lists its extents in another order',
    reserved,
    (host) => listed(host, 0, (extents) => extents.reverse()),
    'left',
  ],
  [
    'a pool of which no record is kept lists its extents in another order',
    pooled,
    (host) => listed(host, 0, (extents) => extents.reverse()),
    'left',
  ],
  [
    'a base store that lists its last extent no more, which is held',
    reserved,
    (host) => {
      const [{ base }] = host.memory;
      base.allocAt(base.frames - 2, 2, PARENT);
      return listed(host, -1, (extents) => extents.slice(0, -1));
    },
    'broken',
  ],
  [
    'a pool that counts one free page too many',
    qingtianPair,
    (host) => {
      const [first] = host.memory;
      const [pool, ...pools] = first.pools;
      const store = alteredStore(pool.store, { freeFrames: pool.store.freeFrames + 1 });
      return { ...host, memory: [{ ...first, pools: [{ ...pool, store }, ...pools] }] };
    },
    'broken',
  ],
];

const GIB_KIB = 1024 * 1024;

export const RESERVED: readonly Row[] = [
  [
    'found bug: not certain of pages up to the last frame, where it read on behind the list of base',
    reserved,
    (host) => intoPool(host, 0, 0, [1024, 512]),
    'sound',
  ],
  [
    'pages of two sizes, as many MiB as are reserved, of the larger',
    reserved,
    (host) => intoPool(host, 0, 1, [512, 512]),
    'broken',
  ],
  [
    'pages of two sizes, as many MiB as are reserved, of the smaller',
    reserved,
    (host) => {
      intoPool(host, 0, 1, [512, 512]);
      host.tree.reservation.pageKib = 2048;
    },
    'broken',
  ],
  [
    'pages of another size than is reserved',
    reserved,
    ({ tree }) => Object.assign(tree.reservation, { pageKib: GIB_KIB }),
    'broken',
  ],
  [
    'a reservation of no page, of any size',
    () => qingtianHost(),
    ({ tree }) => Object.assign(tree.reservation, { pageKib: GIB_KIB }),
    'sound',
  ],
  [
    'pages of no reservation, where the platform keeps none',
    pooled,
    ({ tree }) => Object.assign(tree.reservation, { memoryMib: 1, pageKib: GIB_KIB }),
    'sound',
  ],
];

/** Takes frames into a page pool and gives them to enclave 0: what its record should then say. */
export function claimed(host: Host, node: number, size: number, start: number, frames: number) {
  const memory = host.memory[node];
  intoPool(host, node, size, [start, frames]);
  const handle = memory.pools[size].store.allocAt(start, frames, enclaveOwner(0));
  const donated = [physOf(host, node, start), frames * memory.frameKib * 1024];
  return { extents: [{ node, size, handle }], donated };
}

/** Gives enclave 0 of a fresh record one run of frames of a page pool, and its physical range. */
function given(host: Host, node: number, size: number, start: number, frames: number): void {
  const [like] = qingtianPair().tree.records;
  const memory = claimed(host, node, size, start, frames);
  putRecord(host.tree, { ...like, ...NOTHING, state: 'loaded', uid: 0, ...memory });
}

export const GRID: readonly Row[] = [
  ['a range of 2 MiB', fineFrames, (host) => given(host, 0, 1, 64, 32), 'sound'],
  ['a range of 64 KiB', fineFrames, (host) => given(host, 0, 0, 64, 1), 'broken'],
  ['a range off the 2 MiB grid', fineFrames, (host) => given(host, 1, 1, 64, 32), 'broken'],
];

/** Nobody switched a CPU of these hosts. */
export function breachesOf(host: Host): Violation[] {
  return [...checkInvariants(host), ...strandedSince(host, NOBODY_SWITCHED)];
}

/** Makes the change of a row and expects of both checks what it says. */
export function expectVerdict([, build, change, verdict]: Row): void {
  const host = build();
  const back = change(host);
  const changed = isHost(back) ? back : host;
  const breaches = breachesOf(changed).map(({ message }) => message);
  const said = { broken: breaches.length > 0, certain: looksSound(changed) };
  const expected = { broken: verdict === 'broken', certain: verdict === 'sound' };
  expect(said, breaches.join('; ')).toEqual(expected);
}

function isHost(value: unknown): value is Host {
  return typeof value === 'object' && value !== null && 'memory' in value;
}
