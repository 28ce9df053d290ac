/**
 * Runs before each test file: gives fast-check the run's seed and number of cases.
 *
 * A failing property prints its seed, its path and the shrunk counterexample; the same seed in
 * HYPERCARVE_SEED replays it. `test/vitest.config.ts` prints the seed once at the start of a run.
 */
import fc from 'fast-check';
import { scaledRuns, seedFrom } from './seed.js';

fc.configureGlobal({ seed: seedFrom(process.env), numRuns: scaledRuns(100) });
