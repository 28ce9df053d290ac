/**
 * Runs what was started; a fault of the user's policy becomes a problem with the input.
 *
 * Invariant: every other error passes through, as a fault of this program.
 */
import { PolicyFault } from '../../core/placement/guarded-policy.js';
import { type FleetProgress, runFleetWatched } from './fleet-run.js';
import type { FleetRunInput } from './fleet-run-input.js';
import type { FleetResult } from './result.js';
import type { Problems, StartedFleet } from './start-fleet.js';

/** `changes`: what differs from the input as it was started; undefined = `watch` said to stop. */
export async function runStartedWatched(
  started: StartedFleet,
  changes: Partial<FleetRunInput>,
  watch: (progress: FleetProgress) => Promise<boolean>,
): Promise<FleetResult | Problems | undefined> {
  try {
    return await runFleetWatched({ ...started.input, ...changes }, watch);
  } catch (error) {
    return asProblem(started, error);
  }
}

function asProblem({ policyProblem }: StartedFleet, error: unknown): Problems {
  if (!(error instanceof PolicyFault)) throw error;
  return { problems: [policyProblem(error.message)] };
}
