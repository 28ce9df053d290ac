/**
 * The part of vitest that the tests of core/ use, without its processes: `describe`, `it`, their tables
 * and hooks collect the tests of a file; `expect` is vitest's own.
 *
 * A mutant asks a handful of tests that take milliseconds; starting vitest takes a third of a second.
 * Invariant: what is not known here throws when a file is collected, so that no test is passed over in
 * silence; every test runs with the hooks of all its suites. Trade-off: no timeouts (the mutation run
 * has its own, of the processor's time) and no parallel tests.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { format } from 'node:util';
import vm from 'node:vm';

/** Loaded by the mutation run, not by vitest's own worker, whose matchers stay as they are. */
const isAlone = globalThis.__vitest_worker__ === undefined;
// Outside a test process vitest's `expect` looks for the state of a worker.
if (isAlone) globalThis.__vitest_worker__ = { config: {}, filepath: '' };
const { expect } = await import('vitest');

/** The suite that is being collected. */
let suite;
/** The file whose tests are collected or run, for snapshots beside it. */
let currentFile = '';

/** A golden file is compared, never written. */
function toMatchFileSnapshot(received, name) {
  const golden = readFileSync(resolve(dirname(currentFile), name), 'utf8');
  return { pass: received === golden, message: () => `differs from ${name}` };
}

if (isAlone) expect.extend({ toMatchFileSnapshot });

function suiteOf(name, parent) {
  return { name, parent, tests: [], before: [], after: [], beforeEach: [], afterEach: [] };
}

const tests = [];

function it(name, ...rest) {
  const run = rest.find((one) => typeof one === 'function');
  if (run === undefined) throw new Error(`${name} is no test`);
  tests.push({ name: fullName(suite, name), suite, run });
}

function describe(name, ...rest) {
  const outer = suite;
  suite = suiteOf(name, outer);
  const done = rest.find((one) => typeof one === 'function')();
  if (done instanceof Promise) throw new Error(`${name}: an async describe is not known here`);
  suite = outer;
}

function fullName(of, name) {
  return of.parent === undefined ? name : fullName(of.parent, `${of.name} ${name}`);
}

/** One call for each row; an array is spread over the parameters. */
function eachOf(declare) {
  return (rows) =>
    (name, ...rest) => {
      const body = rest.find((one) => typeof one === 'function');
      for (const [index, row] of rows.entries()) {
        const args = Array.isArray(row) ? row : [row];
        declare(titleOf(name, args, index), () => body(...args));
      }
    };
}

function titleOf(name, args, index) {
  const [first] = args;
  const filled = name.replace(/\$([\w.]+)/g, (all, path) => {
    const value = path.split('.').reduce((at, key) => at?.[key], first);
    return value === undefined ? all : String(value);
  });
  const holes = filled.match(/%[sdifjo]/g)?.length ?? 0;
  return `${format(filled, ...args.slice(0, holes))} [${index}]`;
}

it.each = eachOf(it);
describe.each = eachOf(describe);
for (const declare of [it, describe]) {
  declare.runIf = (yes) => (yes ? declare : () => {});
  declare.skipIf = (no) => (no ? () => {} : declare);
}

const hook = (key) => (run) => suite[key].push(run);

/** What `import … from 'vitest'` gives to a test. */
export const vitest = {
  describe,
  it,
  test: it,
  expect,
  beforeAll: hook('before'),
  afterAll: hook('after'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
};

/** The tests that `load` declares, in order; names that occur twice are numbered. */
export async function collect(file, load) {
  currentFile = file;
  suite = suiteOf('', undefined);
  tests.length = 0;
  await load();
  const seen = new Map();
  return tests.splice(0).map((test) => {
    const times = (seen.get(test.name) ?? 0) + 1;
    seen.set(test.name, times);
    return { ...test, file, name: times === 1 ? test.name : `${test.name} (${times})` };
  });
}

/** What an endless test throws, which no test can catch. */
export const ENDLESS = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

const CALL = '__hypercarveCall';
const call = new vm.Script(`globalThis.${CALL}()`);

/** Runs `run`, for `timeout` ms at most before its first await; no limit without one. */
function within(timeout, run) {
  if (timeout === undefined) return run();
  globalThis[CALL] = run;
  return call.runInThisContext({ timeout });
}

/** Runs one test with its hooks, for `timeout` ms at most. Returns what it threw, or undefined. */
export async function runTest({ file, suite: own, run }, timeout) {
  currentFile = file;
  const suites = [];
  for (let at = own; at !== undefined; at = at.parent) suites.unshift(at);
  try {
    for (const one of suites) for (const before of one.before.splice(0)) await before();
    for (const one of suites) for (const before of one.beforeEach) await before();
    await within(timeout, run);
    for (const one of suites.reverse()) for (const after of one.afterEach) await after();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The closing hooks of every suite of these tests. */
export async function closeAll(done) {
  for (const one of new Set(done.flatMap(({ suite: own }) => lineOf(own)))) {
    for (const after of one.after.splice(0)) await after();
  }
}

function lineOf(own) {
  return own === undefined ? [] : [own, ...lineOf(own.parent)];
}
