/** Caps of a fleet at their bounds, and which parents are closed when one has refused by them. */
import { describe, expect, it } from 'vitest';
import { FleetCaps, fleetCaps } from '../../core/placement/fleet-caps.js';
import { FleetCounts } from '../../core/placement/fleet-counts.js';
import type { FleetAsk } from '../../core/placement/fleet-view.js';
import type { Caps } from '../../core/platform/guarantees.js';
import { must, qingtianPair } from '../invariants/sound-hosts.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';

const ASK: FleetAsk = { vcpus: 2, memoryMib: 512, nodes: 1, blind: false, end: 1000 };
const WIDEST = 2048;

/** What is promised, an ask at its bound, one just beyond. */
const BOUNDS: readonly (readonly [string, Caps, Partial<FleetAsk>, Partial<FleetAsk>])[] = [
  ['steps of vCPUs', { vcpuStep: 2 }, { vcpus: 4 }, { vcpus: 3 }],
  ['vCPUs', { maxVcpus: 4 }, { vcpus: 4 }, { vcpus: 5 }],
  ['vCPUs of all enclaves', { maxVcpusTotal: 6 }, { vcpus: 6 }, { vcpus: 7 }],
  ['both of those', { maxVcpus: 8, maxVcpusTotal: 6 }, { vcpus: 6 }, { vcpus: 7 }],
  ['the other way round', { maxVcpus: 4, maxVcpusTotal: 6 }, { vcpus: 4 }, { vcpus: 5 }],
  ['least memory', { minMemoryMib: 128 }, { memoryMib: 127 }, { memoryMib: 126 }],
  ['pages of the widest size', { maxPages: 256 }, { memoryMib: 512 }, { memoryMib: 513 }],
];

describe('caps of a fleet', () => {
  it.each(BOUNDS)(
    '%s: the bound is allowed, what is beyond it forbidden',
    (_, caps, at, beyond) => {
      const both = new FleetCaps([{}, caps]);
      expect(both.forbids(1, { ...ASK, ...at }, WIDEST)).toBe(false);
      expect(both.forbids(1, { ...ASK, ...beyond }, WIDEST)).toBe(true);
      expect(both.forbids(0, { ...ASK, ...beyond }, WIDEST)).toBe(false);
    },
  );

  it('of a little memory nothing is forbidden that a whole page is: a like parent may take it', () => {
    const caps = new FleetCaps([{ minMemoryMib: 64 }]);
    expect(caps.forbids(0, { ...ASK, memoryMib: 32 }, 1024 ** 2)).toBe(false);
    expect(caps.forbids(0, { ...ASK, memoryMib: 32 }, 2048)).toBe(true);
    expect(caps.forbids(0, { ...ASK, memoryMib: 32 }, 0)).toBe(false);
  });

  it('are none where no platform sets one, whatever it promises besides', () => {
    expect(fleetCaps([vmHost(), vmHost()])).toBeUndefined();
    expect(fleetCaps([])).toBeUndefined();
    expect(fleetCaps([vmHost(), nitroHost()])?.mostEnclaves).toEqual(Int32Array.of(2 ** 31 - 1, 4));
    // Nitro's hypervisor that allows as many as can be counted.
    const many = nitroHost({ hypervisor: { maxEnclaves: Number.MAX_SAFE_INTEGER } });
    expect(fleetCaps([vmHost(), qingtianHost()])?.mostVcpusTotal).toEqual(
      Int32Array.of(2 ** 31 - 1, 62),
    );
    expect(fleetCaps([many])?.mostEnclaves).toEqual(Int32Array.of(2 ** 31 - 1));
  });
});

describe('caps of a fleet: one parent has refused', () => {
  /** 2 MiB pages twice, 1 GiB pages, and a plain host. */
  function fleet() {
    const wide = qingtianHost({ nodes: 1, coresPerNode: 8, memoryMibPerNode: 3072 });
    const conf = { hugepageSizeMib: 1024, memoryMib: 1024, cpuCount: 4 };
    must(wide, { kind: 'qingtian.reserve', conf });
    return [qingtianPair(), wide, qingtianPair(), qingtianPair(), vmHost({ nodes: 1 })];
  }

  it('by its caps: those that must refuse too are closed, and named', () => {
    const counts = new FleetCounts(fleet());
    counts.closed[3] = 1;
    counts.closed[0] = 1;
    expect(counts.closeForbidden(0, { ...ASK, memoryMib: 1024 })).toEqual([2]);
    expect([...counts.closed]).toEqual([1, 0, 1, 1, 0]);
    // An odd number of vCPUs is nothing that pages would help.
    expect(counts.closeForbidden(1, { ...ASK, vcpus: 3 })).toEqual([1]);
    expect([...counts.closed]).toEqual([1, 1, 1, 1, 0]);
  });

  it('for another reason: none is closed', () => {
    const counts = new FleetCounts(fleet());
    expect(counts.closeForbidden(0, ASK)).toBeUndefined();
    expect(counts.closeForbidden(1, { ...ASK, memoryMib: 1024 })).toBeUndefined();
    expect(counts.closeForbidden(4, { ...ASK, memoryMib: 9999 })).toBeUndefined();
    expect(new FleetCounts([vmHost()]).closeForbidden(0, ASK)).toBeUndefined();
    expect([...counts.closed]).toEqual([0, 0, 0, 0, 0]);
  });

  it('with pages of two sizes the wider count, and a new reservation is heeded', () => {
    const host = nitroHost();
    // Nothing is reserved: there is no room, but no cap forbids it.
    expect(new FleetCounts([qingtianHost()]).closeForbidden(0, ASK)).toBeUndefined();
    const { profile } = host;
    const bound = {
      ...profile,
      guarantees: { ...profile.guarantees, caps: () => ({ maxPages: 1 }) },
    };
    const twoSizes = { ...host, profile: bound as typeof profile };
    for (const pageKib of [2048, 1_048_576]) {
      must(host, { kind: 'nitro.write-hugepages', node: 0, pageKib, text: '1' });
    }
    const wide = new FleetCounts([twoSizes]);
    expect(wide.pageKib[0]).toBe(0);
    expect(wide.closeForbidden(0, { ...ASK, memoryMib: 1024 })).toBeUndefined();
    expect(wide.closeForbidden(0, { ...ASK, memoryMib: 1025 })).toEqual([0]);
    wide.closed[0] = 0;
    must(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 1_048_576, text: '0' });
    wide.follow(0, undefined);
    expect(wide.closeForbidden(0, { ...ASK, memoryMib: 1024 })).toEqual([0]);
  });
});
