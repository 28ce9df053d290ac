/**
 * The mutation run: `npm run mutate` for all rooms, `npm run mutate -- invariants memory` for some,
 * `npm run mutate -- core/units/size.ts` for single files, `npm run mutate:changed [-- REF]` for the
 * files that differ from a commit (by default the last one, uncommitted changes included).
 *
 * Which tests judge a file is told to the vitest profile, not to Stryker: with its --testFiles option
 * mutants of constants evaluated at load survived tests that kill them when the change is made by hand.
 *
 * Each file is a run of its own that remembers its mutants in node_modules/.cache/mutation, so that a
 * run may be stopped at any file, and a second one tries only what changed. Stryker does not notice a
 * new test for a constant evaluated at load: delete the file's memory there to ask again. Exit code 1 when a run
 * failed; survivors alone fail nothing here, `npm run mutate:summary` judges them.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { ROOMS, type Room, roomOf } from './rooms.js';

const CACHE = 'node_modules/.cache/mutation';

process.exitCode = runAll(filesOf(process.argv.slice(2)));

function filesOf(args: readonly string[]): string[] {
  if (args[0] === '--changed') return changedSince(args[1] ?? 'HEAD').filter(roomOf);
  if (args.length === 0) return ROOMS.flatMap(filesOfRoom);
  return args.flatMap((name) => {
    const room = ROOMS.find((one) => one.name === name);
    if (room !== undefined) return filesOfRoom(room);
    if (roomOf(name) !== undefined) return [name];
    throw new Error(`${name} is no room (${ROOMS.map((one) => one.name).join(', ')}) and no file`);
  });
}

function filesOfRoom(room: Room): string[] {
  return filesOfCore().filter((file) => roomOf(file) === room);
}

function filesOfCore(): string[] {
  return readdirSync('core', { recursive: true, encoding: 'utf8' })
    .map((path) => `core/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .sort();
}

/** Files of core/ that differ from `ref`, new ones included. */
function changedSince(ref: string): string[] {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).split('\n');
  const changed = git('diff', '--name-only', '--diff-filter=d', ref, '--', 'core');
  return [...changed, ...git('ls-files', '--others', '--exclude-standard', 'core')].filter((file) =>
    file.endsWith('.ts'),
  );
}

function runAll(files: readonly string[]): number {
  console.log(`${files.length} files to mutate`);
  const failed = files.filter((file) => !runOne(file));
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

function runOne(file: string): boolean {
  const stored = `${CACHE}/${file.replaceAll('/', '+')}.json`;
  const args = ['run', 'test/mutation/stryker.json', '--mutate', file, '--incremental'];
  const tests = roomOf(file)?.tests.join(',') ?? '';
  const { status } = spawnSync('npx', ['stryker', ...args, '--incrementalFile', stored], {
    stdio: 'inherit',
    env: { ...process.env, HYPERCARVE_MUTATION_TESTS: tests },
  });
  return status === 0;
}
