/**
 * The test runner of the mutation run, as a plugin of StrykerJS: the tests of a room in one process.
 *
 * Each mutant meets a new evaluation of core/ and of the test files asked, tests that killed another
 * mutant first, and only until one fails. Invariant: the dry run passes in both orders of the tests,
 * so no test lives on what another left behind; and what never ends is told by the processor's time,
 * not by the clock, so that on a busy machine no mutant counts as detected because it had to wait.
 * Trade-off: a mutant that breaks the order of tests alone is not noticed; vitest itself judges that in
 * `npm test`.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { bundle } from './bundle.mjs';
import { closeAll, collect, ENDLESS, runTest, vitest } from './small-vitest.mjs';

const SETUP = 'test/setup.ts';

/** Stryker's own numbers (`TestStatus`). */
const [SUCCESS, FAILED] = [0, 1];

/** A test is endless after this many ms of the processor, and after so many times what it took. */
const [LEAST_MS, TIMES] = [5000, 20];

export class InProcessRunner {
  /** Test files and the file that is evaluated before each, relative to `root`. */
  constructor(root, files, setup, refused = [], leastMs = LEAST_MS) {
    Object.assign(this, { root, files, setup, leastMs });
    /** What the mutated code reads: which mutant is active, how often it may be reached. */
    this.shared = globalThis.__stryker__ ??= {};
    /** Keys of mutants that the compiler refuses (kept.ts). */
    this.refused = new Set(refused);
    /** Test ids to the number of mutants they killed. */
    this.kills = new Map();
    /** Test ids to the ms of the processor that each took without a mutant. */
    this.times = new Map();
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    this.script = await bundle(this.root, this.files, this.setup, { vitest });
  }

  async dryRun() {
    this.shared.activeMutant = undefined;
    const tests = await this.runAll((all) => all, true);
    const mutantCoverage = structuredClone(this.shared.mutantCoverage);
    const reversed = await this.runAll((all) => all.reverse(), false);
    const failed = reversed.find(({ status }) => status === FAILED);
    if (failed !== undefined && !tests.some(({ status }) => status === FAILED)) {
      return { status: 'error', errorMessage: `in reversed order ${failed.id} fails` };
    }
    return { status: 'complete', tests, mutantCoverage };
  }

  /** Every test once, without a mutant; notes which mutants each reaches. */
  async runAll(ordered, covering) {
    const tests = await this.allTests();
    const results = [];
    for (const test of ordered([...tests])) {
      this.shared.currentTestId = covering ? test.id : undefined;
      const [start, used] = [performance.now(), process.cpuUsage()];
      const error = await runTest(test);
      const timeSpentMs = Math.ceil(performance.now() - start);
      this.shared.currentTestId = undefined;
      this.times.set(test.id, msSince(used));
      results.push({ ...about(test), timeSpentMs, ...outcome(error) });
    }
    await closeAll(tests);
    return results;
  }

  /** Whether nobody could have written it, since the compiler refuses it: no test need be asked. */
  isRefused({ fileName, location, replacement }) {
    if (this.refused.size === 0) return false;
    const { start, end } = location;
    const places = [start.line, start.column, end.line, end.column];
    const at = places.map((zeroBased) => zeroBased + 1).join(':');
    return this.refused.has(
      `${fileName.slice(fileName.indexOf('/core/') + 1)}:${at}:${replacement}`,
    );
  }

  async mutantRun(asked) {
    if (this.isRefused(asked.activeMutant)) return { status: 'survived', nrOfTests: 0 };
    // The clock stops an endless test; was the machine busy meanwhile, it gets longer.
    for (let patience = 1; ; patience *= 8) {
      const result = await this.runMutant(asked, patience);
      if (result !== undefined) return result;
    }
  }

  /** undefined = a test did not end in time, and had little of the processor. */
  async runMutant({ activeMutant, testFilter, hitLimit, mutantActivation }, patience) {
    const { shared } = this;
    Object.assign(shared, { hitCount: 0, hitLimit, activeMutant: undefined });
    if (mutantActivation === 'static') shared.activeMutant = activeMutant.id;
    const asked = testFilter === undefined ? undefined : new Set(testFilter);
    let nrOfTests = 0;
    try {
      const session = await this.script.load();
      fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
      for (const file of this.inOrder(asked)) {
        const tests = await this.collected(session, file);
        shared.activeMutant = activeMutant.id;
        const chosen = tests.filter(({ id }) => asked === undefined || asked.has(id));
        for (const test of chosen.sort((a, b) => this.compare(a.id, b.id))) {
          nrOfTests += 1;
          const [used, mostMs] = [process.cpuUsage(), this.mostMsOf(test.id)];
          const error = await runTest(test, mostMs * patience);
          if (error?.code === ENDLESS) {
            if (msSince(used) < mostMs / 2) return undefined;
            return { status: 'timeout', reason: `${test.id} took more than ${mostMs} ms` };
          }
          if (shared.hitLimit !== undefined && shared.hitCount > shared.hitLimit) {
            return { status: 'timeout', reason: `reached more than ${shared.hitLimit} times` };
          }
          if (error === undefined) continue;
          this.kills.set(test.id, (this.kills.get(test.id) ?? 0) + 1);
          return killed([test.id], error, nrOfTests);
        }
        await closeAll(tests);
        if (mutantActivation !== 'static') shared.activeMutant = undefined;
      }
    } catch (error) {
      // A constant that a mutant made impossible: no test file can even be read.
      return killed([], error, nrOfTests);
    } finally {
      shared.activeMutant = undefined;
    }
    return { status: 'survived', nrOfTests };
  }

  async collected(session, file) {
    const tests = await collect(resolve(this.root, file), () => session.file(file));
    return tests.map((test) => ({ ...test, id: `${file}#${test.name}` }));
  }

  mostMsOf(id) {
    return this.leastMs + TIMES * (this.times.get(id) ?? 0);
  }

  /** The test comes first that killed most for what it costs. */
  compare(a, b) {
    return promise(this.kills, this.times, b) - promise(this.kills, this.times, a);
  }

  /** The files that hold a test asked for: first the one that killed most for what it costs. */
  inOrder(asked) {
    const of = new Set([...(asked ?? [])].map(fileOf));
    const [kills, times] = [sumByFile(this.kills), sumByFile(this.times)];
    return this.files
      .filter((file) => asked === undefined || of.has(file))
      .sort((a, b) => promise(kills, times, b) - promise(kills, times, a));
  }

  async allTests() {
    const session = await this.script.load();
    const tests = [];
    for (const file of this.files) tests.push(...(await this.collected(session, file)));
    return tests;
  }
}

function runnerOfRun() {
  const { HYPERCARVE_MUTATION_TESTS: tests = '', HYPERCARVE_MUTATION_REFUSED: path } = process.env;
  const refused = path === undefined ? [] : JSON.parse(readFileSync(path, 'utf8'));
  return new InProcessRunner(process.cwd(), tests.split(',').filter(Boolean), SETUP, refused);
}

/** Kills a millisecond; to evaluate a test's file costs some, too. */
function promise(kills, times, id) {
  return ((kills.get(id) ?? 0) + 1) / ((times.get(id) ?? 0) + 10);
}

/** Milliseconds of the processor since it had used so much. */
function msSince(used) {
  const { user, system } = process.cpuUsage(used);
  return Math.ceil((user + system) / 1000);
}

function fileOf(id) {
  return id.slice(0, id.indexOf('#'));
}

function sumByFile(numbers) {
  const sums = new Map();
  for (const [id, number] of numbers) {
    sums.set(fileOf(id), (sums.get(fileOf(id)) ?? 0) + number);
  }
  return sums;
}

function about({ id, name, file }) {
  return { id, name, fileName: file };
}

function outcome(error) {
  return error === undefined
    ? { status: SUCCESS }
    : { status: FAILED, failureMessage: String(error.stack ?? error) };
}

function killed(killedBy, error, nrOfTests) {
  return { status: 'killed', killedBy, failureMessage: String(error?.message ?? error), nrOfTests };
}

export const strykerPlugins = [
  {
    kind: 'TestRunner',
    name: 'in-process',
    factory: runnerOfRun,
  },
];
