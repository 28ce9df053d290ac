/**
 * Rule rows of the `qt` tool's own argument checks: what is missing (QT 01) or invalid (QT 02).
 *
 * Invariant: a row has exactly one code, the one the tool prints; what the platform refuses keeps
 * the platform's own. Source: QingTian Enclave user guide, error codes (b.2, b.6).
 */
import { qt } from '../../platform/qingtian/codes.js';
import type { Outcome, Rule } from '../../platform/rule.js';

export const MISSING_ARGUMENT = 1;
export const INVALID_ARGUMENT = 2;

export interface QtRow<Context> {
  readonly id: string;
  readonly sentence: string;
  readonly number: typeof MISSING_ARGUMENT | typeof INVALID_ARGUMENT;
  readonly remedy: string;
  readonly check: (context: Context) => Outcome;
}

export function qtRow<Context>({ id, number, ...row }: QtRow<Context>): Rule<Context> {
  return {
    ...row,
    id: `qt-cli.${id}`,
    source: 'QingTian Enclave user guide, qt enclave commands',
    requirements: ['N11'],
    checkedAt: 'cli',
    layer: 'cli',
    codes: [qt(number)],
  };
}
