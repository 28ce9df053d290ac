/** A boot brings back CPUs, device and unfragmented memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeHost, type MemoryLayout } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { applyUndoable, decide, runInPlace, step, undo } from '../../core/host/step.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { readSnapshot, writeSnapshot } from '../../core/journal/stored-snapshot.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { regularTopology } from '../../core/topology/regular.js';
import { CAMPAIGNS } from '../kit/campaigns.js';
import { scaledRuns } from '../seed.js';

function reboot(host: Host): void {
  if (host.tree.parent === 'running') runInPlace(host, { kind: 'parent.stop' });
  runInPlace(host, { kind: 'parent.boot' });
}

/** Four cores of two threads, CPU 5 offline at boot. */
function parentOf(profile: ReturnType<typeof nitroProfile>): Host {
  const cores = [0, 1, 2, 3].map((core) => [core, core + 4]);
  const nodes = [{ id: 0, cpus: cores.flat() }];
  const topology = { cores, nodes, offline: [5] };
  const described = describeHost({ profile, topology, memoryMib: [8192] });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  return described.host;
}

describe('parent.boot', () => {
  it.each(CAMPAIGNS)('$name: whatever was done, CPUs and device are as at first', (campaign) => {
    fc.assert(
      fc.property(campaign.intents(60), (list) => {
        const host = campaign.host();
        const { online, counters } = structuredClone(host.tree);
        for (const intent of list) runInPlace(host, campaign.resolve(host, intent));
        fc.pre(host.tree.parent !== 'terminated');
        reboot(host);
        expect(host.tree.parent).toBe('running');
        expect(host.tree.online).toEqual(online);
        expect(host.tree.counters.bound).toBe(counters.bound);
      }),
      { numRuns: scaledRuns(40) },
    );
  });

  it('found bug: a CPU taken offline by hand stayed offline over a reboot (QingTian)', () => {
    const host = parentOf(qingtianProfile());
    runInPlace(host, { kind: 'parent.set-online', cpu: 3, online: false });
    runInPlace(host, { kind: 'parent.set-online', cpu: 5, online: true });
    expect([host.tree.online[3], host.tree.online[5]]).toEqual([0, 1]);
    reboot(host);
    expect([host.tree.online[3], host.tree.online[5]]).toEqual([1, 0]);
  });

  it('found bug: so did an unbound device and a hotplugged CPU (Nitro)', () => {
    const host = parentOf(nitroProfile());
    runInPlace(host, { kind: 'nitro.hotplug', cpu: 3, online: false });
    runInPlace(host, { kind: 'nitro.unbind' });
    expect([host.tree.online[3], host.tree.counters.bound]).toEqual([0, 0]);
    reboot(host);
    expect([host.tree.online[3], host.tree.counters.bound]).toEqual([1, 1]);
  });

  describe('memory after days of uptime', () => {
    const lines = (host: Host) =>
      host.memory.map(({ base }) =>
        [...base.extents()].map(({ start, frames, owner }) => [start, frames, owner]),
      );
    const owners = (host: Host) =>
      host.memory.map(({ base }) =>
        Array.from({ length: base.frames }, (_, frame) => base.covering(frame).owner),
      );
    const of = (profile: ReturnType<typeof nitroProfile>, layout?: MemoryLayout) => {
      const topology = regularTopology({ cores: 4, threadsPerCore: 2, nodes: 2 });
      const memoryMib = [6144, 4096];
      const described = describeHost({ profile, topology, memoryMib, layout });
      if ('problems' in described) throw new Error(JSON.stringify(described.problems));
      return described.host;
    };
    const layouts = fc.record({
      kind: fc.constant('uptime' as const),
      days: fc.nat({ max: 400 }),
      seed: fc.integer(),
    });

    it.each([
      ['qingtian', qingtianProfile()],
      ['nitro', nitroProfile()],
      ['vm', vmProfile()],
    ])('%s: is a fresh parent’s, and stays so', (_, profile) => {
      const fresh = lines(of(profile));
      fc.assert(
        fc.property(layouts, (layout) => {
          const host = of(profile, layout);
          const aged = owners(host);
          runInPlace(host, { kind: 'parent.stop' });
          expect(owners(host)).toEqual(aged);
          for (let boots = 0; boots < 2; boots++) {
            reboot(host);
            expect(lines(host)).toEqual(fresh);
            expect(host.memory.flatMap((node) => node.verifyIndex())).toEqual([]);
            expect(checkInvariants(host)).toEqual([]);
          }
        }),
        { numRuns: scaledRuns(10) },
      );
    });

    it('undo brings the fragments back byte for byte, and Immer leaves the old host alone', () => {
      const host = of(qingtianProfile(), { kind: 'uptime', days: 90, seed: 7 });
      runInPlace(host, { kind: 'parent.stop' });
      const before = host.memory.map((node) => node.snapshot());
      const mark = applyUndoable(host, decide(host, { kind: 'parent.boot' }).effects);
      expect(lines(host)).toEqual(lines(of(qingtianProfile())));
      undo(host, mark);
      expect(host.memory.map((node) => node.snapshot())).toEqual(before);
      const stepped = step(host, { kind: 'parent.boot' });
      expect(host.memory.map((node) => node.snapshot())).toEqual(before);
      expect(lines(stepped.host)).toEqual(lines(of(qingtianProfile())));
    });

    it('a stored snapshot boots as the host it was taken of', () => {
      const layout = { kind: 'uptime', days: 90, seed: 7 } as const;
      const host = of(qingtianProfile(), layout);
      runInPlace(host, { kind: 'parent.stop' });
      const read = readSnapshot(of(qingtianProfile(), layout), writeSnapshot(host, 1));
      if (!read.ok) throw new Error(read.problem);
      for (const one of [host, read.host]) runInPlace(one, { kind: 'parent.boot' });
      expect(lines(read.host)).toEqual(lines(of(qingtianProfile())));
      expect(writeSnapshot(read.host, 2)).toBe(writeSnapshot(host, 2));
    });

    it('an explicit list of free memory stays', () => {
      const freeKib = [[[4096, 8192]], [[0, 1024 ** 2]]] as const;
      const host = of(qingtianProfile(), { kind: 'explicit', freeKib });
      const before = lines(host);
      reboot(host);
      expect(lines(host)).toEqual(before);
    });
  });
});
