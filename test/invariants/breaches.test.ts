/**
 * What a breach says: invariant, sentence, numbers, enclave, node and quirk of every planted fault,
 * to the letter, and the cases next to a breach that are none.
 *
 * A check that notices a fault but names the wrong frame or owner would pass `invariants.test.ts`.
 */

import { describe, expect, it } from 'vitest';
import { withCore } from '../../core/host/cores.js';
import type { Host } from '../../core/host/host.js';
import { putRecord, theRecord } from '../../core/host/records.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { PLANTED_FAULTS } from './planted-faults.js';
import { endedNitro, nitroPair, qingtianPair } from './sound-hosts.js';

describe('breaches: each is named to the letter', () => {
  it('of every planted fault, everything that every invariant says', async () => {
    const lines = PLANTED_FAULTS.flatMap(({ invariant, fault, sound, plant }) => {
      const host = sound();
      const before = noteBefore(host);
      const said = checkInvariants(plant(host) ?? host, before).map((one) => JSON.stringify(one));
      return [
        `${invariant}: ${fault}`,
        ...said.map((line) => `  ${line.replace(HANDLE, '"handle":…')}`),
      ];
    });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/breaches.txt');
  });
});

/** Where nothing answers at an enclave's CID. */
const SILENT = ['STOPPED', 'zombie', 'absent', 'INIT'] as const;

/** Handles are the store's own numbering. */
const HANDLE = /"handle":\d+/g;

const QUIET: readonly (readonly [string, () => Host, (host: Host) => void])[] = [
  ...SILENT.map(
    (state) =>
      [
        `a CID is used again after its enclave is ${state}`,
        nitroPair,
        (host: Host) => {
          theRecord(host.tree, 1).state = state;
          theRecord(host.tree, 2).cid = theRecord(host.tree, 1).cid;
        },
      ] as const,
  ),
  [
    'two enclaves have no CID yet',
    qingtianPair,
    ({ tree }) => {
      for (const uid of [0, 1]) Object.assign(theRecord(tree, uid), { cid: 0, state: 'loaded' });
    },
  ],
  [
    'an enclave still being made has less memory than it will need',
    nitroPair,
    ({ tree }) => {
      theRecord(tree, 1).state = 'INIT';
      putRecord(tree, {
        ...theRecord(tree, 1),
        request: { ...theRecord(tree, 1).request, memoryMib: 128 },
      });
      theRecord(tree, 1).vcpus.pop();
    },
  ],
  [
    'an enclave still being made has a core of another node',
    nitroPair,
    ({ tree, topology }) => {
      theRecord(tree, 1).state = 'INIT';
      for (const cpu of topology.cores[1]) tree.online[cpu] = 0;
      const one = theRecord(tree, 1);
      one.cores = withCore(one.cores, 7, topology.cores[1]);
    },
  ],
  [
    'the pool text is no CPU list',
    endedNitro,
    ({ tree }) => {
      tree.pool.text = 'x';
    },
  ],
  [
    'a stopped parent has no floor',
    qingtianPair,
    ({ tree }) => {
      for (let cpu = 1; cpu < tree.online.length; cpu++) tree.online[cpu] = 0;
      tree.parent = 'stopped';
      for (const enclave of tree.records) enclave.state = 'absent';
    },
  ],
];

describe('breaches: next to one and none', () => {
  it.each(QUIET)('%s', (_, build, change) => {
    const host = build();
    change(host);
    const said = checkInvariants(host).filter(({ invariant }) => invariant !== 'lifecycle-legal');
    expect(said).toEqual([]);
  });
});

describe('breaches: guest code runs before the first heartbeat', () => {
  it('an enclave that waits for it is held to the caps', () => {
    const host = qingtianPair();
    theRecord(host.tree, 0).state = 'starting';
    expect(checkInvariants(host)).toEqual([]);
    theRecord(host.tree, 0).vcpus.pop();
    expect(checkInvariants(host).map(({ message }) => message)).toEqual([
      'vCPUs beyond a whole step of enclave 0: 1, at most 0 allowed',
      'vCPUs of enclave 0: 1, at least 2 allowed',
    ]);
  });
});

describe('breaches: what a record names', () => {
  it('an extent that nobody owns is told beside an enclave that names none', () => {
    const host = qingtianPair();
    const [first, second] = [theRecord(host.tree, 0), theRecord(host.tree, 1)];
    second.extents[0] = { ...second.extents[0], handle: second.extents[0].handle + 1_000_000 };
    first.extents = [];
    const said = checkInvariants(host).map(({ message }) => message);
    expect(said).toContain('enclave 1 names an extent of node 0 that nobody owns');
  });
});
