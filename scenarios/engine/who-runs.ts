/**
 * Who must run on each parent of a fleet: whom its launches brought, less whom its ends took.
 *
 * An end that ends another enclave than the one it names leaves a sound parent behind, so no invariant of
 * a single state sees it; a fleet that audits knows whom each event was about. Invariant: the list is
 * kept from the events alone, and only compared with the parent's records. Trade-off: O(enclaves of the
 * parent) an event; what a breach left is what is compared from then on, so that it is told once.
 */
import type { Host } from '../../core/host/host.js';
import { isRunning } from '../../core/invariants/running.js';

/** Whom an event moved: one that came, one that went, or all that were there. */
export type Moved =
  | { readonly came: number }
  | { readonly went: number }
  | { readonly went: 'all' }
  | undefined;

export class WhoRuns {
  /** Uids by parent, ascending. */
  private readonly uids: number[][];
  private readonly fleet: readonly Host[];

  constructor(fleet: readonly Host[]) {
    this.fleet = fleet;
    this.uids = fleet.map(uidsOf);
  }

  /** What an event on a parent did beside moving whom it should, in words; [] = nothing. */
  otherwise(host: number, moved: Moved): string[] {
    const wanted = this.uids[host];
    if (moved !== undefined) move(wanted, moved);
    const { records } = this.fleet[host].tree;
    let same = records.length === wanted.length;
    for (let i = 0; same && i < wanted.length; i++) {
      same = records[i].uid === wanted[i] && isRunning(records[i].state);
    }
    return same ? [] : this.tell(host, wanted);
  }

  private tell(host: number, wanted: readonly number[]): string[] {
    const { records } = this.fleet[host].tree;
    const there = uidsOf(this.fleet[host]);
    this.uids[host] = there;
    return [
      ...wanted
        .filter((uid) => !there.includes(uid))
        .map((uid) => `enclave ${uid} went by an event that was not about it`),
      ...there
        .filter((uid) => !wanted.includes(uid))
        .map((uid) => `enclave ${uid} is there, and no launch brought it or an end took it`),
      ...records
        .filter(({ state }) => !isRunning(state))
        .map(({ uid, state }) => `enclave ${uid} is ${state}, and nothing ended it`),
    ];
  }
}

function uidsOf({ tree }: Host): number[] {
  return tree.records.map(({ uid }) => uid);
}

function move(uids: number[], moved: NonNullable<Moved>): void {
  if ('came' in moved) {
    const after = uids.findIndex((uid) => uid > moved.came);
    uids.splice(after < 0 ? uids.length : after, 0, moved.came);
  } else if (moved.went === 'all') uids.length = 0;
  else {
    const at = uids.indexOf(moved.went);
    if (at >= 0) uids.splice(at, 1);
  }
}
