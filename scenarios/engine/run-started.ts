/**
 * Runs what was started; a fault of the user's policy becomes a problem with the input.
 *
 * Invariant: every other error passes through, as a fault of this program.
 */
import { PolicyFault } from '../../core/placement/guarded-policy.js';
import type { Problem } from '../schema/problem.js';
import { type FleetRunInput, runFleet } from './fleet-run.js';
import type { FleetResult } from './result.js';
import type { StartedFleet } from './start-fleet.js';

/** `changes`: what differs from the input as it was started. */
export function runStarted(
  { input, policyProblem }: StartedFleet,
  changes: Partial<FleetRunInput> = {},
): FleetResult | { readonly problems: readonly Problem[] } {
  try {
    return runFleet({ ...input, ...changes });
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    return { problems: [policyProblem(error.message)] };
  }
}
