/**
 * How the tests run: two workers (the machines that run them have two cores), one seed, and only
 * sources (what was built into dist/ runs in processes of its own, such as the command line, or the oracle
 * campaigns of the gate). The seed is settled and printed here, once a run.
 *
 * Files that run in one worker share its modules (`isolate: false`): loading and compiling them anew for
 * each of some 280 files was a quarter of the time. So a test may leave nothing behind in a module, in
 * the environment or in the process, and core/ may keep nothing there that a later run could tell.
 * HYPERCARVE_SHUFFLE=1, as `npm run test:random` sets it, draws the order of files from the seed.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { seedFrom } from './seed.js';

const seed = seedFrom(process.env);
console.log(`property tests use seed ${seed}: HYPERCARVE_SEED=${seed} replays this run`);

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    setupFiles: ['test/setup.ts'],
    env: { HYPERCARVE_SEED: String(seed) },
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    sequence: process.env.HYPERCARVE_SHUFFLE === '1' ? { shuffle: { files: true }, seed } : {},
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['core/**/*.ts', 'reports/**/*.ts', 'scenarios/**/*.ts'],
      reportsDirectory: 'coverage',
    },
  },
});
