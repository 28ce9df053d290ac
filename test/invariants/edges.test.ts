/**
 * Breaches at the edges of the checks: the last byte, the second book, the enclave that is named as
 * the other one, and the moves that only one command may make.
 *
 * Expected is every message of the whole list, so that what lies next to a breach stays silent.
 */

import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { SCRUBBED } from '../../core/host/owner.js';
import { removeRecord, theRecord } from '../../core/host/records.js';
import type { Enclave } from '../../core/host/tree.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants, sceneOf } from '../../core/invariants/check.js';
import { REACHED } from '../../core/invariants/reached.js';

import { runLaunch } from '../../core/platform/qingtian/launch.js';
import { nitroHost, qingtianHost } from '../kit/hosts.js';
import { PLANTED_FAULTS } from './planted-faults.js';
import { must, nitroPair, qingtianPair, qingtianRequest, vmPair } from './sound-hosts.js';

const MIB = 1024 * 1024;
const PAGE = 64 * MIB;

const said = (host: Host) => checkInvariants(host).map(({ message }) => message);

describe('edges: who owns a frame', () => {
  it('the owner in the base store is named when the frame is also in a page pool', () => {
    const host = qingtianPair();
    const { base } = host.memory[0];
    base.setOwner(base.covering(0).handle, 2);
    expect(said(host)).toContain('frame 0 of node 0 is in page pool 0 and also owner 2');
  });

  it('an extent that nobody owns is told from one that another enclave owns', () => {
    const host = qingtianPair();
    const [first, second] = [theRecord(host.tree, 0), theRecord(host.tree, 1)];
    const [extent] = first.extents;
    first.extents[0] = { ...extent, handle: extent.handle + 1_000_000 };
    second.extents.push(extent);
    expect(said(host)).toEqual([
      'enclave 0 names an extent of node 0 that nobody owns',
      'enclave 1 names an extent of node 0 that enclave 0 owns',
      'frames [0, +64) of node 0 belong to enclave 0, whose record does not have them',
    ]);
    expect(checkInvariants(host)[0].numbers.owner).toBe('nobody');
  });

  it('an extent that only the first of two records owns is a breach of the second, however often', () => {
    const host = qingtianPair();
    const [extent] = theRecord(host.tree, 0).extents;
    theRecord(host.tree, 1).extents.push(extent, extent);
    const breach = 'enclave 1 names an extent of node 0 that enclave 0 owns';
    expect(said(host)).toEqual([breach, breach]);
  });

  it('an extent that the second of two records owns is a breach of the first alone', () => {
    const host = qingtianPair();
    theRecord(host.tree, 0).extents.push(...theRecord(host.tree, 1).extents);
    expect(said(host)).toEqual(['enclave 0 names an extent of node 0 that enclave 1 owns']);
  });

  it('one page donated twice to the same enclave has one owner', () => {
    const host = nitroPair();
    const first = theRecord(host.tree, 1);
    first.donated.push(...first.donated);
    first.memoryBytes *= 2;
    expect(said(host)).toEqual([]);
  });

  it('a long range meets each later one inside it, and none that begins where it ends', () => {
    const host = nitroPair();
    const [first, second] = [theRecord(host.tree, 1), theRecord(host.tree, 2)];
    const [start] = first.donated;
    first.donated = [start, 64 * MIB];
    second.donated = [start + 8 * MIB, 2 * MIB, start + 62 * MIB, 4 * MIB, start + 64 * MIB, MIB];
    const shared = checkInvariants(host).filter(({ message }) => /^physical/.test(message));
    expect(shared.map(({ numbers }) => numbers)).toEqual([
      { phys: start + 8 * MIB, bytes: 2 * MIB, other: 1 },
      { phys: start + 62 * MIB, bytes: 2 * MIB, other: 1 },
    ]);
  });

  it('of two enclaves given the same bytes the later one is named, whichever record comes first', () => {
    const host = nitroPair();
    const [first, second] = [theRecord(host.tree, 1), theRecord(host.tree, 2)];
    first.donated.push(second.donated[0], MIB * 2);
    first.memoryBytes += MIB * 2;
    expect(said(host)).toEqual([
      `physical bytes from ${second.donated[0]} are donated to enclaves 1 and 2`,
    ]);
  });
});

describe('edges: whether a record has all frames of its enclave', () => {
  /** Slot 1 with its page of 64 MiB donated in these parts, as [offset, bytes] in MiB. */
  function donatedIn(...parts: readonly (readonly [number, number])[]): Host {
    const host = nitroPair();
    const slot = theRecord(host.tree, 1);
    const [start] = slot.donated;
    slot.donated = parts.flatMap(([offset, bytes]) => [start + offset * MIB, bytes * MIB]);
    slot.memoryBytes = parts.reduce((sum, [, bytes]) => sum + bytes * MIB, 0);
    return host;
  }
  const missing = /^frames \[\d+, \+\d+\) of node 1 belong to enclave 1, whose record/;

  it('parts that touch make up the page, in any order', () => {
    expect(said(donatedIn([0, 32], [32, 32]))).toEqual([]);
    expect(said(donatedIn([32, 32], [0, 32]))).toEqual([]);
    expect(said(donatedIn([60, 4], [10, 50], [0, 10]))).toEqual([]);
  });

  it('a part inside another ends the record no earlier', () => {
    expect(said(donatedIn([0, 64], [2, 4]))).toEqual([]);
  });

  it('a gap, a missing start and a missing end are breaches', () => {
    for (const parts of [
      [
        [0, 30],
        [32, 32],
      ],
      [[2, 62]],
      [[0, 62]],
    ] as const) {
      const [first, ...more] = said(donatedIn(...parts)).filter((one) => !/^memory/.test(one));
      expect(first).toMatch(missing);
      expect(more).toEqual([]);
    }
  });

  it('a slot that ended and whose page still has its owner is told as one that ended', () => {
    const host = nitroPair();
    removeRecord(host.tree, 1);
    expect(said(host)).toEqual([
      expect.stringMatching(/^frames .* of node 1 belong to enclave 1, which ended$/),
    ]);
  });

  it('a slot whose file is gone and that keeps memory only, or cores only, is a zombie', () => {
    const zombie = (ranges: number, cores: number) => {
      const host = nitroPair();
      const slot = theRecord(host.tree, 1);
      Object.assign(slot, { fd: -1, ranges });
      if (cores === 0) slot.cores = [];
      return said(host).filter((message) => message.includes('was closed'));
    };
    expect(zombie(1, 0)).toEqual(['enclave 1 was closed but keeps 0 cores and 1 ranges']);
    expect(zombie(0, 1)).toEqual(['enclave 1 was closed but keeps 1 cores and 0 ranges']);
    expect(zombie(0, 0)).toEqual([]);
  });
});

describe('edges: what was left behind', () => {
  it('scrubbed frames that did not come back are a breach, the footprint of a parent is none', () => {
    const host = nitroHost({ footprintMibPerNode: 64 });
    expect(said(host)).toEqual([]);
    host.memory[1].base.allocAt(512, 16, SCRUBBED);
    expect(said(host)).toEqual(['frames [512, +16) of node 1 did not come back']);
  });

  it('a donated range that ends off the 2 MiB grid is a breach, wherever it starts', () => {
    const host = nitroPair();
    theRecord(host.tree, 1).donated.splice(1, 1, PAGE - 4096);
    expect(checkInvariants(host).map(({ invariant }) => invariant)).toEqual([
      ...['aligned-contiguous', 'platform-caps', 'no-leak'],
    ]);
  });

  it('a breach says nothing of what it does not know: no key stands without a value', () => {
    for (const { sound, plant } of PLANTED_FAULTS) {
      const host = sound();
      for (const breach of checkInvariants(plant(host) ?? host)) {
        expect(Object.values(breach)).not.toContain(undefined);
      }
    }
  });
});

describe('edges: bounds', () => {
  it('pages are counted per enclave and in pages, not in frames', () => {
    const host = qingtianHost({ memoryMibPerNode: 8192, nodes: 1, coresPerNode: 8 });
    must(host, {
      kind: 'qingtian.reserve',
      conf: { hugepageSizeMib: 1024, memoryMib: 3072, cpuCount: 4 },
    });
    for (const [cid, memoryMib] of [
      [4, 1024],
      [5, 2048],
    ]) {
      runLaunch({ ...qingtianRequest(cid), memoryMib }, (command) => must(host, command));
    }
    const bounded = (maxPages: number) =>
      said({ ...host, options: { ...host.options, maxPages } }).filter((it) => /^pages/.test(it));
    expect(bounded(2)).toEqual([]);
    expect(bounded(1)).toEqual(['pages of enclave 1: 2, at most 1 allowed']);
  });

  it('vCPUs are bounded for one enclave and for all, each told by its name', () => {
    const host = qingtianPair();
    expect(said({ ...host, options: { ...host.options, maxVcpusTotal: 1 } })).toEqual([
      'vCPUs of all enclaves: 4, at most 1 allowed',
      'vCPUs of enclave 0: 2, at most 1 allowed',
      'vCPUs of enclave 1: 2, at most 1 allowed',
    ]);
  });

  it('a platform that promises nothing is held to what is true of every host', () => {
    const { guarantees: _, ...silent } = qingtianPair().profile;
    const host = { ...qingtianPair(), profile: silent };
    theRecord(host.tree, 0).cid = 1;
    theRecord(host.tree, 0).vcpus.pop();
    expect(checkInvariants(host, noteBefore(host))).toEqual([]);
    theRecord(host.tree, 1).cid = 1;
    expect(said(host)).toEqual(['enclaves 0 and 1 both have CID 1']);
  });
});

describe('edges: moves', () => {
  it('only the note ahead of a launch in one command says that it is one', () => {
    const host = qingtianPair();
    const note = (kind: string) => noteBefore(host, { kind } as Command).wholeLaunch;
    expect(['qingtian.launch', 'vm.launch', 'qingtian.start'].map(note)).toEqual([
      true,
      true,
      undefined,
    ]);
  });

  it('a parent that runs again without a boot is an illegal move', () => {
    const host = vmPair();
    const before = noteBefore(host);
    host.tree.records = [];
    expect(checkInvariants(host, { ...before, enclaves: [], parent: 'terminated' })[0]).toEqual({
      invariant: 'lifecycle-legal',
      message: 'the parent went from terminated to running, which no command does',
      numbers: { from: 'terminated', to: 'running' },
    });
  });

  it('a state of another surface is reached by no move, and leads to none', () => {
    const host = qingtianPair();
    const before = noteBefore(host);
    const moved = (from: Enclave['state'], to: Enclave['state']) => {
      theRecord(host.tree, 0).state = to;
      const [, second] = before.enclaves;
      const enclaves = [{ ...before.enclaves[0], state: from }, second];
      return checkInvariants(host, { ...before, enclaves }).map(({ message }) => message);
    };
    const illegal = (from: string, to: string) => [
      `enclave 0 went from ${from} to ${to}, which no command does`,
    ];
    expect(moved('running', 'running')).toEqual([]);
    expect(moved('running', 'RUNNING')).toEqual(illegal('running', 'RUNNING'));
    expect(moved('RUNNING', 'running')).toEqual(illegal('RUNNING', 'running'));
    expect(moved('RUNNING', 'RUNNING')).toEqual(illegal('RUNNING', 'RUNNING'));
  });

  it('while the parent stops, enclaves that do not run may still be there', () => {
    const host = qingtianPair();
    host.tree.parent = 'stopping';
    theRecord(host.tree, 0).state = 'loaded';
    expect(said(host)).toEqual(['enclave 1 is running while its parent is stopping']);
    host.tree.parent = 'stopped';
    expect(said(host)).toEqual([
      'enclave 0 is loaded while its parent is stopped',
      'enclave 1 is running while its parent is stopped',
    ]);
  });

  it('an enclave grows freely until it runs', () => {
    const host = qingtianPair();
    theRecord(host.tree, 0).state = 'loaded';
    const before = noteBefore(host);
    theRecord(host.tree, 0).memoryBytes += 2 * MIB;
    expect(checkInvariants(host, before)).toEqual([]);
    theRecord(host.tree, 0).state = 'equipped';
    theRecord(host.tree, 0).memoryBytes += 2 * MIB;
    expect(checkInvariants(host, before)).toEqual([]);
  });

  it('a whole launch excuses its new enclave only', () => {
    const host = qingtianPair();
    theRecord(host.tree, 0).state = 'loaded';
    const before = noteBefore(host, { kind: 'qingtian.launch' } as Command);
    theRecord(host.tree, 0).state = 'running';
    expect(checkInvariants(host, before).map(({ message }) => message)).toEqual([
      'enclave 0 went from loaded to running, which no command does',
      'enclave 0 went from loaded to running by a command that may move a new one',
    ]);
  });
});

describe('edges: who has a thread', () => {
  it('the clash of an enclave and the parent names the enclave, on either side', () => {
    const host = qingtianPair();
    const [cpu] = theRecord(host.tree, 0).vcpus;
    host.tree.online[cpu] = 1;
    const [clash] = checkInvariants(host);
    expect(clash).toMatchObject({ invariant: 'thread-one-owner', enclave: 0 });
  });

  it('the clash of parent and pool names no enclave', () => {
    const host = qingtianPair();
    host.tree.pool.avail.push([0]);
    const [clash] = checkInvariants(host);
    expect(clash.invariant).toBe('thread-one-owner');
    expect(clash).not.toHaveProperty('enclave');
  });
});

describe('edges: what a run must have reached', () => {
  const reachedBy = (host: Host, before?: ReturnType<typeof noteBefore>) => {
    const scene = sceneOf(host, before);
    return REACHED.filter(({ reached }) => reached(scene)).map(({ id }) => id);
  };

  it('two enclaves run, and none', () => {
    const host = qingtianPair();
    expect(reachedBy(host)).toEqual(['two-run', 'memory-held']);
    theRecord(host.tree, 0).state = 'loaded';
    expect(reachedBy(host)).toEqual(['memory-held']);
  });

  it('the pool is empty because enclaves have its threads, not because it had none', () => {
    const host = qingtianPair();
    host.tree.pool.avail = [[], []];
    expect(reachedBy(host)).toContain('pool-emptied');
    host.tree.pool.avail = [[], [6]];
    expect(reachedBy(host)).not.toContain('pool-emptied');
    host.tree.pool.avail = [];
    theRecord(host.tree, 0).cores = [];
    expect(reachedBy(host)).toContain('pool-emptied');
    theRecord(host.tree, 1).cores = [];
    expect(reachedBy(host)).not.toContain('pool-emptied');
  });

  it('one enclave ended while the parent runs; that nobody noted the time before is no end', () => {
    const host = qingtianPair();
    const before = noteBefore(host);
    expect(reachedBy(host, before)).not.toContain('ended');
    removeRecord(host.tree, 1);
    expect(reachedBy(host, before)).toContain('ended');
    expect(reachedBy(host)).not.toContain('ended');
    host.tree.parent = 'stopping';
    expect(reachedBy(host, before)).not.toContain('ended');
    expect(reachedBy(host, before)).toContain('parent-stopped');
  });
});
