/**
 * The closed list of effects: everything a step can do to a host, as data.
 *
 * A decision lists effects in order; `apply` carries them out and cannot fail; each has an exact
 * inverse, so `apply` followed by `undo` restores the tree value for value and the stores byte for
 * byte. A refusal may carry effects too: that is how a platform's leak is expressed.
 *
 * Invariant: an effect holds all that its inverse needs (old and new value of a field), or moves
 * something whose way back is unique. Trade-off: memory effects are undone by rolling the stores
 * back, not by opposite calls, since the order inside a store is state too.
 */

import type { ParentState } from '../lifecycle/states.js';
import type { Handle } from '../memory/extent-store.js';
import type {
  Counters,
  CpuPool,
  Enclave,
  Mapping,
  Newborn,
  OwnedCore,
  Reservation,
  UserRegion,
} from './tree.js';

/** Flat [startFrame, frames, …] of one node. */
export type Runs = readonly number[];

/** Fields of an enclave record that a `set-enclave` effect may change. */
export type EnclaveField =
  | 'state'
  | 'cid'
  | 'debug'
  | 'memoryBytes'
  | 'ranges'
  | 'event'
  | 'listed'
  | 'fd'
  | 'deviceState'
  | 'console';

export type EnclaveFieldChange = {
  [F in EnclaveField]: { readonly field: F; readonly from: Enclave[F]; readonly to: Enclave[F] };
}[EnclaveField];

export type Effect =
  // parent VM and reservation
  | { readonly kind: 'set-parent'; readonly from: ParentState; readonly to: ParentState }
  | { readonly kind: 'set-online'; readonly cpu: number; readonly to: 0 | 1 }
  | { readonly kind: 'set-pool'; readonly from: CpuPool; readonly to: CpuPool }
  | { readonly kind: 'set-reservation'; readonly from: Reservation; readonly to: Reservation }
  | ResizePages
  // cores and vCPUs
  | CoreMove<'take-core'>
  | CoreMove<'return-core'>
  | { readonly kind: 'add-vcpu'; readonly uid: number; readonly cpu: number }
  // enclave records
  | { readonly kind: 'add-enclave'; readonly enclave: Enclave }
  | { readonly kind: 'drop-enclave'; readonly enclave: Enclave }
  | ({ readonly kind: 'set-enclave'; readonly uid: number } & EnclaveFieldChange)
  | AddRegion
  | { readonly kind: 'donate'; readonly uid: number; readonly phys: number; readonly bytes: number }
  // a whole life
  | Admit
  | Dismiss
  | AdmitMapped
  | DismissMapped
  // frames
  | Claim
  | HandleMove<'give'>
  | HandleMove<'scrub'>
  | HandleMove<'release'>
  // tasks and counters
  | MapPages
  | { readonly kind: 'unmap'; readonly mapping: Mapping; readonly position: number }
  | {
      readonly kind: 'set-counter';
      readonly name: keyof Counters;
      readonly from: number;
      readonly to: number;
    };

/** Frames between the parent's free memory and the page pool `size` of `node`. */
export interface ResizePages {
  readonly kind: 'resize-pages';
  readonly node: number;
  readonly size: number;
  readonly runs: Runs;
  readonly grow: boolean;
}

/** A declared region at its place among the enclave's, which are in the order of addresses. */
export interface AddRegion {
  readonly kind: 'add-region';
  readonly uid: number;
  readonly region: UserRegion;
  readonly position: number;
}

/**
 * A mapping at its place in the order of addresses; with `replaces` it takes the place of that one,
 * which is how a first touch fills in a promised page.
 */
export interface MapPages {
  readonly kind: 'map';
  readonly mapping: Mapping;
  readonly position: number;
  readonly replaces?: Mapping;
}

/** All threads of one pool core between the pool and an enclave, at the same core index. */
export interface CoreMove<K extends 'take-core' | 'return-core'> {
  readonly kind: K;
  readonly uid: number;
  readonly index: number;
  readonly cpus: readonly number[];
}

/** Free pages of pool `size` on `node` (size -1: the base store) to an owner, one extent per run. */
export interface Claim {
  readonly kind: 'claim';
  readonly node: number;
  readonly size: number;
  readonly runs: Runs;
  readonly owner: number;
  /** Enclave whose `extents` list records the handles; -1 = found again by address (mappings). */
  readonly uid: number;
}

/**
 * One extent of pool `size` on `node`: `give` changes its owner, `scrub` wipes what an enclave left
 * in it (owner becomes `to`, the scrubbed mark), `release` returns it to free.
 * With `uid` ≥ 0 the extent is the last one of that enclave's `extents`, and `release` drops it there.
 * Releasing, or giving away, frames that an enclave owned and nobody scrubbed leaves them in the
 * tree's `dirty` list, whatever `from` says: the violation is representable, and the invariant sees it.
 */
export interface HandleMove<K extends 'give' | 'scrub' | 'release'> {
  readonly kind: K;
  readonly node: number;
  readonly size: number;
  readonly handle: Handle;
  readonly from: number;
  readonly to: number;
  readonly uid: number;
}

/**
 * An enclave that comes up all at once: the next slot, its record, whole lists of threads from the
 * pool, and the runs that it claims. The same as `set-counter`, `add-enclave`, one `take-core` for
 * each core and one `claim` for each entry of `claims`, which `spelledOut` gives.
 */
export interface Admit {
  readonly kind: 'admit';
  /** What its record has beyond the neutral values; its cores and extents come from the lists. */
  readonly enclave: Newborn;
  /** By ascending index, with the threads taken there. */
  readonly cores: readonly OwnedCore[];
  readonly claims: readonly Pick<Claim, 'node' | 'size' | 'runs'>[];
}

/**
 * An enclave that ends all at once: cores back to the pool, extents scrubbed and then freed, last
 * first, the record gone. `enclave` is the record as it stood; out of the tree nobody writes it.
 */
export interface Dismiss {
  readonly kind: 'dismiss';
  readonly enclave: Enclave;
}

/** Equal pages of pool `size` at consecutive user addresses on consecutive frames of one node. */
export interface PageRun {
  readonly size: number;
  /** User address of the first page. */
  readonly address: number;
  /** First frame of the first page. */
  readonly start: number;
  readonly pages: number;
}

/**
 * As `admit`, for an enclave whose pages its own process maps, above all other mappings, and gives to
 * it one region a page (host/mapped-life). All pages are on the node at position `node`.
 */
export interface AdmitMapped {
  readonly kind: 'admit-mapped';
  /** What its record has beyond the neutral values, but for what follows from the lists. */
  readonly enclave: Newborn;
  /** By ascending index, with the threads taken there. */
  readonly cores: readonly OwnedCore[];
  readonly node: number;
  /** In the order in which the pages are touched and so placed. */
  readonly touched: readonly PageRun[];
  /** The same pages in the order given to the enclave. */
  readonly runs: readonly PageRun[];
  readonly nextCid: { readonly from: number; readonly to: number };
}

/** A run whose mappings stand side by side in the list. */
export interface LeavingRun extends PageRun {
  /** Place of the lowest mapping when the turn of the run comes. */
  readonly position: number;
  /** By ascending address. */
  readonly mappings: readonly Mapping[];
}

/** As `dismiss`, for such an enclave and its process: pages scrubbed, freed and unmapped in order. */
export interface DismissMapped {
  readonly kind: 'dismiss-mapped';
  /** The record as it stood; out of the tree nobody writes it. */
  readonly enclave: Enclave;
  readonly node: number;
  /** In the order freed: last address first. */
  readonly runs: readonly LeavingRun[];
}

export type EffectKind = Effect['kind'];
