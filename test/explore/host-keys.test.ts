/** Keys of a host: what a load sets, whatever was loaded before, and that nothing else is written anew. */
import { describe, expect, it } from 'vitest';
import { BASE, CPUS, createHostKeys, FIRST_NODE } from '../../core/explore/host-keys.js';
import type { Effect } from '../../core/host/effect.js';
import { putRecord, recordOf } from '../../core/host/records.js';
import { newEnclave } from '../../core/host/tree.js';
import { wholeScope } from './tiny-scopes.js';

const PLACES = 2;

function made() {
  const host = wholeScope('nitro-2x2x2x2').build();
  const keys = createHostKeys(host, PLACES);
  return { host, keys, key: new Int32Array(keys.layout.words) };
}

describe('a load', () => {
  it('sets the next CID above those that are named by a place, each time', () => {
    const { host, keys, key } = made();
    keys.encode(key);
    const { counters } = host.tree;
    for (const before of [0, 5]) {
      counters.nextCid = before;
      keys.load(key);
      expect(counters.nextCid).toBe(host.hypervisor.firstCid + PLACES);
    }
  });

  it('takes on every part when it is the first', () => {
    const { host, keys, key } = made();
    const { tree } = host;
    const other = key.slice();
    keys.encode(key);
    tree.parent = 'stopped';
    keys.encode(other);
    expect([key[BASE], other[BASE]]).toEqual([0, 1]);
    tree.parent = 'running';
    keys.load(other);
    expect(tree.parent).toBe('stopped');
  });
});

describe('what did not change', () => {
  const UID = 1;

  it('is loaded once', () => {
    const { host, keys, key } = made();
    const { tree, memory } = host;
    putRecord(tree, newEnclave({ uid: UID, state: 'INIT', cid: 0 }));
    keys.encode(key);
    keys.load(key);
    const { reservation, pool, mappings } = tree;
    const record = recordOf(tree, UID);
    // Behind the back of the keys: a load of the same key does not look.
    memory[1].base.allocAt(0, 1, 9);
    keys.load(key);
    expect(tree.reservation).toBe(reservation);
    expect(tree.pool).toBe(pool);
    expect(tree.mappings).toBe(mappings);
    expect(recordOf(tree, UID)).toBe(record);
    expect(memory[1].base.covering(0).owner).toBe(9);
    keys.forgetAll();
    keys.load(key);
    expect(memory[1].base.covering(0).owner).toBe(0);
    expect(recordOf(tree, UID)).not.toBe(record);
  });

  it('is not written anew, word by word', () => {
    const { host, keys, key } = made();
    const { layout } = keys;
    const online: Effect = { kind: 'set-online', cpu: 0, to: 1 };
    const from = new Int32Array(layout.words).fill(77);
    const written = (effects?: readonly Effect[]) => {
      keys.encode(key, from, effects);
      return [...key.keys()].filter((word) => key[word] !== 77);
    };
    const claim = { kind: 'claim', node: 1, size: 0, runs: [], owner: 9, uid: UID } as const;
    expect(host.hypervisor.firstSlot).toBe(UID);
    expect(written([])).toEqual([]);
    expect(written([online])).toEqual([CPUS]);
    expect(written([claim])).toEqual([BASE, FIRST_NODE + 1, layout.firstPlace]);
    expect(written()).toEqual([...key.keys()]);
  });
});
