/**
 * What a person sees of each machine state: the word on the screen, or nothing.
 *
 * Invariant: every state of every surface has one row (the compiler holds that). Nitro's words are
 * those of describe-enclaves; its driver states are never shown, since nitro-cli asks its own
 * process. QingTian's query prints no state: being listed is the word
 * `running` here. The service's words are systemd's.
 * Trade-off: a row says what is visible in that state alone; a driver slot that is RUNNING is seen
 * through its process's row, not its own.
 */
import type {
  CliState,
  ParentState,
  QingtianState,
  ServiceState,
  SlotState,
  VmState,
} from './states.js';
import type { Surface } from './surfaces.js';

export interface UserView {
  /** The word for the state; null = the person's tools do not list it at all. */
  readonly word: string | null;
  /** What that means for the person, one sentence. */
  readonly meaning: string;
}

const shown = (word: string, meaning: string): UserView => ({ word, meaning });
const hidden = (meaning: string): UserView => ({ word: null, meaning });
const LAUNCHING = hidden('Being launched; query lists it only once its heartbeat came.');

const parentVm: Record<ParentState, UserView> = {
  stopped: shown('stopped', 'No enclave exists; nothing was kept.'),
  running: shown('running', 'Enclaves may be started.'),
  stopping: shown('stopping', 'Its enclaves are being ended first.'),
  terminated: shown('terminated', 'Gone for good.'),
};

const reservationService: Record<ServiceState, UserView> = {
  inactive: shown('inactive', 'Nothing is reserved; no enclave can start.'),
  active: shown('active', 'CPUs and hugepages are set aside.'),
  failed: shown('failed', 'The last run of the service failed; its journal says why.'),
};

const driverSlot: Record<SlotState, UserView> = {
  absent: hidden('No slot.'),
  INIT: hidden('Created, not started; describe-enclaves has no entry yet.'),
  RUNNING: hidden('Seen through its nitro-cli process.'),
  STOPPED: hidden('Ended by itself; its process exits on HUP, no STOPPED is ever shown.'),
  zombie: hidden('Not listed, yet it holds cores and pages, and the CPU pool is locked.'),
};

const nitroCli: Record<CliState, UserView> = {
  EMPTY: hidden('Not running yet, or just terminated; nobody can ask it.'),
  RUNNING: shown('RUNNING', 'The enclave booted and its process answers.'),
  TERMINATING: shown('TERMINATING', 'Its file is being closed.'),
  gone: hidden('The process has exited, the enclave with it.'),
};

const qingtianEnclave: Record<QingtianState, UserView> = {
  absent: hidden('Not started, or ended; query prints an empty list. Restart it by hand.'),
  defined: LAUNCHING,
  mapped: LAUNCHING,
  populated: LAUNCHING,
  loaded: LAUNCHING,
  equipped: LAUNCHING,
  starting: LAUNCHING,
  running: shown('running', 'Listed by query.'),
};

const vmInstance: Record<VmState, UserView> = {
  absent: hidden('No such VM.'),
  running: shown('running', 'The VM holds its CPUs and memory.'),
};

/** Surface → state → what a person sees. */
export const userStates = {
  parentVm,
  reservationService,
  driverSlot,
  nitroCli,
  qingtianEnclave,
  vmInstance,
} as const satisfies Record<Surface, Readonly<Record<string, UserView>>>;
