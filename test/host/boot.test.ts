/** A boot brings back CPUs and device as they were when the parent was first described. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
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
});
