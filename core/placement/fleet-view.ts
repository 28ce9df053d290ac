/**
 * A fleet as a placement policy sees it: counts per parent and NUMA node, and what is asked.
 *
 * Flat arrays, since a policy may look at ten thousand parents for each request. Invariant: counts
 * are those after the last event; nothing in a view reaches a host, so a policy that writes into it
 * misleads only itself. Trade-off: counts, not frames; which frames a node gives is its store's
 * business, and a proposal that counts cannot rule out may still be refused.
 */

/** What one enclave or VM wants. */
export interface FleetAsk {
  readonly vcpus: number;
  readonly memoryMib: number;
  /** NUMA nodes it is split over evenly; platforms that carve enclaves out of one node ignore it. */
  readonly nodes: number;
  /** It may span the nodes of its parent as it likes. */
  readonly blind: boolean;
  /** When it ends, in ms of simulated time, as far as anybody knows; Infinity = never. */
  readonly end: number;
}

/**
 * What a policy looks at. Parents are numbered from 0 in the order of the fleet file; a node place is
 * one NUMA node of one parent.
 */
export interface FleetView {
  /** Number of parents. */
  readonly hosts: number;
  /** Parent h has the node places firstNode[h] … firstNode[h + 1] - 1, in its own order. */
  readonly firstNode: Int32Array;
  /** By node place: threads that an enclave could have, no more than its parent's caps leave to one. */
  readonly freeThreads: Int32Array;
  /** By node place: threads of the CPU pool there, free or in use. */
  readonly poolThreads: Int32Array;
  /** By node place: MiB that an enclave could have. */
  readonly freeMib: Int32Array;
  /** By node place: KiB of a page reserved there; 0 = none is, or those of several sizes. */
  readonly pageKib: Int32Array;
  /**
   * By parent: 1 = it is down, refused this very ask already or must refuse it as one that did, or the
   * ask's group forbids it.
   */
  readonly closed: Uint8Array;
  /** By parent: how many run there. */
  readonly running: Int32Array;
  /** By parent: the latest end in ms of what was placed there since it was last empty. */
  readonly lastEnd: Float64Array;
  /** Aligned, wholly free runs of 1 GiB on a node place. */
  readonly wholeGib: (place: number) => number;
}

/**
 * The view as this program holds it. Where the group of an ask has a parent already, `only` names it,
 * and every other parent is closed without being marked; a policy that somebody else wrote sees all
 * of that in `closed`.
 */
export interface NarrowedView extends FleetView {
  readonly only?: number | undefined;
}

/**
 * Where to try: a parent, and positions of its nodes (0 = its first); none = as the parent likes.
 * Plain VMs go to the nodes named, or are refused. Enclaves go where their platform's own rules put
 * them: neither `qt enclave` nor `nitro-cli` takes a node, so there `nodes` is advice, and a run
 * counts how often an enclave went elsewhere.
 */
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
