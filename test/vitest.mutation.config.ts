/**
 * The tests that judge mutants, those of all rooms: what says something about core/ and says it fast.
 *
 * A mutant is run against every test of its room that reaches it (mutation/rooms.ts), so a room's tests
 * must end within 30 s and the common case within a second or two; all rooms together take about that
 * on an idle machine, twice as long on a busy one. Invariant: a profile only leaves out or scales down;
 * a mutant killed here is killed by `npm test`. Trade-off: a mutant that only a long campaign kills
 * counts as a survivor.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ROOMS, testsOf } from './mutation/rooms.js';
import { seedFrom } from './seed.js';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: [...new Set(ROOMS.flatMap(testsOf))],
    setupFiles: ['test/setup.ts'],
    env: {
      HYPERCARVE_SEED: String(seedFrom(process.env)),
      HYPERCARVE_RUNS: process.env.HYPERCARVE_RUNS ?? '0.1',
    },
    pool: 'threads',
    maxWorkers: 2,
    // Loading core/ anew for each file would take longer than the tests.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
