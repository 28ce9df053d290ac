/**
 * A push's share of the oracle campaign on some platforms, with what it must have met.
 *
 * Invariant: the work is fixed by the run's seed; HYPERCARVE_RUNS multiplies it. Trade-off: the sources are
 * judged as the tests have them, but in the gate, which has just built them (HYPERCARVE_BUILT), what was
 * built is, in half the time.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type CampaignSpec, runShare } from '../kit/oracle/campaign.js';
import type { OraclePlatform, Work } from '../kit/oracle/sequence.js';
import { scaledRuns, seedFrom } from '../seed.js';

/** Commands a push judges on each of the two halves: together at least a million. */
export const HALF = 500_000;

const BUILT = fileURLToPath(new URL('../../dist/test/oracle/built-share.js', import.meta.url));

export function judgedPush(platforms: readonly OraclePlatform[], commands = HALF): Work {
  const operations = scaledRuns(commands);
  const spec = { operations, seed: seedFrom(process.env), platforms };
  const work = process.env.HYPERCARVE_BUILT === '1' ? builtShare(spec) : runShare(spec);
  expect(work.operations).toBeGreaterThanOrEqual(operations);
  return work;
}

function builtShare(spec: CampaignSpec): Work {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT, JSON.stringify(spec)], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const work: Omit<Work, 'results'> & { readonly results: readonly [string, number][] } =
    JSON.parse(stdout);
  return { ...work, results: new Map(work.results) };
}
