/**
 * The service `qt-enclave-env`: reads its configuration and reserves, or gives the pool back.
 *
 * Invariant: a text that cannot be read ends the start before the platform is asked, so an earlier
 * reservation stays as it is; every problem of the text is told, the first one is the refusal.
 * Source: QingTian Enclave user guide, configuring resources (b.1), error codes (b.6).
 */
import type { QingtianConf } from '../../host/command.js';
import type { Program } from '../../host/program.js';
import type { Refusal } from '../../refusal/refusal.js';
import { type ConfProblem, QINGTIAN_CONF_PATH, readQingtianConf } from '../reservation/qt-conf.js';
import { failed, printed, type QtOutcome } from './tool.js';

/** What a configuration that cannot be read breaks. */
export const CONF_TEXT = {
  id: 'conf-text',
  sentence: 'Every line of the configuration is a known key with a value that can be read.',
  source: 'QingTian Enclave user guide, configuring resources',
} as const;

/** Starts the service (a restart when it is active). `text`: the exact configuration file. */
export function* startService(text: string): Program<QtOutcome> {
  const conf = readConf(text);
  if ('refusal' in conf) return failed(conf.refusal);
  const { decision } = yield { kind: 'qingtian.reserve', conf };
  return decision.refusal === undefined ? printed('') : failed(decision.refusal);
}

export function* stopService(): Program<QtOutcome> {
  const { decision } = yield { kind: 'qingtian.unreserve' };
  return decision.refusal === undefined ? printed('') : failed(decision.refusal);
}

/** The values of a configuration text, or why it cannot be read (QT 06). */
export function readConf(text: string): QingtianConf | { readonly refusal: Refusal } {
  const reading = readQingtianConf(text);
  return reading.ok ? reading.conf : { refusal: unreadable(reading.problems) };
}

function unreadable(problems: readonly ConfProblem[]): Refusal {
  const [{ line, code, key }] = problems;
  const told = problems.map((problem) => `line ${problem.line}: ${problem.message}`).join('; ');
  return {
    layer: 'service',
    codes: [code],
    rule: CONF_TEXT.id,
    message: told,
    numbers: { line, key, problems: problems.length },
    remedy: `Correct that line of ${QINGTIAN_CONF_PATH}.`,
  };
}
