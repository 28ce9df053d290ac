/**
 * A push's share of the oracle campaign on some platforms, with what it must have met.
 *
 * Invariant: the work is fixed by the run's seed; HYPERCARVE_RUNS multiplies it.
 */
import { expect } from 'vitest';
import { runShare } from '../kit/oracle/campaign.js';
import type { OraclePlatform, Work } from '../kit/oracle/sequence.js';
import { scaledRuns, seedFrom } from '../seed.js';

/** Commands a push judges on each of the two halves: together at least a million. */
export const HALF = 500_000;

export function judgedPush(platforms: readonly OraclePlatform[]): Work {
  const operations = scaledRuns(HALF);
  const work = runShare({ operations, seed: seedFrom(process.env), platforms });
  expect(work.operations).toBeGreaterThanOrEqual(operations);
  return work;
}
