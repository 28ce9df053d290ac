/**
 * What the hypervisor accepted for an enclave beside the owners that the stores know: the first frame
 * that is somebody else's is named, and what lies next to such a breach is none.
 *
 * Expected is every message of the whole list of invariants.
 */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { HELD } from '../../core/host/owner.js';
import { theRecord } from '../../core/host/records.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { POOL } from '../../core/memory/node-memory.js';
import { nitroPair, qingtianPair } from './sound-hosts.js';

const MIB = 1024 * 1024;

const said = (host: Host) => checkInvariants(host).map(({ message }) => message);

describe('donated: whose the frames are', () => {
  it('of a range that is only partly the enclave’s the first frame of another is named', () => {
    const host = qingtianPair();
    const [first, second] = [theRecord(host.tree, 0), theRecord(host.tree, 1)];
    const breach = (frame: number, owner: string) =>
      `frame ${frame} of node 0 is donated to enclave 1, its owner is ${owner}`;
    const [start, bytes] = second.donated;
    second.donated = [start, bytes + 2 * MIB];
    expect(said(host)).toEqual([breach(128, 'pool')]);
    second.donated = [start + 2 * MIB, bytes];
    expect(said(host)).toEqual([breach(128, 'pool')]);
    second.donated = [start, bytes, 512 * MIB, 2 * MIB];
    expect(said(host)).toEqual([breach(256, 'free')]);
    const [{ base, pools }] = host.memory;
    base.allocAt(256, 1, POOL + pools.length);
    expect(said(host)).toEqual([breach(256, `pool ${pools.length}`)]);
    base.freeRange(256, 1);
    second.donated = [-2 * MIB, 2 * MIB, start, bytes];
    expect(said(host)).toEqual([breach(-1, 'nobody')]);
    second.donated = [0, 2 * MIB, start, bytes];
    first.donated = [2 * MIB, 2 * MIB];
    const rest = `bytes given to the hypervisor of enclave 0: ${2 * MIB}, at least ${128 * MIB} allowed`;
    expect(said(host)).toEqual([breach(0, 'enclave 0'), rest]);
    expect(checkInvariants(host)[0]).toMatchObject({
      numbers: { frame: 0, owner: 'enclave 0' },
      enclave: 1,
      node: 0,
    });
  });

  it('ranges beyond the installed memory, and parts of those that are the enclave’s, are none', () => {
    const host = qingtianPair();
    const second = theRecord(host.tree, 1);
    const [start] = second.donated;
    second.donated = [start + 64 * MIB, 64 * MIB, 3072 * MIB, 2 * MIB, start, 64 * MIB];
    expect(said(host)).toEqual([]);
    second.donated.push(3070 * MIB, 4 * MIB);
    expect(said(host)).toEqual(['frame 1535 of node 0 is donated to enclave 1, its owner is free']);
  });

  it('each page of an enclave is looked for by itself, wherever its pages lie', () => {
    const host = nitroPair();
    const first = theRecord(host.tree, 1);
    const { store } = host.memory[1].pools[1];
    first.donated = [first.donated[0], 32 * MIB, first.donated[0] + 32 * MIB, 32 * MIB];
    expect(said(host)).toEqual([]);
    store.setOwner(store.covering(0).handle, HELD);
    expect(said(host)).toEqual(['frame 0 of node 1 is donated to enclave 1, its owner is held']);
  });
});
