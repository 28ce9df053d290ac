/** Keys of a host: what a load sets, whatever was loaded before. */
import { describe, expect, it } from 'vitest';
import { BASE, createHostKeys } from '../../core/explore/host-keys.js';
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
