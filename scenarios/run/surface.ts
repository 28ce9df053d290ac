/**
 * What a scenario asks of a platform: reserve, launch, end, each a program of the platform's own
 * steps. One adapter per platform stands behind this face; the run itself knows none by name.
 *
 * Invariant: an outcome carries what the engineer would see on the machine: the codes, the stage at
 * which it appeared, and what it leaves behind.
 */
import type { CommandKind, EnclaveImage } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import type { Program } from '../../core/host/program.js';
import type { FleetAsk } from '../../core/placement/fleet-view.js';
import type { Rule } from '../../core/platform/rule.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import type { EnclavePicture, PageAttemptPicture } from '../../reports/record.js';
import type { ReservationInput } from '../schema/scenario.js';

export interface LaunchAsk {
  readonly name: string;
  readonly image: EnclaveImage;
  readonly vcpus?: number;
  readonly cpuIds?: readonly number[];
  readonly memoryMib?: number;
  readonly cid?: number;
  readonly debug: boolean;
  /** False: the enclave never says that it is up. */
  readonly heartbeat: boolean;
  /** Another start waits for its heartbeat at this moment. */
  readonly together: boolean;
}

/** What a platform's own program let its caller see; absent where no program is modelled. */
export interface ProgramEnd {
  /** Exit status of the process. */
  readonly status?: number;
  /** Lines it printed about how it went. */
  readonly printed?: readonly string[];
  /** Tries to reserve memory, in order. */
  readonly attempts?: readonly PageAttemptPicture[];
}

/** An enclave that runs; CPUs in the order they were added. */
export interface Launched extends EnclavePicture, ProgramEnd {
  readonly ok: true;
  /** Its uid in the state tree. */
  readonly uid: number;
}

export interface Refused extends ProgramEnd {
  readonly ok: false;
  readonly refusal: Refusal;
  /** The platform's own step at which it ended. */
  readonly stage: string;
  readonly leftBehind: readonly string[];
}

export interface Reserved extends ProgramEnd {
  readonly ok: true;
  /** One line in the words of the platform's tool. */
  readonly text: string;
}

export type LaunchOutcome = Launched | Refused;
export type ReserveOutcome = Reserved | Refused;

/** What a report says of a rule. */
export type RuleText = Pick<Rule<never>, 'id' | 'sentence' | 'source'>;

/** Launch and end in one decision on a live host: what a fleet run of millions needs. */
export interface AtOnce {
  /** `on`: positions of nodes; absent = as the parent likes. */
  readonly launch: (
    host: Host,
    ask: FleetAsk,
    image: EnclaveImage,
    on: readonly number[] | undefined,
  ) => Decision;
  readonly end: (host: Host, uid: number, crash: boolean) => Decision;
}

export interface Surface {
  /** Rules of the platform's tools: those its refusals may name and the profile does not list. */
  readonly rules: readonly RuleText[];
  /** The command that is a whole reservation by itself; absent = there it takes several. */
  readonly reservation?: CommandKind;
  readonly reserve: (host: Host, input: ReservationInput) => Program<ReserveOutcome>;
  readonly unreserve: (host: Host) => Program<ReserveOutcome>;
  readonly launch: (host: Host, ask: LaunchAsk) => Program<LaunchOutcome>;
  /** Ends an enclave on request. */
  readonly terminate: (host: Host, enclave: Launched) => Program<Refused | undefined>;
  /** The enclave ends by itself. */
  readonly crash: (host: Host, enclave: Launched) => Program<Refused | undefined>;
  /** Absent = the programs above, step by step. */
  readonly atOnce?: AtOnce;
  readonly setOnline: (host: Host, cpu: number, online: boolean) => Program<Refused | undefined>;
}
