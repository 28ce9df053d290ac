/**
 * The runner of the mutation test judges rightly: what a test notices is killed, what none notices
 * survives, what never ends is a timeout, and tests that live on each other are refused.
 *
 * Each case is a source with its mutants written out as StrykerJS would, and a test file beside it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

interface Result {
  readonly status: string;
  readonly errorMessage?: string;
  readonly tests?: readonly { readonly id: string; readonly status: number }[];
  readonly killedBy?: readonly string[];
  readonly mutantCoverage?: { readonly perTest: Readonly<Record<string, object>> };
}

interface Runner {
  init(): Promise<void>;
  dryRun(): Promise<Result>;
  mutantRun(asked: object): Promise<Result>;
}

const [root, space] = [mkdtempSync(join(tmpdir(), 'hypercarve-mutants-')), '__stryker__'];
afterAll(() => rmSync(root, { recursive: true }));

/**
 * Mutants: 1 subtracts, 2 swaps the summands, 3 never ends, 4 changes a constant read at load, 5 never
 * ends and is reached once.
 */
const SOURCE = `
const shared = globalThis.${space};
const active = (id) => {
  const reached = ((shared.mutantCoverage ??= { static: {}, perTest: {} }).perTest[
    shared.currentTestId ?? 'none'] ??= {});
  reached[id] = (reached[id] ?? 0) + 1;
  if (shared.activeMutant !== id) return false;
  if (shared.hitLimit !== undefined && ++shared.hitCount > shared.hitLimit) throw new Error('hits');
  return true;
};
export const BASE = active('4') ? 1 : 0;
export const sum = (a, b) => (active('1') ? a - b : active('2') ? b + a : a + b);
export const last = (n) => { if (active('5')) for (;;); let i = 0; while (active('3') ? true : i < n) i++; return i; };
let calls = 0;
export const count = () => ++calls;
`;

const TESTS = `
import { describe, expect, it } from 'vitest';
import { BASE, last, sum } from './source.js';
describe('sums', () => {
  it.each([[2, 3, 5], [1, 1, 2]])('%i and %i', (a, b, both) => expect(sum(a, b)).toBe(both + BASE));
  it('lasts', () => { try { last(3); } catch { /* A test that swallows what happens. */ } });
});
`;

/** The second one passes only after the first. */
const DEPENDENT = `
import { expect, it } from 'vitest';
import { count } from './source.js';
it('first', () => expect(count()).toBe(1));
it('second', () => expect(count()).toBe(2));
`;

/** Of the processor, before a test counts as endless. */
const LEAST_MS = 300;

async function runnerOf(name: string, tests: string): Promise<Runner> {
  writeFileSync(join(root, 'source.js'), SOURCE);
  writeFileSync(join(root, 'setup.js'), '');
  writeFileSync(join(root, name), tests);
  // Plain modules, as StrykerJS loads them; they have no types.
  const path: string = './runner.mjs';
  const { InProcessRunner } = await import(path);
  const runner: Runner = new InProcessRunner(root, [name], 'setup.js', [], LEAST_MS);
  await runner.init();
  return runner;
}

const mutant = (id: string, mutantActivation = 'runtime') => ({
  activeMutant: { id },
  hitLimit: 100,
  mutantActivation,
});

describe('the runner of the mutation test', () => {
  it('kills, spares and stops mutants, each on a fresh evaluation', async () => {
    const runner = await runnerOf('sum.test.js', TESTS);
    const dry = await runner.dryRun();
    const ids = dry.tests?.map(({ id }) => id);
    expect(dry.status, dry.errorMessage).toBe('complete');
    expect(dry.tests?.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(Object.keys(dry.mutantCoverage?.perTest ?? {})).toEqual(['none', ...(ids ?? [])]);
    const said = async (id: string, when?: string) =>
      (await runner.mutantRun(mutant(id, when))).status;
    expect(await runner.mutantRun(mutant('1'))).toMatchObject({
      status: 'killed',
      // Either of two tests notices it; which is asked first goes by the time that they took.
      killedBy: [expect.stringMatching(/^sum\.test\.js#sums (2 and 3 \[0\]|1 and 1 \[1\])$/)],
    });
    expect(await said('2')).toBe('survived');
    expect(await said('3')).toBe('timeout');
    expect(await said('5')).toBe('timeout');
    expect(await said('4')).toBe('survived');
    expect(await said('4', 'static')).toBe('killed');
    expect(await said('2')).toBe('survived');
  });

  it('asks only the tests that it is told reach the mutant', async () => {
    const runner = await runnerOf('sum.test.js', TESTS);
    const testFilter = ['sum.test.js#sums lasts'];
    expect(await runner.mutantRun({ ...mutant('1'), testFilter })).toMatchObject({
      status: 'survived',
    });
  });

  it('refuses tests that pass in one order only', async () => {
    const dry = await (await runnerOf('order.test.js', DEPENDENT)).dryRun();
    expect(dry).toMatchObject({ status: 'error' });
    expect(dry.errorMessage).toContain('in reversed order');
  });
});
