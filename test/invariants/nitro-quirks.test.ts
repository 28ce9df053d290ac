/**
 * Isolation on Nitro as its driver really is: what each named quirk breaks, by its shortest path.
 * The invariants see all of it; with these paths left out they hold (test/host/campaign).
 */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { nitroHost } from '../kit/hosts.js';
import { donatePage, endedNitro, must, nitroPair } from './sound-hosts.js';

const PERMISSIVE = { kind: 'permissive' } as const;
const ISOLATING = { kind: 'isolating' } as const;

function broken(host: Host) {
  return checkInvariants(host).map(({ invariant, quirk }) => ({ invariant, quirk }));
}

describe('quirks: what they break', () => {
  it('pool-cpu-online: the administrator brings a pool CPU online', () => {
    const host = nitroHost();
    must(host, { kind: 'nitro.write-pool', text: '4,12' });
    must(host, { kind: 'nitro.hotplug', cpu: 12, online: true });
    expect(broken(host)).toEqual([{ invariant: 'thread-one-owner', quirk: undefined }]);
  });

  it('pool-lone-thread: the sibling of a lone pool thread comes online', () => {
    for (const hypervisor of [PERMISSIVE, ISOLATING]) {
      const host = nitroHost({ offline: [12], hypervisor });
      must(host, { kind: 'nitro.write-pool', text: '4' });
      must(host, { kind: 'nitro.create-vm', task: 1 });
      must(host, { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0 });
      expect(broken(host)).toEqual([]);
      const { refusal } = runInPlace(host, { kind: 'nitro.hotplug', cpu: 12, online: true });
      expect(refusal?.rule).toBe(
        hypervisor === ISOLATING ? 'nitro.hypervisor-cpu-donated' : undefined,
      );
      const split = [{ invariant: 'whole-cores', quirk: undefined }];
      expect(broken(host)).toEqual(hypervisor === ISOLATING ? [] : split);
    }
  });

  it('unbind-unlists: a forgotten enclave goes on with cores of another node', () => {
    for (const hypervisor of [PERMISSIVE, ISOLATING]) {
      const host = nitroHost({ pageSizesKib: [2048, 65_536], hypervisor });
      must(host, { kind: 'nitro.write-pool', text: '4-7,12-15' });
      must(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 65_536, text: '1' });
      must(host, { kind: 'nitro.create-vm', task: 1 });
      donatePage(host, 1);
      must(host, { kind: 'nitro.unbind' });
      must(host, { kind: 'nitro.write-pool', text: '1-3,9-11' });
      must(host, { kind: 'nitro.bind' });
      for (let thread = 0; thread < 2; thread++) {
        must(host, { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0 });
      }
      const start = { kind: 'nitro.start', slot: 1, cid: 0n, flags: 0n } as const;
      expect(runInPlace(host, start).refusal?.codes).toEqual(
        hypervisor === ISOLATING ? ['EXDEV'] : undefined,
      );
      const spread = [{ invariant: 'numa-local', quirk: undefined }];
      expect(broken(host)).toEqual(hypervisor === ISOLATING ? [] : spread);
    }
  });

  it('zombie-slot: a close whose SLOT_FREE failed keeps everything', () => {
    const host = nitroPair();
    const answers = { SLOT_FREE: { nth: 1, errno: 5 } };
    runInPlace(host, { kind: 'nitro.close', slot: 1, answers });
    expect(broken(host)).toEqual([{ invariant: 'no-leak', quirk: 'zombie-slot' }]);
  });

  it('pin-leak: a page of the wrong node stays pinned after the last enclave', () => {
    const host = endedNitro();
    must(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 65_536, text: '1' });
    must(host, { kind: 'nitro.create-vm', task: 1 });
    const { address } = must(host, { kind: 'nitro.map-page', task: 1, pageKib: 65_536 }).facts;
    if (address === undefined) throw new Error('a mapped page has no address');
    must(host, { kind: 'nitro.touch', address, localNode: 0 });
    const { refusal } = runInPlace(host, {
      kind: 'nitro.set-memory',
      slot: 3,
      task: 1,
      flags: 0n,
      address: BigInt(address),
      bytes: BigInt(64 * 1024 * 1024),
    });
    expect(refusal?.codes).toContain('NE 264');
    must(host, { kind: 'nitro.unmap', address });
    must(host, { kind: 'nitro.close', slot: 3 });
    const found = broken(host);
    expect(found).not.toEqual([]);
    for (const one of found) expect(one).toEqual({ invariant: 'no-leak', quirk: 'pin-leak' });
  });
});
