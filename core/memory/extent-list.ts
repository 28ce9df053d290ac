/**
 * The extents of one store as three lists side by side, filled anew for each look.
 *
 * For audits after each of millions of events: an object for each extent would cost more than what
 * is then compared. Invariant: entries 0 … count - 1 are what `extents()` says, in its order; what
 * lies behind is of an earlier look. Trade-off: no handles; who needs one asks the store.
 */
import type { ExtentStore } from './extent-store.js';

export class ExtentList {
  count = 0;
  readonly starts: number[] = [];
  readonly frames: number[] = [];
  readonly owners: number[] = [];

  add(start: number, frames: number, owner: number): void {
    const at = this.count++;
    this.starts[at] = start;
    this.frames[at] = frames;
    this.owners[at] = owner;
  }

  /** Takes on the extents of a store. */
  fill(store: ExtentStore): void {
    this.count = 0;
    if (store.listInto !== undefined) store.listInto(this);
    else for (const { start, frames, owner } of store.extents()) this.add(start, frames, owner);
  }
}
