/**
 * The audit of a fleet run: every invariant on the parent an event touched, on all now and then.
 *
 * Nobody switches a CPU of a fleet, so one that is offline must have an owner; and whom an event is about
 * is known, so it moves nobody else (who-runs). Invariant: after `AUDIT_ALL_EVERY` events and at the end
 * every parent has been checked in full.
 * Trade-off: after an event one silent pass over the parent (looks-sound) answers first; only where
 * it is not certain the full check runs and finds the words.
 */
import type { Host } from '../../core/host/host.js';
import { checkInvariants } from '../../core/invariants/check.js';
import type { InvariantId } from '../../core/invariants/invariant.js';
import { looksSound } from '../../core/invariants/looks-sound.js';
import { NOBODY_SWITCHED, strandedSince } from '../../core/invariants/stranded-cpus.js';
import { type Moved, WhoRuns } from './who-runs.js';

const AUDIT_ALL_EVERY = 10_000;
const MOST_TOLD = 20;

export class FleetAudit {
  count = 0;
  /** Breaches in words → how often. */
  private readonly told = new Map<string, number>();
  private events = 0;
  readonly fleet: readonly Host[];
  private readonly whoRuns: WhoRuns;

  constructor(fleet: readonly Host[]) {
    this.fleet = fleet;
    this.whoRuns = new WhoRuns(fleet);
  }

  /** The first different ones, each with its number where it is more than one. */
  get first(): readonly string[] {
    return [...this.told].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`));
  }

  /** After an event on a parent; `moved`: whom it was to move there. */
  touched(host: number, moved?: Moved): void {
    const otherwise = this.whoRuns.otherwise(host, moved);
    for (let i = 0; i < otherwise.length; i++) this.tell(host, 'lifecycle-legal', otherwise[i]);
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
    for (const { invariant, message } of found) this.tell(host, invariant, message);
  }

  private tell(host: number, invariant: InvariantId, message: string): void {
    this.count++;
    const text = `parent ${host}: ${invariant}: ${message}`;
    const times = this.told.get(text);
    if (times !== undefined) this.told.set(text, times + 1);
    else if (this.told.size < MOST_TOLD) this.told.set(text, 1);
  }
}
