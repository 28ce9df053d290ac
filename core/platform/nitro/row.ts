/**
 * Rule rows of the Nitro driver, with the parts that are the same in all of them filled in.
 *
 * Invariant: a row names at most one code, the number the call returns; a row without a code gets
 * its code from the answer (the hypervisor's errno). Source of all rows: nitro RULES.md.
 */
import type { Layer } from '../../refusal/refusal.js';
import type { Outcome, Rule } from '../rule.js';
import { codeOf } from './errors.js';

export interface DriverRow<Context> {
  readonly id: string;
  readonly sentence: string;
  /** Section of nitro RULES.md, or a finding of the conformance format. */
  readonly source: string;
  /** Positive error number; absent = decided by the answer. */
  readonly number?: number;
  readonly remedy: string;
  readonly requirements?: readonly string[];
  readonly layer?: Layer;
  readonly check: (context: Context) => Outcome;
}

export function driverRow<Context>(row: DriverRow<Context>): Rule<Context> {
  const { id, sentence, source, number, remedy, check } = row;
  return {
    id: `nitro.${id}`,
    sentence,
    source: `nitro RULES.md ${source}`,
    requirements: row.requirements ?? [],
    checkedAt: 'driver',
    layer: row.layer ?? 'driver',
    codes: number === undefined ? [] : [codeOf(number)],
    remedy,
    check,
  };
}
