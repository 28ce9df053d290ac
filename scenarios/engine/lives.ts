/**
 * What runs where in a fleet: one slot a life, on typed arrays, reused after the end.
 *
 * Invariant: a slot is taken from its launch until its end has been told; `era` says whether the
 * parent has gone down since, in which case there is nothing left to end. A spare slot has host -1. A
 * member of a group counts for it from its launch until it is no more, by whichever end.
 */
import { GroupPlaces, NO_GROUP } from './group-places.js';
import type { FleetRequest } from './request.js';

const FIRST_CAPACITY = 1024;
const NOBODY = -1;

export class Lives {
  host = new Int32Array(FIRST_CAPACITY);
  uid = new Int32Array(FIRST_CAPACITY);
  vcpus = new Int32Array(FIRST_CAPACITY);
  mib = new Int32Array(FIRST_CAPACITY);
  era = new Int32Array(FIRST_CAPACITY);
  /** Number of the request that it came of. */
  ask = new Float64Array(FIRST_CAPACITY);
  readonly groups = new GroupPlaces();
  /** Number of the group that counts it; 0 = none. */
  private group = new Int32Array(FIRST_CAPACITY);
  private readonly spare: number[] = [];
  private used = 0;

  /** The slot of what starts on a parent. */
  take(request: FleetRequest, host: number, uid: number, era: number): number {
    const slot = this.spare.pop() ?? this.used++;
    if (slot === this.host.length) this.grow();
    this.host[slot] = host;
    this.uid[slot] = uid;
    this.vcpus[slot] = request.vcpus;
    this.mib[slot] = request.memoryMib;
    this.era[slot] = era;
    this.ask[slot] = request.id;
    if (request.group !== undefined) this.group[slot] = this.groups.join(request.group, host);
    return slot;
  }

  /** It is no more: its group, where it has one, does not count it any longer. */
  leaveGroup(slot: number): void {
    if (this.group[slot] === NO_GROUP) return;
    this.groups.leave(this.group[slot], this.host[slot]);
    this.group[slot] = NO_GROUP;
  }

  drop(slot: number): void {
    this.host[slot] = NOBODY;
    this.spare.push(slot);
  }

  /** Slots of what runs on a parent in its present era, ascending; O(slots ever used at a time). */
  on(host: number, era: number): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.used; slot++) {
      if (this.host[slot] === host && this.era[slot] === era) slots.push(slot);
    }
    return slots;
  }

  private grow(): void {
    this.host = doubled(this.host);
    this.uid = doubled(this.uid);
    this.vcpus = doubled(this.vcpus);
    this.mib = doubled(this.mib);
    this.era = doubled(this.era);
    const asks = new Float64Array(this.ask.length * 2);
    asks.set(this.ask);
    this.ask = asks;
    this.group = doubled(this.group);
  }
}

function doubled(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
