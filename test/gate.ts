/**
 * The gate behind `npm test`: each check in order, stopping at the first that fails, with closing
 * lines that say what ran, how long it took and how to run the failed one alone. The tests are told that
 * dist/ was built just now (HYPERCARVE_BUILT): the longest campaigns then run from there.
 *
 * The invariant is: a green last line means that every step ran and returned 0. It settles the
 * seed, so that a run under CI has one. `--random` draws a fresh seed and runs the tests only, their
 * files in an order drawn from it.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { DEFAULT_SEED } from './seed.js';

interface Step {
  /** A script of package.json. */
  readonly script: string;
  /** What a green step shows. */
  readonly shows: string;
}

const TESTS: Step = { script: 'check:tests', shows: 'unit, property, style and requirement tests' };
const STEPS: readonly Step[] = [
  { script: 'check:format', shows: 'formatting and lint' },
  { script: 'build', shows: 'types, and dist/ is what the sources say' },
  { script: 'check:imports', shows: 'imports point one way: core <- reports <- scenarios' },
  { script: 'check:unused', shows: 'no unused file, export or dependency' },
  TESTS,
];

const random = process.argv.includes('--random');
const seed = random
  ? String(randomInt(2 ** 31))
  : process.env.HYPERCARVE_SEED || String(DEFAULT_SEED);

process.exitCode = runGate(random ? [TESTS] : STEPS);

function runGate(steps: readonly Step[]): number {
  const lines: string[] = [];
  for (const step of steps) {
    const { ok, seconds } = runStep(step);
    lines.push(`  ${ok ? 'ok    ' : 'FAILED'}  ${step.shows} (${seconds} s)`);
    if (!ok) {
      lines.push(`gate: FAILED, seed ${seed}; to repeat: ${commandAlone(step)}`);
      break;
    }
    if (step === steps.at(-1))
      lines.push(`gate: passed, ${steps.length} of ${steps.length} checks, seed ${seed}`);
  }
  console.log(`\n${lines.join('\n')}`);
  return lines.at(-1)?.startsWith('gate: passed') ? 0 : 1;
}

function runStep(step: Step): { ok: boolean; seconds: string } {
  console.log(`\n> ${step.script}: ${step.shows}`);
  const startedMs = performance.now();
  const { status } = spawnSync(`npm run --silent ${step.script}`, {
    shell: true,
    stdio: 'inherit',
    env: {
      ...process.env,
      HYPERCARVE_SEED: seed,
      ...(random ? { HYPERCARVE_SHUFFLE: '1' } : { HYPERCARVE_BUILT: '1' }),
    },
  });
  return { ok: status === 0, seconds: ((performance.now() - startedMs) / 1000).toFixed(1) };
}

function commandAlone(step: Step): string {
  return step === TESTS
    ? `${random ? 'HYPERCARVE_SHUFFLE=1 ' : ''}HYPERCARVE_SEED=${seed} npm run ${step.script}`
    : `npm run ${step.script}`;
}
