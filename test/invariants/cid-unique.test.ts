/** CID 0: what it means depends on whether the enclave runs, and on the platform. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { sceneOf } from '../../core/invariants/check.js';
import { cidUnique } from '../../core/invariants/cid-unique.js';
import { nitroPair, qingtianPair, vmPair } from './sound-hosts.js';

const said = (host: Host) => cidUnique.check(sceneOf(host))?.map(({ message }) => message);

describe('CID 0', () => {
  // Found bug: 0 was taken for a CID to come, whatever the state.
  it.each([
    ['nitro', nitroPair],
    ['qingtian', qingtianPair],
  ])('is no CID of an enclave that runs: %s', (_, make) => {
    const host = make();
    const [one] = host.tree.records;
    one.cid = 0;
    expect(said(host)).toEqual([`enclave ${one.uid} has the reserved CID 0`]);
    one.state = 'loaded';
    expect(said(host)).toEqual([]);
  });

  it('is what plain VMs have', () => {
    expect(vmPair().tree.records.map(({ cid }) => cid)).toEqual([0, 0]);
    expect(said(vmPair())).toEqual([]);
  });
});
