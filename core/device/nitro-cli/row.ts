/**
 * Rule rows of nitro-cli, with the parts that are the same in all of them filled in.
 *
 * Invariant: each row has exactly one code of codes.ts, the one the program prints; what the driver
 * refuses is wrapped in E29 and keeps its own code behind it. Source of all rows: nitro RULES.md.
 */

import type { Outcome, Rule } from '../../platform/rule.js';
import { type Refusal, wrapRefusal } from '../../refusal/refusal.js';
import type { CliCode } from './codes.js';

export interface CliRow<Context> {
  readonly id: string;
  readonly sentence: string;
  /** Section of nitro RULES.md. */
  readonly source: string;
  readonly code: CliCode;
  readonly remedy: string;
  readonly requirements?: readonly string[];
  readonly check: (context: Context) => Outcome;
}

export function cliRow<Context>(row: CliRow<Context>): Rule<Context> {
  const { id, sentence, source, code, remedy, requirements = [], check } = row;
  return {
    id: `nitro-cli.${id}`,
    sentence,
    source: `nitro RULES.md ${source}`,
    requirements,
    checkedAt: 'cli',
    layer: 'cli',
    codes: [code],
    remedy,
    check,
  };
}

/** A refused driver call as nitro-cli reports it: always E29, whichever call it was. */
export function ioctlRefusal(inner: Refusal): Refusal {
  return wrapRefusal(inner, 'cli', 'E29');
}
