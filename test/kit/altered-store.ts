/**
 * An extent store with some members replaced, for planting faults.
 *
 * Invariant: all other members are the store's own, bound to it; the store itself is unchanged.
 * Trade-off: a Proxy, since a store's members may live on its prototype, where a spread finds none.
 */
import type { ExtentStore } from '../../core/memory/extent-store.js';

/** Absent, so that all goes one by one through what may have been replaced. */
const MANY: ReadonlySet<PropertyKey> = new Set(['listInto', 'allocEach', 'holdsEach', 'freeEach']);

export function alteredStore(store: ExtentStore, members: Partial<ExtentStore>): ExtentStore {
  return new Proxy(store, {
    get: (target, key) => {
      if (key in members) return Reflect.get(members, key);
      // Who changes an operation changes whatever does many of them at once.
      if (MANY.has(key)) return undefined;
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
