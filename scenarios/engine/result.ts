/**
 * What a fleet run gave: counts only, so that a million requests leave a page.
 *
 * Invariant: asked = accepted + refused + expired, since a run goes on until every patience and every
 * retry has had its end; and an event is one accepted launch or one end, refusals are counted apart.
 */
import type { Refusal } from '../../core/refusal/refusal.js';

/** What became of asks. */
export interface AsksResult {
  readonly asked: number;
  readonly accepted: number;
  /** Asks that got nowhere for good. */
  readonly refused: number;
  /** Asks that left the queue because their patience ended. */
  readonly expired: number;
  /** Ended at the moment when their parent went down. */
  readonly lost: number;
  /** Accepted only when tried again, or out of the queue. */
  readonly acceptedLate: number;
  /** Refused or expired when no parent had so many vCPUs or so much memory, even empty: absent where none was. */
  readonly tooLarge?: number;
  /** Rule of the last no of each refused or expired ask → how many. */
  readonly refusedBy: Readonly<Record<string, number>>;
  /** Rule → how often what a policy proposed was refused, also where another parent then accepted. */
  readonly refusedProposals: Readonly<Record<string, number>>;
  /** Requests that belong to a group whose rule is kept, or is not: absent where none does. */
  readonly groups?: { readonly kept: number; readonly notKept: number };
}

/** Of all asks, and of what belongs to none. */
export interface FleetResult extends AsksResult {
  readonly ended: number;
  /** Accepted on other nodes than the policy proposed: the platform chooses for itself. */
  readonly elsewhere: number;
  /** Rule of a parent's platform → its first no to a proposal or to an event, in words. */
  readonly firstRefusals: Readonly<Record<string, FirstRefusal>>;
  /** Rule → how often a parent's own event was refused, such as the boot of one that runs or a new reservation. */
  readonly refusedEvents: Readonly<Record<string, number>>;
  /** What parents were refused at a boot, by code and rule: they run without their reservation. */
  readonly refusedReservations: readonly RefusedReservation[];
  readonly peak: Peak;
  /** Of the asks that came after the warm-up: absent where there is no warm-up. */
  readonly counted?: AsksResult;
  /** Events of parents after the last ask and the last end, which nobody felt: absent where there are none. */
  readonly eventsAfterEnd?: number;
  /** When the last event was, in ms of simulated time. */
  readonly lastMs: number;
  readonly atEnd: { readonly running: number; readonly vcpus: number; readonly memoryMib: number };
  /** Breaches that the audit found, the first of them in words. */
  readonly violations: { readonly count: number; readonly first: readonly string[] };
  readonly resultHash: string;
}

/** What a parent said, which one, and when. */
export interface FirstRefusal extends Pick<Refusal, 'layer' | 'codes' | 'message' | 'remedy'> {
  /** Position of the parent in the fleet. */
  readonly parent: number;
  /** In ms of simulated time. */
  readonly atMs: number;
}

/** One kind of refusal, told by the first of them. */
export interface RefusedReservation extends FirstRefusal {
  readonly rule: string;
  readonly count: number;
}

export interface Peak {
  readonly running: number;
  readonly vcpus: number;
  readonly memoryMib: number;
  /**
   * Most threads idle on the parents that run, at a moment when an ask got no place: by a parent's own
   * rule, such as a cap on enclaves, or since none has so much; an ask that only its group kept out does not count.
   */
  readonly strandedVcpus: number;
  readonly strandedMib: number;
}
