/** A whole life with mapped pages whose order is not that of their addresses, and back. */
import { describe, expect, it } from 'vitest';
import { apply, undoTree } from '../../core/host/apply.js';
import type { AdmitMapped } from '../../core/host/effect.js';
import { enclaveOwner } from '../../core/host/owner.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { nitroHost } from '../kit/hosts.js';

const MIB = 1024 ** 2;

describe('admit-mapped', () => {
  const vcpus = [1, 3];
  const make = () => {
    const host = nitroHost();
    const write = { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '4' } as const;
    expect(runInPlace(host, write).refusal).toBeUndefined();
    const [pool] = host.memory[0].pools;
    const [first] = [...pool.store.extents()].map(({ start }) => start);
    const frames = pool.pageFrames;
    const high = { size: 0, start: first, pages: 1, address: 6 * MIB };
    const low = { size: 0, start: first + frames, pages: 2, address: 2 * MIB };
    const effect: AdmitMapped = {
      kind: 'admit-mapped',
      enclave: { uid: host.tree.counters.nextSlot, state: 'RUNNING', node: 0, task: 7, vcpus },
      cores: [],
      node: 0,
      touched: [high, low],
      runs: [high, low],
      nextCid: { from: host.tree.counters.nextCid, to: host.tree.counters.nextCid + 1 },
    };
    return { host, effect };
  };

  it('gives ranges in the order given, regions and mappings by address', () => {
    const { host, effect } = make();
    apply(host, [effect]);
    const record = theRecord(host.tree, effect.enclave.uid);
    expect(record.regions.map(({ address }) => address / MIB)).toEqual([2, 4, 6]);
    expect(host.tree.mappings.map(({ address }) => address / MIB)).toEqual([2, 4, 6]);
    const [phys] = record.donated;
    const two = 2 * MIB;
    expect(record.donated).toEqual([phys, two, phys + two, two, phys + 2 * two, two]);
    // By address the last page is the one that was given first.
    expect(record.regions.map(({ pages }) => pages[0] - phys)).toEqual([two, 2 * two, 0]);
    expect(host.tree.counters.pinned).toBe(3);
    const owned = host.memory[0].pools[0].store;
    const mine = [...owned.extents()].filter(
      ({ owner }) => owner === enclaveOwner(effect.enclave.uid),
    );
    expect(mine).toHaveLength(3);
  });

  it('shares no list with its effect that the record could write, and the tree goes back', () => {
    const { host, effect } = make();
    const before = JSON.stringify(host.tree);
    apply(host, [effect]);
    theRecord(host.tree, effect.enclave.uid).vcpus.push(9);
    expect(vcpus).toEqual([1, 3]);
    undoTree(host.tree, [effect], { dirtyRuns: 0, online: undefined });
    expect(JSON.stringify(host.tree)).toBe(before);
  });
});
