/**
 * A platform profile: the steps a platform has and the rules it keeps, behind one face, so that no
 * other room asks which platform it is.
 *
 * Invariant: rules of one platform never reach another; a command that a profile does not list is
 * refused by name, not ignored.
 */
import type { Command, CommandKind, CommandOf } from '../host/command.js';
import type { Decision } from '../host/decision.js';
import type { Host } from '../host/host.js';
import type { HypervisorModel } from '../host/hypervisor.js';
import type { CpuPool } from '../host/tree.js';
import type { Topology } from '../topology/topology.js';
import type { Derived } from './derived.js';
import type { Guarantees } from './guarantees.js';
import type { Rule, Verdict } from './rule.js';

export type PlatformId = 'qingtian' | 'nitro' | 'vm';

/** A step's decision function; only reads the host. */
export type Step<K extends CommandKind> = (host: Host, command: CommandOf<K>) => Decision;

export type Steps = { readonly [K in CommandKind]?: Step<K> };

/** A table of steps that has no name but its own: `toString` is no command, though objects have one. */
export function onlyOwn(steps: Steps): Steps {
  return Object.setPrototypeOf({ ...steps }, null) as Steps;
}

export type NamedOptions = Readonly<Record<string, number | string | boolean>>;

export type ResolvedOptions =
  | { readonly options: NamedOptions }
  | { readonly problems: readonly string[] };

export interface Profile {
  readonly platform: PlatformId;
  /** Dated id, e.g. "qingtian@2022-10". */
  readonly id: string;
  readonly title: string;
  /** Every rule row, in the order the platform checks them. */
  readonly rules: readonly Rule<never>[];
  readonly steps: Steps;
  /**
   * The same decisions as those of `steps`, a launch or an end said in one effect (host/whole-life):
   * for engines. Absent = `steps` say it. A table of `onlyOwn` steps.
   */
  readonly wholes?: Steps;
  /**
   * What a parent is when a description does not say: the documented flavor and region. Without a
   * flavor any instance type will do.
   */
  readonly parentDefaults: { readonly flavor?: string; readonly region: string };
  /** The hypervisor model behind a host of this profile, unless told otherwise. */
  readonly hypervisor: HypervisorModel;
  /** Named options over the profile's defaults, or what is wrong with them in words. */
  readonly resolveOptions: (named: NamedOptions) => ResolvedOptions;
  /** What follows from the rules for this parent, computed; may not apply. */
  readonly derivedFacts: (host: Host) => Derived;
  /** Every row's verdict on one command, for reports; undefined = the command has no rule rows. */
  readonly diagnose: (host: Host, command: Command) => readonly Verdict[] | undefined;
  /** What the invariants may demand of this platform's hosts; absent = only what holds anywhere. */
  readonly guarantees?: Guarantees;
  /** Enclaves take their memory from what the parent has free; absent = from reserved page pools. */
  readonly memoryFromParent?: true;
  /** CPU pool of a host at its start, whose threads are then offline in the parent; by default none. */
  readonly firstPool?: (topology: Topology) => CpuPool;
}
