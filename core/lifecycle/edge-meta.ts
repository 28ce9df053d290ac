/**
 * What an edge of a machine may carry beside its target: the id of the real program's quirk that it
 * models. An edge without one is what the platform's documents promise.
 */

/** Named departures of the real programs from what one would expect. */
export type LifecycleQuirk =
  /** STOP or SLOT_FREE failed in close: the slot stays listed for ever. */
  | 'zombie-slot'
  /** SLOT_INFO failed, its zeroed reply is read as state 0 = INIT. */
  | 'slot-info-zeroed'
  /** An enclave that ended keeps cores and pages until close. */
  | 'stopped-keeps-resources'
  /** Close or unmap failed: still TERMINATING, a warning, and the process exits. */
  | 'terminate-warning'
  /** A command that fails, even a describe, ends the enclave. */
  | 'failed-command-ends-enclave';

export interface EdgeMeta {
  readonly quirk?: LifecycleQuirk;
}
