/**
 * One thing a person may want explained: a published code, a rule of ours, an invariant, a quirk.
 *
 * Invariant: an entry stands alone (it says who speaks, what is meant, what to do, and where that is
 * written), and its texts come from the model's own tables, so that they cannot drift from it.
 */
import type { Numbers } from '../../core/refusal/refusal.js';

export type FamilyId =
  | 'QT'
  | 'E'
  | 'NE'
  | 'errno'
  | 'allocator'
  | 'rule'
  | 'fleet'
  | 'invariant'
  | 'quirk'
  | 'reached'
  | 'throw'
  | 'fault'
  | 'stage'
  | 'stranded'
  | 'owner'
  | 'setting'
  | 'platform';

export interface Family {
  readonly id: FamilyId;
  readonly title: string;
  /** An example to ask for. */
  readonly example: string;
}

export const FAMILIES: readonly Family[] = [
  { id: 'QT', title: 'codes of the qt tool (QingTian)', example: 'QT 10' },
  { id: 'E', title: 'codes of nitro-cli', example: 'E29' },
  { id: 'NE', title: 'errors of the Nitro driver', example: 'NE 264' },
  { id: 'errno', title: 'errors of the kernel under the driver', example: 'EPERM' },
  { id: 'allocator', title: 'ends of the Nitro reservation service', example: '206' },
  { id: 'rule', title: 'rules of the platforms, by our ids', example: 'vcpu-even' },
  { id: 'fleet', title: 'refusals of the fleet engine itself', example: 'fleet-vcpus' },
  { id: 'invariant', title: 'isolation invariants', example: 'frame-one-owner' },
  { id: 'quirk', title: 'named quirks of the real programs', example: 'pin-leak' },
  { id: 'reached', title: 'states that `verify` must reach', example: 'two-run' },
  { id: 'throw', title: 'where the simulator itself threw, in `verify`', example: 'decide-throws' },
  { id: 'fault', title: 'bugs that `verify --self-test` plants', example: 'half-core' },
  { id: 'stage', title: 'stages at which a launch or a reservation ends', example: 'define' },
  { id: 'stranded', title: 'why capacity is stranded, in a report', example: 'fragmentation' },
  { id: 'owner', title: 'who holds CPUs and memory, in the maps of a report', example: 'hole' },
  { id: 'setting', title: 'policies and models, as files name them', example: 'granule-aware' },
  { id: 'platform', title: 'platforms and their dated rule books', example: 'qingtian@2022-11' },
];

/** A refusal that really happens on a small host, with the numbers that were compared. */
export interface Example {
  readonly message: string;
  readonly numbers: Numbers;
}

/** A rule that leads to a code. */
export interface RaisedBy {
  readonly rule: string;
  /** Platforms that have the rule, such as "qingtian". */
  readonly platforms: readonly string[];
  readonly sentence: string;
}

export interface Entry {
  /** As the platform or we write it: "QT 10", "NE 264", "206", "vcpu-even". */
  readonly code: string;
  readonly family: FamilyId;
  /** Other ways to ask for it. */
  readonly also: readonly string[];
  /** One sentence. */
  readonly means: string;
  readonly saidBy: string;
  /** Where it is checked; absent for what is not a check. */
  readonly checked?: string;
  readonly example?: Example;
  /** Published codes that a rule gives, outermost first. */
  readonly gives?: readonly string[];
  readonly raisedBy: readonly RaisedBy[];
  /** What to do about it; where nothing can be done, it says that. */
  readonly remedy: string;
  readonly note?: string;
  readonly source: string;
}
