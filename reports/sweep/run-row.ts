/**
 * One run of a sweep: one variant under one seed, counted.
 *
 * Invariant: plain whole numbers, hashes and rule names only, so that a row survives JSON unchanged.
 * The counts leave the warm-up out; peaks, the last moment and `resultHash` are of the whole run.
 */
export interface RunRow {
  /** Position of the variant in the sweep, from 0. */
  readonly variant: number;
  /** From 0; equal replications of all variants have equal seeds. */
  readonly replication: number;
  readonly seed: number;
  /** The run id that `hypercarve fleet` gives this variant with this seed. */
  readonly runId: string;
  readonly resultHash: string;
  readonly asked: number;
  readonly accepted: number;
  readonly acceptedLate: number;
  readonly refused: number;
  readonly expired: number;
  /** Of those that got nowhere: more than any parent has to give, even empty. */
  readonly tooLarge: number;
  readonly lost: number;
  readonly peakRunning: number;
  readonly peakVcpus: number;
  readonly peakMemoryMib: number;
  readonly strandedVcpus: number;
  readonly strandedMib: number;
  /** Of the last event, in ms of simulated time. */
  readonly lastMs: number;
  /** Breaches of invariants, where the fleet file asks for the audit. */
  readonly violations: number;
  /** Rule of the last no of each ask → how many. */
  readonly refusedBy: Readonly<Record<string, number>>;
  /**
   * Rule → how often a parent refused what the policy proposed or, in the whole run, an event of its own.
   */
  readonly refusedProposals: Readonly<Record<string, number>>;
  /** Rule → how often a parent was refused its reservation at a boot, in the whole run. */
  readonly refusedReservations: Readonly<Record<string, number>>;
  /** Asks in groups whose rule is kept, and in groups whose rule is not. */
  readonly groupsKept: number;
  readonly groupsNotKept: number;
  /** Events of parents, in the whole run, after the last ask and the last end: nobody felt them. */
  readonly eventsAfterEnd: number;
}
