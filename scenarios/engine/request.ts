/**
 * One request of a workload, and what happens to a parent: the input of a fleet run.
 *
 * Times are whole milliseconds of simulated time. Invariant of every source: requests come by
 * ascending time, equal times in the order of the source.
 */
import type { ReservationInput } from '../schema/scenario.js';

export interface FleetRequest {
  /** From 0, in the order of the source. */
  readonly id: number;
  readonly atMs: number;
  readonly vcpus: number;
  readonly memoryMib: number;
  /** NUMA nodes it is split over evenly. */
  readonly nodes: number;
  /** How long it runs once it started; Infinity = for good. */
  readonly lifetimeMs: number;
  /** It ends by itself, as a crash. */
  readonly crash?: boolean;
  /** What it belongs to, where the demand says so and its groups are kept. */
  readonly group?: RequestGroup;
}

/**
 * What the living members of a group ask for: `anti-affinity` a parent each, `affinity` one parent for
 * all. A `fault_domain` is carried and counted, and binds nothing: no fleet says its domains.
 */
export const GROUP_RULES = ['anti-affinity', 'affinity', 'fault_domain'] as const;
export type GroupRule = (typeof GROUP_RULES)[number];

/** One group has one rule: the same name under another rule is another group. */
export interface RequestGroup {
  readonly name: string;
  readonly rule: GroupRule;
}

/** A parent goes down or comes up, or is reserved anew while it runs. */
export type ParentEvent = {
  readonly atMs: number;
  /** Position in the fleet. */
  readonly host: number;
} & (
  | { readonly what: 'stop' | 'crash' | 'boot' }
  | { readonly what: 'reserve'; readonly reservation: ReservationInput }
);

/** What becomes of an ask that no parent takes. */
export type OnRefusal =
  | { readonly kind: 'refuse' }
  /** Tried again so often, that far apart. */
  | { readonly kind: 'retry'; readonly everyMs: number; readonly times: number }
  /**
   * First come, first served, strictly: whenever something ends or a parent boots, and when the
   * patience of whoever is first runs out. `most` wait at once; an ask that comes while others wait
   * waits behind them.
   */
  | { readonly kind: 'queue'; readonly most: number; readonly patienceMs: number };
