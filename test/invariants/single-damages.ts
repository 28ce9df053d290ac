/**
 * Every way to damage one entry of a host: each record's fields, the lists of CPUs, the stores' owners.
 *
 * Where planted-faults tells of bugs, this goes through the entries one by one, so that a check that
 * skips the last entry, or looks at the wrong one, meets a damage that only it could have seen.
 * Invariant: a damage changes one entry, and what to change is read off the host itself. Some damages
 * break nothing; whoever uses them asks the invariants which.
 */

import { coreAt, withCore } from '../../core/host/cores.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, SCRUBBED } from '../../core/host/owner.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { poolStore } from '../../core/host/stores.js';
import type { Enclave } from '../../core/host/tree.js';
import { FREE } from '../../core/memory/extent-store.js';
import { OUTSIDE, POOL } from '../../core/memory/node-memory.js';

export interface Damage {
  readonly what: string;
  /** Changes the host in place. */
  readonly make: (host: Host) => unknown;
}

const PAGE_BYTES = 2 * 1024 * 1024;

/** A host to damage that shares nothing with the one it is like. */
export function copyOf(host: Host): Host {
  return {
    ...host,
    parent: { ...host.parent },
    tree: structuredClone(host.tree),
    memory: host.memory.map((memory) => memory.fork()),
  };
}

/** All damages of a host that looks like this one; `make` them on fresh copies. */
export function singleDamages(host: Host): readonly Damage[] {
  const uids = uidsOf(host.tree).reverse();
  return [
    ...uids.flatMap((uid) => recordDamages(host, uid)),
    ...uids.flatMap((uid) => threadDamages(host, uid)),
    ...listDamages(host),
    ...storeDamages(host),
    ...parentDamages(host),
  ];
}

function of(uid: number, what: string, change: (enclave: Enclave, host: Host) => unknown): Damage {
  const make = (host: Host) => change(theRecord(host.tree, uid), host);
  return { what: `enclave ${uid}: ${what}`, make };
}

function recordDamages(host: Host, uid: number): readonly Damage[] {
  const { extents, donated, cid, memoryBytes, request, state } = theRecord(host.tree, uid);
  const others = host.tree.records.filter((enclave) => enclave.uid !== uid);
  const states: Enclave['state'][] = ['absent', 'defined', 'running'];
  const cids = [0, 1, 2, 3, cid + 7, 0xffff_ffff, ...others.map((other) => other.cid)];
  return [
    ...cids.map((to) => of(uid, `CID ${to}`, (enclave) => Object.assign(enclave, { cid: to }))),
    ...states
      .filter((to) => to !== state)
      .map((to) => of(uid, `state ${to}`, (enclave) => Object.assign(enclave, { state: to }))),
    ...[memoryBytes - 1, memoryBytes - PAGE_BYTES, memoryBytes + PAGE_BYTES, 0].map((to) =>
      of(uid, `${to} bytes of memory`, (enclave) => Object.assign(enclave, { memoryBytes: to })),
    ),
    ...(['vcpus', 'memoryMib'] as const).map((what) =>
      of(uid, `one more of ${what} asked for`, (enclave) => {
        Object.assign(enclave, { request: { ...request, [what]: request[what] + 1 } });
      }),
    ),
    ...[request.imageBytes + 1, request.imageBytes * 2, 0].map((imageBytes) =>
      of(uid, `an image of ${imageBytes} bytes`, (enclave) => {
        Object.assign(enclave, { request: { ...enclave.request, imageBytes } });
      }),
    ),
    ...extents.flatMap((extent, at) => {
      const swapped = (part: Partial<typeof extent>) => (enclave: Enclave) => {
        enclave.extents[at] = { ...extent, ...part };
      };
      const theirs = others.flatMap((other) => other.extents.slice(0, 1));
      return [
        of(uid, `extent ${at} forgotten`, (enclave) => enclave.extents.splice(at, 1)),
        of(uid, `extent ${at} twice`, (enclave) => enclave.extents.push(extent)),
        of(uid, `extent ${at} stale`, swapped({ handle: extent.handle + 1_000_000 })),
        of(
          uid,
          `extent ${at} of node +1`,
          swapped({ node: (extent.node + 1) % host.memory.length }),
        ),
        ...theirs.map((other) => of(uid, `extent ${at} of another`, swapped(other))),
      ];
    }),
    ...donated.flatMap((value, at) =>
      [-PAGE_BYTES, -4096, 4096, PAGE_BYTES].map((by) =>
        of(uid, `donated ${at} by ${by}`, (enclave) => enclave.donated.splice(at, 1, value + by)),
      ),
    ),
    ...(donated.length === 0 ? [] : rangeListDamages(uid)),
  ];
}

function rangeListDamages(uid: number): readonly Damage[] {
  return [
    of(uid, 'the last range forgotten', (enclave) => enclave.donated.splice(-2, 2)),
    of(uid, 'all ranges forgotten', (enclave) => enclave.donated.splice(0)),
    of(uid, 'the first range twice', (enclave) => {
      enclave.donated.push(...enclave.donated.slice(0, 2));
    }),
  ];
}

function threadDamages(host: Host, uid: number): readonly Damage[] {
  const { cores, vcpus } = theRecord(host.tree, uid);
  const cpus = Array.from({ length: host.topology.nrCpuIds }, (_, cpu) => cpu);
  const indices = cores.map(({ index }) => index);
  return [
    ...vcpus.map((cpu) =>
      of(uid, `vCPU ${cpu} forgotten`, (enclave) => {
        enclave.vcpus = enclave.vcpus.filter((one) => one !== cpu);
      }),
    ),
    ...cpus.flatMap((cpu) => [
      of(uid, `vCPU ${cpu} more`, (enclave) => enclave.vcpus.push(cpu)),
      of(uid, `vCPU ${cpu} for its last`, (enclave) => {
        enclave.vcpus[enclave.vcpus.length - 1] = cpu;
      }),
      ...indices.map((index) =>
        of(uid, `CPU ${cpu} more in core ${index}`, (enclave) => {
          const owned = coreAt(enclave.cores, index) ?? [];
          enclave.cores = withCore(enclave.cores, index, [...owned, cpu]);
        }),
      ),
    ]),
    ...indices.flatMap((index) => [
      of(uid, `core ${index} forgotten`, (enclave) => {
        enclave.cores = withCore(enclave.cores, index, []);
      }),
      of(uid, `core ${index} without its last CPU`, (enclave) => {
        const owned = coreAt(enclave.cores, index) ?? [];
        enclave.cores = withCore(enclave.cores, index, owned.slice(0, -1));
      }),
      of(uid, `core ${index} exchanged whole`, (enclave) => {
        const whole = coreAt(enclave.cores, index) ?? [];
        const other = host.topology.cores[host.topology.cores.length - 1];
        enclave.cores = withCore(enclave.cores, index, other);
        enclave.vcpus = enclave.vcpus.map((cpu) => other[whole.indexOf(cpu)] ?? cpu);
      }),
    ]),
  ];
}

/** What the parent's and the pool's lists say of each CPU. */
function listDamages(host: Host): readonly Damage[] {
  return host.tree.online.flatMap((bit, cpu) => [
    {
      what: `CPU ${cpu} ${bit === 1 ? 'offline' : 'online'}`,
      make: ({ tree }: Host) => tree.online.splice(cpu, 1, 1 - bit),
    },
    {
      what: `CPU ${cpu} in the pool too`,
      make: ({ tree }: Host) => tree.pool.avail.splice(0, 1, [...(tree.pool.avail[0] ?? []), cpu]),
    },
    {
      what: `CPU ${cpu} out of the pool`,
      make: ({ tree }: Host) => {
        tree.pool.avail = tree.pool.avail.map((core) => core.filter((one) => one !== cpu));
      },
    },
  ]);
}

/** Every extent of every store, to each owner that another one has. */
function storeDamages(host: Host): readonly Damage[] {
  const uids = uidsOf(host.tree).reverse();
  return host.memory.flatMap((memory, node) =>
    [-1, ...memory.pools.keys()].flatMap((size) =>
      [...poolStore(memory, size).extents()]
        .filter(({ owner }) => owner !== FREE)
        .flatMap(({ handle, owner, start }) =>
          [OUTSIDE, SCRUBBED, POOL, POOL + 1, ...[...uids, 77].map(enclaveOwner)]
            .filter((to) => to !== owner)
            .map((to) => ({
              what: `node ${node}, store ${size}, frame ${start}: owner ${owner} to ${to}`,
              make: (fresh: Host) => poolStore(fresh.memory[node], size).setOwner(handle, to),
            })),
        ),
    ),
  );
}

function parentDamages(host: Host): readonly Damage[] {
  const dirty = { node: 0, start: 0, frames: 1, enclave: 0 };
  return [
    { what: 'nothing', make: () => {} },
    { what: 'the parent stops', make: ({ tree }) => Object.assign(tree, { parent: 'stopping' }) },
    { what: 'frames left unscrubbed', make: ({ tree }) => tree.dirty.push(dirty) },
    { what: 'a page pinned', make: ({ tree }) => Object.assign(tree.counters, { pinned: 1 }) },
    ...[-1, 1].map((more) => ({
      what: `${more} MiB more reserved`,
      make: ({ tree: { reservation } }: Host) => {
        reservation.memoryMib += more;
      },
    })),
    {
      what: 'pages of another size reserved',
      make: ({ tree }) => Object.assign(tree.reservation, { pageKib: 4 }),
    },
    { what: 'no record of anybody', make: ({ tree }) => tree.records.splice(0) },
    {
      what: 'a MiB less installed',
      make: (fresh) => Object.assign(fresh.parent, { memoryMib: host.parent.memoryMib - 1 }),
    },
  ];
}
