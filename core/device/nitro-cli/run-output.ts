/**
 * How a command ends that asked enclave processes and got no proper answer from some.
 *
 * Each process prints its own error; the asking process then counts them and adds an E39 of its own,
 * whose number is its exit status. Invariant: no failure, no output and status 0.
 * Source: nitro RULES.md §5.2, last paragraphs (enclave_process_handle_all_replies).
 */
import type { Refusal } from '../../refusal/refusal.js';
import { printedError, statusOf } from './codes.js';

export function failedConnections(refusals: readonly Refusal[]): {
  readonly status: number;
  readonly stderr: readonly string[];
} {
  const failed = refusals.length;
  if (failed === 0) return { status: 0, stderr: [] };
  const message = `Failed to connect to ${failed} enclave processes`;
  return {
    status: statusOf('E39'),
    stderr: [
      ...refusals.flatMap(printedError),
      `Failed connections: ${failed}`,
      ...printedError({ codes: ['E39'], message }),
    ],
  };
}
