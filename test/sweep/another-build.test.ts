/**
 * Two builds of one version: what one has begun the other neither goes on with nor merges.
 *
 * The other build is this one under another hash, laid into a folder of its own, so that it is the
 * command line itself which says of each folder whose it is.
 */
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../scenarios/cli/package-root.js';
import { BUILD_FILE, engineBuild } from '../../scenarios/sweep/engine-build.js';
import { builtMain, hypercarve, runNode } from '../scenarios/cli/built-cli.js';
import { folderContent, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
const FILE = join(FOLDER, 'sweep.yaml');
const OTHER = join(FOLDER, 'other');
const HASH = 'f00d'.repeat(16);
afterAll(() => rmSync(FOLDER, { recursive: true }));

beforeAll(() => {
  writeFileSync(FILE, SMALL_SWEEP);
  cpSync(dirname(builtMain()), join(OTHER, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(OTHER, 'dist', 'cli', BUILD_FILE), `${HASH}\n`);
  cpSync(join(packageRoot(), 'package.json'), join(OTHER, 'package.json'));
  symlinkSync(join(packageRoot(), 'node_modules'), join(OTHER, 'node_modules'));
});

const byOther = (...args: readonly string[]) =>
  runNode([join(OTHER, 'dist', 'cli', 'main.js'), ...args]);

function shard(run: typeof byOther, index: number, ...more: readonly string[]) {
  const out = join(FOLDER, `shard-${index}`);
  const ended = run(
    'sweep',
    FILE,
    '--shard',
    `${index}/2`,
    '--workers',
    '1',
    '--out',
    out,
    ...more,
  );
  return { out, ...ended };
}

// Found bug: under one version they were one sweep, whatever the code.
describe('what another build of the same version made', () => {
  it('a build says its hash in each manifest', () => {
    expect(engineBuild()).toMatch(/^[0-9a-f]{64}$/);
    const mine = shard((...args) => hypercarve(args), 1);
    const theirs = shard(byOther, 2);
    expect([mine.code, theirs.code], mine.stderr + theirs.stderr).toEqual([0, 0]);
    const builds = [mine, theirs].map(
      ({ out }) => JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).build,
    );
    expect(builds).toEqual([engineBuild(), HASH]);
  });

  it.each([
    ['merge', () => hypercarve(['merge', ...shards, '--out', join(FOLDER, 'all')]), 2],
    ['merge by the other', () => byOther('merge', ...shards, '--out', join(FOLDER, 'all')), 1],
    ['--resume', () => shard((...args) => hypercarve(args), 2, '--resume'), 2],
  ] as const)('%s refuses it, with exit code 2, and changes nothing', (_name, run, refused) => {
    const before = shards.map(folderContent);
    const { code, stderr } = run();
    expect(code).toBe(2);
    expect(stderr).toContain(`shard-${refused}`);
    expect(stderr).toContain('was made by another build of hypercarve');
    expect(stderr.trim().split('\n').length).toBe(1);
    expect(shards.map(folderContent)).toEqual(before);
    expect(existsSync(join(FOLDER, 'all'))).toBe(false);
  });
  const shards = [1, 2].map((index) => join(FOLDER, `shard-${index}`));
});
