/**
 * The arguments of `nitro-cli terminate-enclave` and `describe-enclaves`.
 *
 * terminate-enclave takes exactly one of --enclave-id, --enclave-name and --all; describe-enclaves
 * only --metadata. Nothing has a value rule of its own: what breaks the grammar ends with status 2
 * and no E-code, an id or name nobody has is found out when it is looked for (E11, E58).
 * Source: nitro RULES.md §6.3; aws-nitro-enclaves-cli src/lib.rs, create_app!.
 */
import type { Refusal } from '../../refusal/refusal.js';
import { type Arity, splitOptions, USAGE_STATUS, usageRefusal } from './options.js';
import type { TerminateTarget } from './terminate.js';

export type ParsedLine<Found> =
  | ({ readonly ok: true } & Found)
  | { readonly ok: false; readonly status: number; readonly refusal: Refusal };

const TARGETS: Readonly<Record<string, Arity>> = {
  'enclave-id': 'one',
  'enclave-name': 'one',
  all: 'none',
};

/** `tokens`: what stands behind "terminate-enclave". */
export function parseTerminateArguments(
  tokens: readonly string[],
): ParsedLine<{ readonly target: TerminateTarget }> {
  const split = splitOptions(tokens, TARGETS);
  if ('problem' in split) return usage('terminate-enclave', split.problem);
  const { given } = split;
  const [first, second] = [...given.keys()];
  if (second !== undefined) {
    return usage('terminate-enclave', `'--${first}' cannot be used with '--${second}'`);
  }
  if (first === 'all') return { ok: true, target: { all: true } };
  const value = given.get(first)?.[0];
  if (value === undefined) return usage('terminate-enclave', "'--enclave-id' was not provided");
  return { ok: true, target: first === 'enclave-id' ? { id: value } : { name: value } };
}

/** `tokens`: what stands behind "describe-enclaves". */
export function parseDescribeArguments(
  tokens: readonly string[],
): ParsedLine<{ readonly metadata: boolean }> {
  const split = splitOptions(tokens, { metadata: 'none' });
  if ('problem' in split) return usage('describe-enclaves', split.problem);
  return { ok: true, metadata: split.given.has('metadata') };
}

function usage(command: string, problem: string): ParsedLine<never> {
  return { ok: false, status: USAGE_STATUS, refusal: usageRefusal(command, problem) };
}
