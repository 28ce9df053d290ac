/** An extent list says what `extents()` says, whichever way the store lists, and nothing of a look before. */
import { describe, expect, it } from 'vitest';
import { ExtentList } from '../../core/memory/extent-list.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import type { ExtentStore } from '../../core/memory/extent-store.js';
import { alteredStore } from '../kit/altered-store.js';

function listed(list: ExtentList, store: ExtentStore): readonly (readonly number[])[] {
  list.fill(store);
  const { count, starts, frames, owners } = list;
  return Array.from({ length: count }, (_, i) => [starts[i], frames[i], owners[i]]);
}

const runsOf = (store: ExtentStore) =>
  [...store.extents()].map(({ start, frames, owner }) => [start, frames, owner]);

describe('an extent list', () => {
  it('is filled anew by each look, also by a shorter one, and by a store that only has extents()', () => {
    const store = createExtentPool({ tag: 0, frames: 32, granuleFrames: 4 });
    const list = new ExtentList();
    for (const start of [2, 9, 20]) store.allocAt(start, 3, 5 + start);
    expect(listed(list, store)).toEqual(runsOf(store));
    expect(list.count).toBe(7);
    const plain = alteredStore(store, { extents: () => store.extents() });
    expect(plain.listInto).toBeUndefined();
    expect(listed(new ExtentList(), plain)).toEqual(runsOf(store));
    store.freeRange(9, 3);
    expect(listed(list, store)).toEqual(runsOf(store));
    expect(list.count).toBe(5);
  });
});
