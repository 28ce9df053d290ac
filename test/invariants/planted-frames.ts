/** Faults planted in the books of frames: stores, extents, donated ranges. Invariant: see planted-fault. */
import { apply } from '../../core/host/apply.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, taskOwner } from '../../core/host/owner.js';
import { BASE, poolStore } from '../../core/host/stores.js';
import { type ExtentStore, FREE } from '../../core/memory/extent-store.js';
import { OUTSIDE } from '../../core/memory/node-memory.js';
import { alteredStore } from '../kit/altered-store.js';
import { enclave, type FaultRow, firstFree } from './planted-fault.js';
import { nitroPair, qingtianPair, vmPair } from './sound-hosts.js';

export const FRAMES_FAULTS: readonly FaultRow[] = [
  [
    'frame-one-owner',
    'two records name one extent',
    qingtianPair,
    (host) => {
      enclave(host, 1).extents.push(enclave(host, 0).extents[0]);
      return undefined;
    },
  ],
  [
    'frame-one-owner',
    'a record names an extent that the store gave to another',
    qingtianPair,
    (host) => {
      const { node, size, handle } = enclave(host, 0).extents[0];
      poolStore(host.memory[node], size).setOwner(handle, enclaveOwner(1));
      return undefined;
    },
  ],
  [
    'frame-one-owner',
    'a pool keeps a page that the base store freed',
    qingtianPair,
    (host) => {
      host.memory[0].base.freeRange(lastPoolFrame(host), 1);
      return undefined;
    },
  ],
  [
    'frame-one-owner',
    'the same physical page is donated twice',
    nitroPair,
    (host) => {
      enclave(host, 2).donated.push(...enclave(host, 1).donated);
      return undefined;
    },
  ],
  [
    'frame-one-owner',
    'a page that the hypervisor accepted is still the task’s',
    nitroPair,
    (host) => {
      const { store } = host.memory[1].pools[1];
      store.setOwner(store.covering(0).handle, taskOwner(1));
      return undefined;
    },
  ],
  [
    'frame-one-owner',
    'a donated range goes on into a page of the pool',
    qingtianPair,
    (host) => {
      enclave(host, 1).donated[1] += 2 * 1024 * 1024;
      return undefined;
    },
  ],
  [
    'frame-one-owner',
    'two VMs name one extent',
    vmPair,
    (host) => {
      enclave(host, 1).extents.push(enclave(host, 0).extents[0]);
      return undefined;
    },
  ],
  [
    'frame-conservation',
    'a store forgets its last extent',
    qingtianPair,
    (host) =>
      withBase(host, (base) =>
        alteredStore(base, { extents: () => [...base.extents()].slice(0, -1) }),
      ),
  ],
  [
    'frame-conservation',
    'a store counts a free frame too many',
    qingtianPair,
    (host) => withBase(host, (base) => alteredStore(base, { freeFrames: base.freeFrames + 1 })),
  ],
  [
    'frame-conservation',
    'a pool lost a page',
    qingtianPair,
    (host) => {
      poolStore(host.memory[0], 0).allocAt(lastPoolFrame(host), 1, OUTSIDE);
      return undefined;
    },
  ],
  [
    'frame-conservation',
    'a reservation says a page more than the pools have',
    qingtianPair,
    ({ tree }) => {
      tree.reservation.memoryMib += 2;
      return undefined;
    },
  ],
  [
    'frame-conservation',
    'a reservation says pages of another size',
    qingtianPair,
    ({ tree }) => {
      tree.reservation.pageKib = 1024 * 1024;
      return undefined;
    },
  ],
  [
    'aligned-contiguous',
    'a large page starts in the middle of another',
    nitroPair,
    (host) => {
      poolStore(host.memory[0], 1).freeRange(16, 32);
      return undefined;
    },
  ],
  [
    'aligned-contiguous',
    'part of a large page',
    nitroPair,
    (host) => {
      poolStore(host.memory[0], 1).freeRange(0, 31);
      return undefined;
    },
  ],
  [
    'aligned-contiguous',
    'a donated range is not 2 MiB aligned',
    nitroPair,
    (host) => {
      enclave(host, 1).donated[0] += 4096;
      return undefined;
    },
  ],
  [
    'scrub-before-return',
    'a page was released as the enclave left it',
    qingtianPair,
    (host) => {
      const { node, size, handle } = enclave(host, 0).extents.slice(-1)[0];
      const from = enclaveOwner(0);
      apply(host, [{ kind: 'release', node, size, handle, from, to: FREE, uid: 0 }]);
      return undefined;
    },
  ],
];

/** A free frame of the 2 MiB pool of node 0. */
function lastPoolFrame(host: Host): number {
  return firstFree(host, 0, 0);
}

/** The same host with another base store in node 0. */
function withBase(host: Host, change: (base: ExtentStore) => ExtentStore): Host {
  const [first, ...rest] = host.memory;
  return { ...host, memory: [{ ...first, base: change(poolStore(first, BASE)) }, ...rest] };
}
