/**
 * The audit of a fleet run: every invariant on the parent an event touched, on all now and then.
 *
 * Nobody switches a CPU of a fleet, so one that is offline must have an owner. Invariant: after `AUDIT_ALL_EVERY` events and at the end every parent has been checked in full.
 * Trade-off: after an event one silent pass over the parent (looks-sound) answers first; only where
 * it is not certain the full check runs and finds the words.
 */
import type { Host } from '../../core/host/host.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { looksSound } from '../../core/invariants/looks-sound.js';
import { NOBODY_SWITCHED, strandedSince } from '../../core/invariants/stranded-cpus.js';

const AUDIT_ALL_EVERY = 10_000;
const MOST_TOLD = 20;

export class FleetAudit {
  count = 0;
  /** Breaches in words → how often. */
  private readonly told = new Map<string, number>();
  private events = 0;
  readonly fleet: readonly Host[];

  constructor(fleet: readonly Host[]) {
    this.fleet = fleet;
  }

  /** The first different ones, each with its number where it is more than one. */
  get first(): readonly string[] {
    return [...this.told].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`));
  }

  /** After an event on a parent. */
  touched(host: number): void {
    if (!looksSound(this.fleet[host])) this.look(host);
    this.events++;
    if (this.events % AUDIT_ALL_EVERY === 0) this.all();
  }

  all(): void {
    for (let host = 0; host < this.fleet.length; host++) this.look(host);
  }

  private look(host: number): void {
    const parent = this.fleet[host];
    const found = [...checkInvariants(parent), ...strandedSince(parent, NOBODY_SWITCHED)];
    this.count += found.length;
    for (const { invariant, message } of found) {
      const text = `parent ${host}: ${invariant}: ${message}`;
      const times = this.told.get(text);
      if (times !== undefined) this.told.set(text, times + 1);
      else if (this.told.size < MOST_TOLD) this.told.set(text, 1);
    }
  }
}
