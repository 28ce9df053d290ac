/** The silent pass of the audit: certain of sound hosts, of no planted fault, and never without cause. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { looksSound } from '../../core/invariants/looks-sound.js';
import { FleetAudit } from '../../scenarios/engine/fleet-audit.js';
import { scaledRuns } from '../seed.js';
import { PLANTED_FAULTS } from './planted-faults.js';
import { nitroPair, qingtianPair, vmPair } from './sound-hosts.js';

/** Faults of a state, not of a move: those that a look at one host can notice. */
const SEEN = PLANTED_FAULTS.filter(({ sound, plant }) => {
  const host = sound();
  return checkInvariants(plant(host) ?? host).length > 0;
});

describe('the silent pass', () => {
  it('is certain of hosts with running enclaves, and leaves driver slots to the full check', () => {
    expect([qingtianPair(), vmPair(), nitroPair()].map(looksSound)).toEqual([true, true, false]);
  });

  it.each(SEEN)('is not certain: $fault', ({ sound, plant }) => {
    const host = sound();
    expect(looksSound(plant(host) ?? host)).toBe(false);
  });

  it('has faults to see of every kind but moves', () => {
    expect(new Set(SEEN.map(({ invariant }) => invariant)).size).toBeGreaterThanOrEqual(11);
  });

  it('lets the audit of a touched parent tell every such fault in words', () => {
    for (const { sound, plant, fault } of SEEN) {
      const host = sound();
      const audit = new FleetAudit([plant(host) ?? host]);
      audit.touched(0);
      expect(audit.first, fault).not.toEqual([]);
    }
  });

  it('is never certain of a plain-VM host that the full check finds broken', () => {
    const seen = { certain: 0, broken: 0 };
    const maybe = (most: number) => fc.option(fc.nat(most), { nil: undefined, freq: 2 });
    fc.assert(
      fc.property(maybe(200), maybe(15), maybe(15), (owner, online, pooled) => {
        const host = vmPair();
        runInPlace(host, { kind: 'vm.launch', vcpus: 2, memoryMib: 64, nodes: 1 });
        const [{ handle, node }] = theRecord(host.tree, 2).extents;
        const { avail } = host.tree.pool;
        if (owner !== undefined) host.memory[node].base.setOwner(handle, owner + 1);
        if (online !== undefined) host.tree.online[online] = 1;
        if (pooled !== undefined) avail[0] = [...avail[0], pooled];
        const broken = checkInvariants(host).length > 0;
        const certain = looksSound(host);
        if (broken) expect(certain).toBe(false);
        seen.certain += Number(certain);
        seen.broken += Number(broken);
      }),
      { numRuns: scaledRuns(200) },
    );
    expect(seen.certain, JSON.stringify(seen)).toBeGreaterThan(0);
    expect(seen.broken, JSON.stringify(seen)).toBeGreaterThan(0);
  });
});
