/**
 * What an isolation invariant is: a sentence about a host, and a check that names every breach.
 *
 * An `always` property must hold after every command; a `sometimes` property must be reached at
 * least once by a run that claims to have tested something. Explorer, property tests, audits and
 * reports walk the same lists. Invariant: a check only reads, and reports all breaches it finds as
 * data, so that a host in a broken state can still be shown.
 */
import type { Host } from '../host/host.js';
import type { Before } from './before.js';
import type { Ranges } from './byte-ranges.js';
import type { ExtentsOf, HeldFrames } from './held-frames.js';
import type { ThreadOwners } from './thread-owners.js';

export type InvariantId =
  | 'frame-one-owner'
  | 'frame-conservation'
  | 'thread-one-owner'
  | 'whole-cores'
  | 'numa-local'
  | 'aligned-contiguous'
  | 'parent-floor'
  | 'platform-caps'
  | 'lifecycle-legal'
  | 'cid-unique'
  | 'no-leak'
  | 'scrub-before-return';

/** One breach. Sizes say their unit in the key of `numbers`. */
export interface Violation {
  readonly invariant: InvariantId;
  /** One sentence with the numbers in it. */
  readonly message: string;
  readonly numbers: Readonly<Record<string, number | string>>;
  /** Uid of the enclave concerned. */
  readonly enclave?: number;
  /** Position of the node concerned in `topology.nodes`. */
  readonly node?: number;
  /** Id of the platform's named quirk that is known to cause this; audits list it, tests allow it. */
  readonly quirk?: string;
  /**
   * Only lists disagree: what they both name runs at most for one, or for nobody, so nothing is shared.
   * A host of which every breach is on paper (or `no-leak`) still isolates its enclaves.
   */
  readonly onPaper?: true;
}

/** A host under check, with what several checks need computed at most once. */
export interface Scene {
  readonly host: Host;
  /** The host before the last command; undefined = only the state itself is checked. */
  readonly before: Before | undefined;
  readonly threads: () => ThreadOwners;
  readonly held: () => HeldFrames;
  /** Bytes that the hypervisor accepted for each enclave, by uid. */
  readonly donated: () => ReadonlyMap<number, Ranges>;
  /** Pins that no region explains; negative = a region lists a page that is not pinned. */
  readonly extraPins: () => number;
  /** All extents of one of the host's stores, in address order. */
  readonly extents: ExtentsOf;
}

export interface Always {
  readonly id: InvariantId;
  readonly sentence: string;
  readonly kind: 'always';
  /** All breaches; undefined = the host's platform does not promise this. */
  readonly check: (scene: Scene) => readonly Violation[] | undefined;
}

export interface Sometimes {
  readonly id: string;
  readonly sentence: string;
  readonly kind: 'sometimes';
  /** It looks at what was before: a move reaches it, not a state. */
  readonly ofMove?: true;
  readonly reached: (scene: Scene) => boolean;
}

export type Invariant = Always | Sometimes;
