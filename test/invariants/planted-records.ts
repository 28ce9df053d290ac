/** Faults planted in enclave records: caps, moves, CIDs, leftovers. Invariant: see planted-fault. */

import type { Host } from '../../core/host/host.js';
import { HELD } from '../../core/host/owner.js';
import { putRecord, removeRecord } from '../../core/host/records.js';
import { poolStore } from '../../core/host/stores.js';
import type { Enclave } from '../../core/host/tree.js';
import { LEAKED } from '../../core/memory/node-memory.js';
import { enclave, type FaultRow, firstFree } from './planted-fault.js';
import { endedNitro, nitroPair, qingtianPair } from './sound-hosts.js';

export const RECORDS_FAULTS: readonly FaultRow[] = [
  [
    'platform-caps',
    'three enclaves of two',
    qingtianPair,
    (host) => {
      const nothing = { extents: [], cores: [], vcpus: [] };
      putRecord(host.tree, { ...enclave(host, 0), ...nothing, uid: 9, cid: 9 });
      return undefined;
    },
  ],
  [
    'platform-caps',
    'an odd number of vCPUs',
    qingtianPair,
    (host) => {
      enclave(host, 0).vcpus.pop();
      return undefined;
    },
  ],
  [
    'platform-caps',
    'more vCPUs in total than the platform has',
    qingtianPair,
    (host) => withOption(host, 'maxVcpusTotal', 3),
  ],
  [
    'platform-caps',
    'more pages than an enclave may have',
    qingtianPair,
    (host) => withOption(host, 'maxPages', 63),
  ],
  [
    'platform-caps',
    'less memory than an enclave needs',
    nitroPair,
    (host) => {
      enclave(host, 1).memoryBytes -= 1;
      return undefined;
    },
  ],
  [
    'platform-caps',
    'an image of more than a quarter of the memory',
    qingtianPair,
    (host) => {
      const { request } = enclave(host, 0);
      const imageBytes = enclave(host, 0).memoryBytes / 4 + 1;
      replace(host, 0, { request: { ...request, imageBytes } });
      return undefined;
    },
  ],
  [
    'lifecycle-legal',
    'an enclave jumps from running to defined',
    qingtianPair,
    (host) => {
      enclave(host, 0).state = 'defined';
      return undefined;
    },
  ],
  [
    'lifecycle-legal',
    'an enclave appears running',
    qingtianPair,
    (host) => {
      const nothing = { extents: [], cores: [], vcpus: [] };
      putRecord(host.tree, { ...enclave(host, 0), ...nothing, uid: 9 });
      return undefined;
    },
  ],
  [
    'lifecycle-legal',
    'an enclave runs in a stopped parent',
    qingtianPair,
    (host) => {
      host.tree.parent = 'stopped';
      return undefined;
    },
  ],
  [
    'lifecycle-legal',
    'an enclave runs while its parent is stopping',
    nitroPair,
    (host) => {
      host.tree.parent = 'stopping';
      return undefined;
    },
  ],
  [
    'lifecycle-legal',
    'a running enclave grew',
    qingtianPair,
    (host) => {
      enclave(host, 0).memoryBytes *= 2;
      return undefined;
    },
  ],
  [
    'cid-unique',
    'two enclaves have one CID',
    qingtianPair,
    (host) => {
      enclave(host, 1).cid = enclave(host, 0).cid;
      return undefined;
    },
  ],
  [
    'cid-unique',
    'an enclave has the parent’s CID',
    nitroPair,
    (host) => {
      enclave(host, 1).cid = 3;
      return undefined;
    },
  ],
  [
    'no-leak',
    'an enclave ended and kept its pages',
    qingtianPair,
    (host) => {
      removeRecord(host.tree, 1);
      return undefined;
    },
  ],
  [
    'no-leak',
    'an enclave has pages it does not know of',
    qingtianPair,
    (host) => {
      enclave(host, 0).extents.pop();
      return undefined;
    },
  ],
  [
    'no-leak',
    'a page stays leaked after the last enclave',
    endedNitro,
    (host) => {
      poolStore(host.memory[1], 1).allocAt(firstFree(host, 1, 1), 32, LEAKED);
      return undefined;
    },
  ],
  [
    'no-leak',
    'a page stays held after the last enclave',
    endedNitro,
    (host) => {
      poolStore(host.memory[1], 1).allocAt(firstFree(host, 1, 1), 32, HELD);
      return undefined;
    },
  ],
  [
    'no-leak',
    'a pin stays after the last enclave',
    endedNitro,
    (host) => {
      host.tree.counters.pinned = 1;
      return undefined;
    },
  ],
  [
    'lifecycle-legal',
    'a running enclave has other vCPUs, as many as before',
    qingtianPair,
    (host) => {
      const [first, second] = [enclave(host, 0), enclave(host, 1)];
      replace(host, 0, { vcpus: [...second.vcpus], cores: [...second.cores] });
      replace(host, 1, { vcpus: [...first.vcpus], cores: [...first.cores] });
      return undefined;
    },
  ],
  [
    'lifecycle-legal',
    'the console of an enclave is open that is not in debug mode',
    qingtianPair,
    (host) => {
      enclave(host, 1).console = 1;
      return undefined;
    },
  ],
  [
    'platform-caps',
    'a slot counts a page that it was never given',
    nitroPair,
    (host) => {
      enclave(host, 2).memoryBytes *= 2;
      return undefined;
    },
  ],
  [
    'frame-one-owner',
    'a page that a region lists is not pinned',
    nitroPair,
    (host) => {
      host.tree.counters.pinned--;
      return undefined;
    },
  ],
  [
    'no-leak',
    'a core did not come back to the pool',
    endedNitro,
    (host) => {
      host.tree.pool.avail[0] = [];
      return undefined;
    },
  ],
  [
    'no-leak',
    'a closed slot keeps its core',
    nitroPair,
    (host) => {
      enclave(host, 1).fd = -1;
      return undefined;
    },
  ],
];

function replace(host: Host, uid: number, part: Partial<Enclave>): void {
  putRecord(host.tree, { ...enclave(host, uid), ...part });
}

function withOption(host: Host, name: string, value: number): Host {
  return { ...host, options: { ...host.options, [name]: value } };
}
