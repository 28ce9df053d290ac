/**
 * The mutation run: `npm run mutate` for all rooms, `npm run mutate -- invariants memory` for some,
 * `npm run mutate -- core/units/size.ts` for single files, `npm run mutate:changed [-- REF]` for the
 * files that differ from a commit (by default the last one, uncommitted changes included).
 *
 * Which tests judge a file is told to the runner in the environment. Each room remembers its mutants in
 * node_modules/.cache/mutation, so that a second run tries only what changed, and what survived. A run
 * that is stopped loses its last files, a dozen at most. Exit code 1 when a run failed, 2 when
 * what it is asked for is not there; survivors fail nothing here, `npm run mutate:summary` judges them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { filesAsked } from './arguments.js';
import { refusedOf } from './kept.js';
import { ROOMS, type Room, roomOf, testsOf } from './rooms.js';

const CACHE = 'node_modules/.cache/mutation';

/** Files of one run of Stryker: what it found is kept when it ends. */
const BATCH = 12;

interface FileOfRun {
  readonly source: string;
  readonly language: string;
  mutants: { readonly status: string }[];
}

/** What is read of Stryker's memory of a room. */
interface StoredRun {
  readonly files: Record<string, FileOfRun>;
}

const asked = filesAsked(process.argv.slice(2));
if ('problem' in asked) console.error(`mutate: ${asked.problem}`);
process.exitCode = 'problem' in asked ? 2 : runAll(asked);

function runAll(files: readonly string[]): number {
  console.log(`${files.length} files to mutate`);
  const failed = ROOMS.filter((room) => {
    const own = files.filter((file) => roomOf(file) === room);
    return !batchesOf(own).every((batch) => runSome(room, batch));
  });
  if (failed.length > 0) console.log(`failed: ${failed.map(({ name }) => name).join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

function batchesOf(files: readonly string[]): readonly (readonly string[])[] {
  const batches = Math.ceil(files.length / BATCH);
  return Array.from({ length: batches }, (_, at) => files.slice(at * BATCH, (at + 1) * BATCH));
}

function runSome(room: Room, files: readonly string[]): boolean {
  const stored = `${CACHE}/${room.name}.json`;
  // Stryker writes a copy, which takes the place of what is stored once the run has ended well.
  const running = `${CACHE}/running/${room.name}.json`;
  askSurvivorsAgain(stored, running, files);
  const refused = `${CACHE}/refused/${room.name}.json`;
  mkdirSync(`${CACHE}/refused`, { recursive: true });
  writeFileSync(refused, JSON.stringify(refusedOf(files)));
  const args = ['run', 'test/mutation/stryker.json', '--mutate', files.join(','), '--incremental'];
  const tests = testsOf(room).join(',');
  const { status } = spawnSync('npx', ['stryker', ...args, '--incrementalFile', running], {
    stdio: 'inherit',
    env: {
      HYPERCARVE_RUNS: '0.1',
      ...process.env,
      HYPERCARVE_MUTATION_TESTS: tests,
      HYPERCARVE_MUTATION_REFUSED: resolve(refused),
    },
  });
  if (status === 0 && existsSync(running)) {
    noteEmpty(running, files, stored);
    renameSync(running, stored);
  }
  return status === 0;
}

/**
 * A file in which there is nothing to mutate stands in no report of Stryker, not even where it stood in
 * the one before; it is measured all the same.
 */
function noteEmpty(running: string, files: readonly string[], stored: string): void {
  const report: StoredRun = JSON.parse(readFileSync(running, 'utf8'));
  const before: StoredRun = existsSync(stored)
    ? JSON.parse(readFileSync(stored, 'utf8'))
    : { files: {} };
  for (const [file, run] of Object.entries(before.files)) {
    if (run.mutants.length === 0 && !files.includes(file)) report.files[file] ??= run;
  }
  for (const file of files) {
    report.files[file] ??= {
      source: readFileSync(file, 'utf8'),
      language: 'typescript',
      mutants: [],
    };
  }
  writeFileSync(running, JSON.stringify(report));
}

/** Forgets what survived: Stryker keeps a survivor unless a test that reaches it is new by name. */
function askSurvivorsAgain(stored: string, running: string, files: readonly string[]): void {
  mkdirSync(dirname(running), { recursive: true });
  rmSync(running, { force: true });
  if (!existsSync(stored)) return;
  const report: StoredRun = JSON.parse(readFileSync(stored, 'utf8'));
  for (const file of files) {
    const known = report.files[file];
    if (known !== undefined) known.mutants = known.mutants.filter(({ status }) => detected(status));
  }
  writeFileSync(running, JSON.stringify(report));
}

function detected(status: string): boolean {
  return status === 'Killed' || status === 'Timeout';
}
