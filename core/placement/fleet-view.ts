/**
 * A fleet as a placement policy sees it: counts per parent and NUMA node, and what is asked.
 *
 * Flat arrays, since a policy may look at ten thousand parents for each request. Invariant: counts
 * are those after the last event; nothing in a view reaches a host, so a policy that writes into it
 * misleads only itself. Trade-off: counts, not frames; which frames a node gives is its store's
 * business, and a proposal that counts cannot rule out may still be refused.
 */

import type { FleetCounts } from './fleet-counts.js';

/** What one enclave or VM wants. */
export interface FleetAsk {
  readonly vcpus: number;
  readonly memoryMib: number;
  /** NUMA nodes it is split over evenly. */
  readonly nodes: number;
  /** It may span the nodes of its parent as it likes. */
  readonly blind: boolean;
  /** When it ends, in ms of simulated time, as far as anybody knows; Infinity = never. */
  readonly end: number;
}

/** The counts themselves, without what changes them. */
export type FleetView = Omit<FleetCounts, 'recount' | 'follow'>;

/** Where to try: a parent, and positions of its nodes; none = as the parent likes. */
export interface FleetProposal {
  readonly host: number;
  readonly nodes?: readonly number[];
}

/** Chooses a parent and nodes for each ask. Must only read, and decide by its arguments alone. */
export interface FleetPolicy {
  readonly name: string;
  /** undefined = nowhere. After a refusal it is asked again, with that parent closed. */
  readonly propose: (view: FleetView, ask: FleetAsk) => FleetProposal | undefined;
}
