/** The counts beside a fleet: what they say of each node, and that following a decision is counting anew. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { uidsOf } from '../../core/host/records.js';
import { runInPlace, runWhole } from '../../core/host/step.js';
import { FleetCounts } from '../../core/placement/fleet-counts.js';
import {
  donatePage,
  must,
  nitroPair,
  qingtianPair,
  qingtianRequest,
  startQingtian,
} from '../invariants/sound-hosts.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';
import { scaledRuns } from '../seed.js';
import { uneven } from './uneven-host.js';

/** Everything that an event may change, parent by parent. */
function said(counts: FleetCounts, fleet: readonly Host[]) {
  return fleet.map((_, h) => {
    const [from, to] = [counts.firstNode[h], counts.firstNode[h + 1]];
    return {
      threads: [...counts.freeThreads.slice(from, to)],
      mib: [...counts.freeMib.slice(from, to)],
      running: counts.running[h],
    };
  });
}

/** A pair of enclaves that may have more beside them. */
function uncapped(): Host {
  const shape = { coresPerNode: 8, nodes: 1, memoryMibPerNode: 3072 };
  const host = qingtianHost({ ...shape, options: { maxEnclaves: 'none' } });
  const conf = { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 8 };
  must(host, { kind: 'qingtian.reserve', conf });
  for (const cid of [4, 5]) startQingtian(host, cid);
  return host;
}

const reservedFor = (cpuCount: number) => ({ hugepageSizeMib: 2, memoryMib: 1024, cpuCount });

/** A pool of so many threads, of which all enclaves together may have `maxVcpusTotal` as vCPUs. */
function totalled(maxVcpusTotal: number, cpuCount: number): Host {
  const shape = { coresPerNode: 8, nodes: 1, memoryMibPerNode: 3072 };
  const host = qingtianHost({ ...shape, options: { maxEnclaves: 'none', maxVcpusTotal } });
  must(host, { kind: 'qingtian.reserve', conf: reservedFor(cpuCount) });
  return host;
}

/** Read off the memory of each node of plain parents. */
function plainGib(fleet: readonly Host[]): number[] {
  return fleet.flatMap(({ memory }) =>
    memory.map(({ base, frameKib }) => base.freeUnits(1_048_576 / frameKib)),
  );
}

function launchVm(host: Host, vcpus: number, nodes = 1) {
  return runWhole(host, { kind: 'vm.launch', vcpus, memoryMib: 512, nodes });
}

describe('counts of a fleet', () => {
  it('say of each node of each parent its threads and MiB for enclaves, and who runs', () => {
    const fleet = [vmHost({ coresPerNode: 3 }), qingtianPair(), nitroPair(), nitroHost()];
    launchVm(fleet[0], 2);
    const counts = new FleetCounts(fleet);
    expect([...counts.firstNode]).toEqual([0, 2, 3, 5, 7]);
    expect(said(counts, fleet)).toEqual([
      // Plain VMs take what is free in the parent.
      { threads: [4, 6], mib: [1536, 2048], running: 1 },
      // Eight CPUs and 512 MiB reserved, two enclaves of two and 128 MiB, as many as there may be.
      { threads: [0], mib: [256], running: 2 },
      // Four cores of node 1 and three pages of 64 MiB; two enclaves of one each.
      { threads: [0, 4], mib: [0, 64], running: 2 },
      // Nothing is reserved.
      { threads: [0, 0], mib: [0, 0], running: 0 },
    ]);
    const pools = [6, 6, 8, 0, 8, 0, 0];
    expect([...counts.poolThreads]).toEqual(pools);
    // A parent counted anew leaves the next one as it is.
    for (const host of [3, 2, 1, 0]) counts.recount(host);
    expect([...counts.poolThreads]).toEqual(pools);
  });

  it('whole GiB: aligned runs of a node, over all the stores that enclaves use', () => {
    const fleet = [vmHost({ nodes: 1 }), vmHost({ memoryMibPerNode: 3072 }), qingtianHost()];
    must(fleet[1], { kind: 'vm.launch', vcpus: 2, memoryMib: 2, nodes: 1 });
    const pages = nitroHost({ memoryMibPerNode: 3072, nodes: 1 });
    must(pages, { kind: 'nitro.write-hugepages', node: 0, pageKib: 1_048_576, text: '1' });
    must(pages, { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '512' });
    const counts = new FleetCounts([...fleet, pages]);
    // 2 GiB; 3 GiB less a broken one, and 3 GiB; nothing reserved on two nodes; two pools of 1 GiB.
    expect([0, 1, 2, 3, 4, 5].map(counts.wholeGib)).toEqual([2, 2, 3, 0, 0, 2]);
  });

  it('a parent is shut that is closed, or is not the only one that may take the ask', () => {
    const counts = new FleetCounts([vmHost(), vmHost(), vmHost()]);
    const shut = () => [0, 1, 2].map((host) => counts.isShut(host));
    expect(shut()).toEqual([false, false, false]);
    counts.closed[2] = 1;
    expect(shut()).toEqual([false, false, true]);
    counts.only = 1;
    expect(shut()).toEqual([true, false, true]);
    counts.only = 2;
    expect(shut()).toEqual([true, true, true]);
  });

  it('pass over CPUs that are on no node', () => {
    const fleet = [vmHost({ nodes: 1, coresPerNode: 2 }), uneven()];
    const counts = new FleetCounts(fleet);
    expect(said(counts, fleet).map(({ threads }) => threads)).toEqual([[4], [3, 2]]);
  });

  it.each([
    ['one effect for each launch and end', runWhole],
    ['launches and ends spelled out', runInPlace],
  ])('VMs on one node and on two, %s: following equals counting anew', (_, run) => {
    const fleet = [vmHost({ nodes: 1 }), vmHost()];
    const counts = new FleetCounts(fleet);
    const launches = [
      [0, 3, 1],
      [1, 3, 1],
      [1, 4, 2],
      [1, 6, 1],
      [0, 2, 1],
    ] as const;
    for (const [h, vcpus, nodes] of launches) {
      const command = { kind: 'vm.launch', vcpus, memoryMib: 512, nodes } as const;
      const { effects, refusal } = run(fleet[h], command);
      expect(refusal).toBeUndefined();
      counts.follow(h, effects);
      expect(said(counts, fleet)).toEqual(said(new FleetCounts(fleet), fleet));
    }
    expect(said(counts, fleet).map(({ threads }) => threads)).toEqual([[3], [3, 0]]);
    for (const [h, host] of fleet.entries()) {
      for (const uid of uidsOf(host.tree)) {
        counts.follow(h, run(host, { kind: 'vm.terminate', uid }).effects);
        expect(said(counts, fleet)).toEqual(said(new FleetCounts(fleet), fleet));
      }
    }
    expect(said(counts, fleet).map(({ threads }) => threads)).toEqual([[8], [8, 8]]);
  });

  it('an enclave of a reservation: cores and pages are counted out and in', () => {
    const fleet = [qingtianPair(), qingtianPair()];
    const counts = new FleetCounts(fleet);
    const [uid] = uidsOf(fleet[1].tree);
    counts.follow(1, runWhole(fleet[1], { kind: 'qingtian.stop', uid }).effects);
    expect(said(counts, fleet)[1]).toEqual({ threads: [6], mib: [384], running: 1 });
    const launch = { kind: 'qingtian.launch', request: qingtianRequest(6) } as const;
    counts.follow(1, runWhole(fleet[1], launch).effects);
    expect(said(counts, fleet)[1]).toEqual({ threads: [0], mib: [256], running: 2 });
    counts.disregardCaps();
    expect(said(counts, fleet)[1]).toEqual({ threads: [4], mib: [256], running: 2 });
    expect(said(counts, fleet)[0]).toEqual({ threads: [4], mib: [256], running: 2 });
  });

  it('a parent at its cap has no free threads, until one ends or its cap is disregarded', () => {
    // Of at most two enclaves; the third has no cap, nor have plain VMs.
    const fleet = [qingtianPair(), qingtianPair(), uncapped(), vmHost({ nodes: 1 })];
    for (const uid of uidsOf(fleet[1].tree)) must(fleet[1], { kind: 'qingtian.stop', uid });
    const counts = new FleetCounts(fleet);
    const full = () => [0, 1, 2, 3].map((host) => counts.keepsOut(host, 1));
    expect([[...counts.freeThreads], full(), counts.atCaps]).toEqual([
      [0, 8, 4, 8],
      [true, false, false, false],
      1,
    ]);
    const cids = [4, 5];
    for (const cid of cids) {
      const launch = { kind: 'qingtian.launch', request: qingtianRequest(cid) } as const;
      counts.follow(1, runWhole(fleet[1], launch).effects);
    }
    expect([[...counts.freeThreads], full(), counts.atCaps]).toEqual([
      [0, 0, 4, 8],
      [true, true, false, false],
      2,
    ]);
    // Told again, or counted anew, it is still one.
    counts.recount(1);
    counts.follow(1, []);
    expect(counts.atCaps).toBe(2);
    counts.disregardCaps();
    expect([[...counts.freeThreads], full(), counts.atCaps]).toEqual([
      [4, 4, 4, 8],
      [true, true, false, false],
      2,
    ]);
    counts.heedCaps();
    const [uid] = uidsOf(fleet[0].tree);
    counts.follow(0, runWhole(fleet[0], { kind: 'qingtian.stop', uid }).effects);
    expect([[...counts.freeThreads], full(), counts.atCaps]).toEqual([
      [6, 0, 4, 8],
      [false, true, false, false],
      1,
    ]);
  });

  it('a parent at its cap without an idle thread shows no fewer than lie idle there', () => {
    const host = qingtianHost({ coresPerNode: 8, nodes: 1, memoryMibPerNode: 3072 });
    must(host, { kind: 'qingtian.reserve', conf: reservedFor(4) });
    for (const cid of [4, 5]) startQingtian(host, cid);
    const counts = new FleetCounts([host]);
    expect([counts.freeThreads[0], counts.keepsOut(0, 1), counts.atCaps]).toEqual([0, true, 0]);
  });

  it('a parent shows what the cap on all vCPUs leaves to one more, as more come and go', () => {
    // Of 12 threads in each pool eight may be vCPUs, and three more of the third; the fourth has no cap.
    const fleet = [8, 8, 11].map((most) => totalled(most, 12));
    const plain = vmHost({ nodes: 1, coresPerNode: 8 });
    const counts = new FleetCounts([...fleet, plain]);
    const left = (host: number) => [7, 8, 9].map((vcpus) => counts.keepsOut(host, vcpus));
    expect([[...counts.freeThreads], counts.atCaps]).toEqual([[8, 8, 11, 16], 3]);
    expect(left(0)).toEqual([false, false, true]);
    expect(counts.keepsOut(3, 9999)).toBe(false);
    for (const [cid, shows] of [
      [4, 6],
      [5, 4],
    ] as const) {
      const launch = { kind: 'qingtian.launch', request: qingtianRequest(cid) } as const;
      counts.follow(1, runWhole(fleet[1], launch).effects);
      expect([[...counts.freeThreads], counts.atCaps]).toEqual([[8, shows, 11, 16], 3]);
      expect(counts.keepsOut(1, shows)).toBe(false);
      expect(counts.keepsOut(1, shows + 1)).toBe(true);
      expect([...new FleetCounts([...fleet, plain]).freeThreads]).toEqual([8, shows, 11, 16]);
    }
    counts.disregardCaps();
    expect([...counts.freeThreads]).toEqual([12, 8, 12, 16]);
    counts.heedCaps();
    const [uid] = uidsOf(fleet[1].tree);
    counts.follow(1, runWhole(fleet[1], { kind: 'qingtian.stop', uid }).effects);
    expect([[...counts.freeThreads], counts.atCaps]).toEqual([[8, 6, 11, 16], 3]);
  });

  it('a pool of no more threads than all may have of vCPUs is never held back, one of more is anew', () => {
    const fleet = [totalled(8, 8)];
    const counts = new FleetCounts(fleet);
    expect([[...counts.freeThreads], counts.atCaps]).toEqual([[8], 0]);
    expect(counts.keepsOut(0, 9)).toBe(false);
    must(fleet[0], { kind: 'qingtian.reserve', conf: reservedFor(12) });
    counts.follow(0, undefined);
    expect([[...counts.freeThreads], counts.atCaps]).toEqual([[8], 1]);
    expect(counts.keepsOut(0, 9)).toBe(true);
    must(fleet[0], { kind: 'qingtian.reserve', conf: reservedFor(8) });
    counts.follow(0, undefined);
    expect([[...counts.freeThreads], counts.atCaps]).toEqual([[8], 0]);
    expect(counts.keepsOut(0, 9)).toBe(false);
  });

  it('nobody is at a cap where no platform names one', () => {
    const fleet = [vmHost(), uncapped()];
    const counts = new FleetCounts(fleet);
    expect([[...counts.freeThreads], counts.keepsOut(1, 9999), counts.atCaps]).toEqual([
      [8, 8, 4],
      false,
      0,
    ]);
    counts.disregardCaps();
    expect([...counts.freeThreads]).toEqual([8, 8, 4]);
  });

  it('page sizes: of what is reserved on a node, used up or not; 0 for none and for several', () => {
    const two = nitroHost();
    must(two, { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '1' });
    must(two, { kind: 'nitro.write-hugepages', node: 1, pageKib: 2048, text: '1' });
    must(two, { kind: 'nitro.write-hugepages', node: 1, pageKib: 1_048_576, text: '1' });
    const used = nitroPair();
    const fleet = [vmHost({ nodes: 1 }), qingtianPair(), nitroHost(), two, used];
    const counts = new FleetCounts(fleet);
    expect([...counts.pageKib]).toEqual([0, 2048, 0, 0, 2048, 0, 0, 65_536]);
    // The last page of the pair's three is taken.
    must(used, { kind: 'nitro.create-vm', task: 3 });
    donatePage(used, 3);
    must(two, { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '0' });
    for (const host of [3, 4]) counts.follow(host, undefined);
    expect([...counts.pageKib]).toEqual([0, 2048, 0, 0, 0, 0, 0, 65_536]);
    expect(counts.freeMib[7]).toBe(0);
  });

  it('whole GiB are those that the stores have, whoever was asked for them before', () => {
    const launches = fc.record({
      host: fc.constantFrom(0, 1),
      vcpus: fc.constantFrom(1, 2),
      memoryMib: fc.constantFrom(512, 1024, 1536),
      // None is launched; the oldest ends.
      ends: fc.boolean(),
      asks: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(launches, { maxLength: 20 }), (events) => {
        const fleet = [vmHost({ memoryMibPerNode: 3072 }), vmHost({ memoryMibPerNode: 3072 })];
        const counts = new FleetCounts(fleet);
        for (const { host, vcpus, memoryMib, ends, asks } of events) {
          const [uid] = uidsOf(fleet[host].tree);
          const { effects } =
            ends && uid !== undefined
              ? runWhole(fleet[host], { kind: 'vm.terminate', uid })
              : runWhole(fleet[host], { kind: 'vm.launch', vcpus, memoryMib, nodes: 1 });
          counts.follow(host, effects);
          if (asks) expect([0, 1, 2, 3].map(counts.wholeGib)).toEqual(plainGib(fleet));
        }
        expect([0, 1, 2, 3].map(counts.wholeGib)).toEqual(plainGib(fleet));
      }),
      { numRuns: scaledRuns(50) },
    );
  });

  it('without effects the parent is looked at again, and only that one', () => {
    const fleet = [vmHost(), vmHost()];
    const counts = new FleetCounts(fleet);
    for (const host of fleet) launchVm(host, 2);
    counts.follow(1, undefined);
    expect(said(counts, fleet)).toEqual([
      { threads: [8, 8], mib: [2048, 2048], running: 0 },
      { threads: [6, 8], mib: [1536, 2048], running: 1 },
    ]);
  });
});
