/** A copied tree shares no list with the live one, so that what is written in place stays there. */
import { describe, expect, it } from 'vitest';
import { copyTree } from '../../core/host/copy-tree.js';
import { enclaveOwner } from '../../core/host/owner.js';
import type { HostTree } from '../../core/host/tree.js';
import { nitroPair } from '../invariants/sound-hosts.js';

const LISTS = ['online', 'records', 'mappings', 'promised', 'dirty'] as const;
const PARTS = ['pool', 'reservation', 'counters'] as const satisfies readonly (keyof HostTree)[];

describe('a copy of a tree', () => {
  it('is equal and shares no list and no record', () => {
    const { tree } = nitroPair();
    tree.dirty.push({ node: 1, start: 0, frames: 32, enclave: enclaveOwner(1) });
    const copy = copyTree(tree);
    expect(copy).toEqual(tree);
    for (const name of [...LISTS, ...PARTS]) expect(copy[name], name).not.toBe(tree[name]);
    expect(copy.pool.avail).not.toBe(tree.pool.avail);
    for (const [i, record] of copy.records.entries()) expect(record).not.toBe(tree.records[i]);
  });
});
