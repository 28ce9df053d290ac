/** Every invariant holds on sound hosts and notices every fault planted against it. */

import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants, INVARIANTS, sceneOf } from '../../core/invariants/check.js';
import type { InvariantId, Violation } from '../../core/invariants/invariant.js';
import { REACHED } from '../../core/invariants/reached.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';
import { PLANTED_FAULTS, type PlantedFault } from './planted-faults.js';
import {
  endedNitro,
  must,
  nitroPair,
  qingtianPair,
  qingtianRequest,
  startQingtian,
  vmPair,
} from './sound-hosts.js';

/** What the check of one invariant says once the fault is planted. */
function caught({ invariant, sound, plant }: PlantedFault): readonly Violation[] {
  const host = sound();
  const before = noteBefore(host);
  const broken = plant(host) ?? host;
  return checkInvariants(broken, before).filter((violation) => violation.invariant === invariant);
}

function faultsOf(...ids: InvariantId[]): readonly PlantedFault[] {
  return PLANTED_FAULTS.filter(({ invariant }) => ids.includes(invariant));
}

function expectAllCaught(...ids: InvariantId[]): void {
  for (const fault of faultsOf(...ids)) {
    expect(caught(fault), `${fault.invariant}: ${fault.fault}`).not.toEqual([]);
  }
}

const SOUND: readonly (readonly [string, () => Host])[] = [
  ['a fresh QingTian host', () => qingtianHost()],
  ['a fresh Nitro host', () => nitroHost()],
  ['a fresh host of plain VMs', () => vmHost()],
  ['two QingTian enclaves', qingtianPair],
  ['two Nitro enclaves', nitroPair],
  ['a Nitro host whose enclaves ended', endedNitro],
  ['two plain VMs', vmPair],
];

describe('invariants: the list', () => {
  it('has the ids of the plan in its order', () => {
    expect(INVARIANTS.map(({ id }) => id)).toEqual([
      'frame-one-owner',
      'frame-conservation',
      'thread-one-owner',
      'whole-cores',
      'numa-local',
      'aligned-contiguous',
      'parent-floor',
      'platform-caps',
      'lifecycle-legal',
      'cid-unique',
      'no-leak',
      'scrub-before-return',
    ]);
  });

  it('has a planted fault for every invariant', () => {
    const planted = new Set(PLANTED_FAULTS.map(({ invariant }) => invariant));
    expect(INVARIANTS.filter(({ id }) => !planted.has(id))).toEqual([]);
  });

  it('does not apply what a platform does not promise', () => {
    const silent = INVARIANTS.filter(({ check }) => check(sceneOf(vmPair())) === undefined);
    expect(silent.map(({ id }) => id)).toEqual(['whole-cores', 'numa-local', 'parent-floor']);
  });
});

describe('invariants: sound hosts', () => {
  it.each(SOUND)('nothing is violated on %s', (_, build) => {
    const host = build();
    expect(checkInvariants(host, noteBefore(host))).toEqual([]);
  });
});

describe('invariants: moves', () => {
  it('a whole launch takes all edges at once, and only a new enclave does', () => {
    const host = qingtianHost({ coresPerNode: 8, nodes: 1, memoryMibPerNode: 3072 });
    const conf = { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 8 };
    must(host, { kind: 'qingtian.reserve', conf });
    const launch = { kind: 'qingtian.launch', request: qingtianRequest(4) } as const;
    const [told, untold] = [noteBefore(host, launch), noteBefore(host)];
    must(host, launch);
    expect(checkInvariants(host, told)).toEqual([]);
    expect(checkInvariants(host, untold).map(({ message }) => message)).toEqual([
      'enclave 0 went from absent to running, which no command does',
    ]);
  });
});

describe('invariants: planted faults', () => {
  it.each(PLANTED_FAULTS)('$invariant notices: $fault', (fault) => {
    const sound = fault.sound();
    expect(checkInvariants(sound, noteBefore(sound))).toEqual([]);
    const found = caught(fault);
    expect(found).not.toEqual([]);
    for (const { message } of found) expect(message).toMatch(/\d|runs?|parent/);
  });
});

describe('invariants: what the documents ask for', () => {
  it('Q01 Q07 holds: two running enclaves and the parent partition frames and threads', () => {
    expect(checkInvariants(qingtianPair())).toEqual([]);
  });

  it('Q01 Q07 refused: a frame or a thread with two owners is a violation', () => {
    expectAllCaught('frame-one-owner', 'thread-one-owner');
  });

  it('Q26 holds: two enclaves on neighbouring cores share none', () => {
    const host = qingtianPair();
    const owned = [0, 1].map((uid) => theRecord(host.tree, uid).cores);
    expect(owned.every((cores) => cores.every(({ cpus }) => cpus.length === 2))).toBe(true);
    expect(checkInvariants(host)).toEqual([]);
  });

  it('Q26 refused: siblings with two owners are a violation', () => {
    expectAllCaught('whole-cores');
  });

  it('Q27 holds: a stop of the parent ends its enclaves and returns everything', () => {
    const host = qingtianPair();
    const before = noteBefore(host);
    must(host, { kind: 'parent.stop' });
    expect(uidsOf(host.tree)).toEqual([]);
    expect(checkInvariants(host, before)).toEqual([]);
    expect(host.memory[0].base.freeFrames).toBe(host.memory[0].base.frames);
  });

  it('Q27 refused: an enclave that outlives its parent is a violation', () => {
    expectAllCaught('lifecycle-legal');
  });

  it('Q28 holds: parent, pools and enclaves add up to what is installed', () => {
    const host = qingtianPair();
    const [{ base, pools }] = host.memory;
    const pooled = 512 / 2;
    expect(base.freeFrames + pooled).toBe(base.frames);
    expect(pools[0].store.freeFrames).toBe(pooled - 2 * 64);
    expect(checkInvariants(host)).toEqual([]);
  });

  it('Q28 refused: frames that do not add up are a violation', () => {
    expectAllCaught('frame-conservation', 'no-leak');
  });

  it('N12 holds: a refused start leaves all as it was', () => {
    const host = nitroPair();
    const before = noteBefore(host);
    const stores = host.memory.map((node) => node.snapshot());
    must(host, { kind: 'nitro.create-vm', task: 3 });
    const { refusal } = runInPlace(host, { kind: 'nitro.start', slot: 3, cid: 0n, flags: 0n });
    expect(refusal?.codes).toEqual(['NE 266']);
    must(host, { kind: 'nitro.close', slot: 3 });
    expect(host.memory.map((node) => node.snapshot())).toEqual(stores);
    expect(checkInvariants(host, before)).toEqual([]);
  });

  it('E14 holds: no two enclaves share a core or a page', () => {
    expect(checkInvariants(nitroPair())).toEqual([]);
  });

  it('E14 refused: a shared core or page is a violation', () => {
    expectAllCaught('whole-cores', 'frame-one-owner');
  });
});

describe('invariants: moves', () => {
  it('an enclave that ended comes back only by a new launch, under a new uid', () => {
    const host = qingtianPair();
    must(host, { kind: 'qingtian.crash', uid: 0 });
    startQingtian(host, 4);
    expect(uidsOf(host.tree).sort()).toEqual([1, 2]);
    expect(checkInvariants(host)).toEqual([]);
  });

  it('a permissive hypervisor lets one page go to two enclaves, and the invariant sees it', () => {
    const host = nitroHost({ hypervisor: { kind: 'permissive' } });
    must(host, { kind: 'nitro.write-pool', text: '4-7,12-15' });
    const address = 2 ** 40;
    for (const slot of [1, 2]) {
      must(host, { kind: 'nitro.create-vm', task: 7 });
      if (slot === 1) {
        must(host, {
          kind: 'nitro.map-foreign',
          task: 7,
          address,
          pageBytes: 2 ** 21,
          huge: true,
          node: 1,
          runs: [[2 ** 42, 1]],
        });
      }
      must(host, {
        kind: 'nitro.set-memory',
        slot,
        task: 7,
        flags: 0n,
        address: BigInt(address),
        bytes: BigInt(2 ** 21),
      });
    }
    const found = checkInvariants(host).map(({ invariant }) => invariant);
    expect(found).toEqual(['frame-one-owner']);
  });
});

describe('invariants: what a run must reach', () => {
  it('tells a host that reached a state from one that did not', () => {
    const fresh = sceneOf(qingtianHost());
    expect(REACHED.filter(({ reached }) => reached(fresh))).toEqual([]);
    const pair = sceneOf(qingtianPair());
    const reached = REACHED.filter((property) => property.reached(pair)).map(({ id }) => id);
    expect(reached).toEqual(['two-run', 'memory-held']);
  });
});
