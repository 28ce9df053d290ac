/**
 * What runs where in a fleet: one slot a life, on typed arrays, reused after the end.
 *
 * Invariant: a slot is taken from its launch until its end has been told; `era` says whether the
 * parent has gone down since, in which case there is nothing left to end. A spare slot has host -1.
 */
const FIRST_CAPACITY = 1024;
const NOBODY = -1;

export class Lives {
  host = new Int32Array(FIRST_CAPACITY);
  uid = new Int32Array(FIRST_CAPACITY);
  vcpus = new Int32Array(FIRST_CAPACITY);
  mib = new Int32Array(FIRST_CAPACITY);
  era = new Int32Array(FIRST_CAPACITY);
  private readonly spare: number[] = [];
  private used = 0;

  take(): number {
    const slot = this.spare.pop() ?? this.used++;
    if (slot === this.host.length) this.grow();
    return slot;
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
  }
}

function doubled(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
