/**
 * Rule rows that no request states and every step can meet: an illegal edge of a lifecycle, the "no"
 * of the sandbox, kernel or enclave beneath the rules, and the console's conditions.
 *
 * Invariant: every refusal a QingTian step gives comes from a row, here or in the request's rules, so
 * that a list of rules is a list of all refusals. These rows have no check of their own: the step
 * that raises one has just seen why.
 * Sources: QingTian Enclave user guide, error codes and commands (b.2, b.6).
 */
import type { Decision } from '../../host/decision.js';
import type { Layer, Numbers, Refusal } from '../../refusal/refusal.js';
import { notApplicable, type Rule } from '../rule.js';
import { qt } from './codes.js';

const CODES = 'QingTian Enclave user guide, error codes';
const COMMANDS = 'QingTian Enclave user guide, qt enclave commands';

/** A row that a step raises by itself. */
export type StepRule = Rule<unknown>;

type Words = Pick<StepRule, 'id' | 'sentence' | 'source' | 'requirements' | 'remedy' | 'checkedAt'>;

function stepRule(layer: Layer, codes: readonly string[], row: Words): StepRule {
  const check = () => notApplicable('raised by the step itself');
  return { ...row, layer, codes, check };
}

export const SERVICE_LIFECYCLE = stepRule('service', [], {
  id: 'service-lifecycle',
  checkedAt: 'reservation',
  sentence: 'Only an active reservation service can be stopped.',
  source: 'QingTian Enclave user guide, configuring resources',
  requirements: ['Q28'],
  remedy: 'Start the service first.',
});

export const LIVE_ENCLAVES = stepRule('service', [], {
  id: 'unreserve-live-enclaves',
  checkedAt: 'reservation',
  sentence: 'The pool is fixed while enclaves exist.',
  source: 'QingTian Enclave user guide, configuring resources',
  requirements: ['Q28'],
  remedy: 'Stop every enclave, then the service.',
});

export const LIFECYCLE = stepRule('platform', [], {
  id: 'lifecycle',
  checkedAt: 'start',
  sentence: 'Steps come in the order of the launch pipeline.',
  source: `${CODES}: the pipeline is the order of 04, 05, 08, 09, 10, 11, 19, 20`,
  requirements: ['N08', 'Q32'],
  remedy: 'Start the enclave anew from its first step.',
});

export const NOT_RUNNING = stepRule('cli', [qt(28)], {
  id: 'not-running',
  checkedAt: 'running',
  sentence: 'Only a running enclave can be stopped or have a console.',
  source: CODES,
  requirements: ['N08'],
  remedy: 'Look at qt enclave query for the enclaves that run.',
});

export const NOT_DEBUG = stepRule('cli', [qt(32)], {
  id: 'console-debug',
  checkedAt: 'running',
  sentence: 'A console exists in debug mode only.',
  source: COMMANDS,
  requirements: ['Q03'],
  remedy: 'Start the enclave with --debug-mode.',
});

export const CONSOLE_SINGLE = stepRule('cli', [], {
  id: 'console-single',
  checkedAt: 'running',
  sentence: 'An enclave has one console at a time.',
  source: COMMANDS,
  requirements: ['Q03'],
  remedy: 'Close the other console first.',
});

export const CONSOLE_OPENED = stepRule('cli', [], {
  id: 'console-opened',
  checkedAt: 'running',
  sentence: 'A console is read or closed only after it was opened.',
  source: COMMANDS,
  requirements: ['Q03'],
  remedy: 'Open the console first.',
});

export const CONSOLE_READ = stepRule('cli', [qt(33)], {
  id: 'console-read',
  checkedAt: 'running',
  sentence: 'Reading the console can fail.',
  source: CODES,
  requirements: ['Q03'],
  remedy: 'Close the console and open it again.',
});

export const STOP_FAILED = stepRule('hypervisor', [], {
  id: 'stop-failed',
  checkedAt: 'running',
  sentence: 'A stop that fails prints nothing and leaves the enclave running.',
  source: COMMANDS,
  requirements: ['N08'],
  remedy: 'Stop it again; look at the service’s log.',
});

/** The steps of the launch pipeline that the layer below can refuse, with their codes. */
export type StageId =
  | 'capacity'
  | 'define'
  | 'map'
  | 'add-memory'
  | 'load-image'
  | 'add-cpu'
  | 'start'
  | 'heartbeat';

function stage(id: StageId, code: number, what: string, remedy: string): StepRule {
  return stepRule('hypervisor', [qt(code)], {
    id: `step-${id}`,
    checkedAt: 'start',
    sentence: `${what} can be refused below the rules; all that was taken is returned.`,
    source: CODES,
    requirements: ['N12'],
    remedy,
  });
}

const AGAIN = 'Start the enclave again; if it persists, restart the reservation service.';

export const STAGE_RULES: Readonly<Record<StageId, StepRule>> = {
  capacity: stage('capacity', 4, 'Getting the sandbox capacity', AGAIN),
  define: stage('define', 5, 'Defining the sandbox', AGAIN),
  map: stage('map', 8, 'Mapping the memory', AGAIN),
  'add-memory': stage('add-memory', 9, 'Adding the memory', AGAIN),
  'load-image': stage('load-image', 10, 'Loading the image', 'Ask for more memory.'),
  'add-cpu': stage('add-cpu', 11, 'Adding the CPUs', AGAIN),
  start: stage('start', 19, 'Starting the enclave', AGAIN),
  heartbeat: stage('heartbeat', 20, 'The first heartbeat', 'Ask for more memory.'),
};

/** Every row of this file. */
export const STEP_RULES: readonly StepRule[] = [
  SERVICE_LIFECYCLE,
  LIVE_ENCLAVES,
  LIFECYCLE,
  NOT_RUNNING,
  NOT_DEBUG,
  CONSOLE_SINGLE,
  CONSOLE_OPENED,
  CONSOLE_READ,
  STOP_FAILED,
  ...Object.values(STAGE_RULES),
];

/** The refusal a row gives, with the numbers the step compared. */
export function refusalOf(rule: StepRule, numbers: Numbers, message: string): Refusal {
  const { layer, codes, id, remedy } = rule;
  return { layer, codes, rule: id, message, numbers, remedy };
}

/** A decision that only refuses. */
export function refusedBy(rule: StepRule, numbers: Numbers, message: string): Decision {
  return { effects: [], facts: {}, refusal: refusalOf(rule, numbers, message) };
}
