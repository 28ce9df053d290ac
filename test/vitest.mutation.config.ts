/**
 * The tests that judge mutants: those that say something about core/ and say it fast.
 *
 * A mutant is run against every test that reaches it, so the whole profile must end within 30 s
 * and the common case within a second or two. Invariant: a profile only leaves out or scales down;
 * a mutant killed here is killed by `npm test`. Trade-off: a mutant that only a long campaign kills
 * counts as a survivor.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { seedFrom } from './seed.js';

/** Exhaustive searches, long campaigns, and tests that read dist/: minutes, not seconds. */
const SLOW = [
  'test/bench/**',
  'test/engine/**',
  'test/explore/scopes.test.ts',
  'test/explore/unread-fields.test.ts',
  'test/explore/verify-command.test.ts',
  'test/device/driver-oracle.test.ts',
  'test/invariants/planted-campaigns.test.ts',
  'test/invariants/quirk-findings.test.ts',
  'test/placement/policy.test.ts',
  'test/platform/qingtian-launch-at-once.test.ts',
  'test/faults/**',
  'test/host/canary.test.ts',
  'test/host/campaign.test.ts',
  'test/library/**',
  'test/memory/adversarial.test.ts',
  'test/memory/occupancy.test.ts',
  'test/oracle/**',
  'test/platform/nitro-random.test.ts',
  'test/platform/qingtian-oracle.test.ts',
  'test/reports/**',
  'test/scenarios/**',
  // They read sources or documents, which the mutation run rewrites.
  'test/requirements.test.ts',
  'test/tidy.test.ts',
];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: process.env.HYPERCARVE_MUTATION_TESTS?.split(',') ?? ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**', ...SLOW],
    setupFiles: ['test/setup.ts'],
    env: {
      HYPERCARVE_SEED: String(seedFrom(process.env)),
      HYPERCARVE_RUNS: process.env.HYPERCARVE_RUNS ?? '0.1',
    },
    pool: 'threads',
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
