/**
 * Sweeps through the built command: on threads, killed, interrupted, in shards. Whatever happened on
 * the way, the folder at the end is the one that an undisturbed sweep on one worker leaves.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtMain, hypercarve } from '../scenarios/cli/built-cli.js';
import { folderContent, runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
const FILE = join(FOLDER, 'long.yaml');
/** Twelve tasks that take a moment each, so that there is something to interrupt. */
const LONG = SMALL_SWEEP.replace('requests: 60', 'requests: 1500').replace(
  'count: 6, block: 2',
  'count: 2, block: 1',
);
const UNDISTURBED = join(FOLDER, 'undisturbed');
let expected: Record<string, string>;

beforeAll(async () => {
  writeFileSync(FILE, LONG);
  const { code } = await runSweep(FOLDER, LONG, { out: UNDISTURBED });
  expect(code).toBe(0);
  expected = folderContent(UNDISTURBED);
}, 60_000);
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Starts a sweep and waits until so many blocks lie in its folder. */
async function started(out: string, blocks: number, ...more: readonly string[]) {
  const args = [builtMain(), 'sweep', FILE, '--out', out, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit');
  const count = () =>
    existsSync(join(out, 'blocks')) ? readdirSync(join(out, 'blocks')).length : 0;
  while (count() < blocks && child.exitCode === null) await setTimeout(2);
  return { child, ended, said: () => said };
}

describe('sweep: any number of workers', () => {
  it('two threads leave the folder that one worker leaves', () => {
    const out = join(FOLDER, 'threads');
    const { code, stderr } = hypercarve(['sweep', FILE, '--workers', '2', '--out', out]);
    expect(code, stderr).toBe(0);
    expect(folderContent(out)).toEqual(expected);
  }, 60_000);
});

describe('sweep: killed with SIGKILL', () => {
  it.each([1, 6])(
    'after %i blocks: --resume ends in the same bytes',
    async (blocks) => {
      const out = join(FOLDER, `killed-${blocks}`);
      const { child, ended } = await started(out, blocks, '--workers', '1');
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
      expect(existsSync(join(out, 'runs.parquet'))).toBe(false);
      const again = await runSweep(FOLDER, LONG, { out });
      expect([again.code, again.err]).toEqual([2, expect.stringContaining('--resume')]);
      const { code, err } = await runSweep(FOLDER, LONG, { out, resume: true });
      expect([code, err]).toEqual([0, '']);
      expect(folderContent(out)).toEqual(expected);
    },
    60_000,
  );

  it('a death between two files of the end is made good too', async () => {
    const out = join(FOLDER, 'half');
    cpSync(UNDISTURBED, out, { recursive: true });
    const { tables, ...plan } = JSON.parse(expected['manifest.json']);
    expect(Object.keys(tables)).toContain('runs.parquet');
    writeFileSync(join(out, 'manifest.json'), JSON.stringify(plan));
    writeFileSync(join(out, '.new-1-runs.parquet'), 'half a tab');
    writeFileSync(join(out, 'runs.parquet'), 'an earlier attempt');
    expect((await runSweep(FOLDER, LONG, { out, resume: true })).code).toBe(0);
    expect(folderContent(out)).toEqual(expected);
  }, 60_000);
});

describe('sweep: Ctrl-C', () => {
  it('ends the tasks begun, keeps them, says how to go on, and exits with 130', async () => {
    const out = join(FOLDER, 'stopped');
    const { child, ended, said } = await started(out, 1, '--workers', '1');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(said()).toMatch(/stopping after the tasks begun.*\n.*--resume/s);
    expect((await runSweep(FOLDER, LONG, { out, resume: true })).code).toBe(0);
    expect(folderContent(out)).toEqual(expected);
  }, 60_000);
});

describe('sweep: shards', () => {
  it('three shards, merged, are the sweep of one machine; two of them are not enough', async () => {
    const shards = ['1/3', '2/3', '3/3'].map((shard) => ({
      shard,
      out: join(FOLDER, `s${shard[0]}`),
    }));
    for (const one of shards) expect((await runSweep(FOLDER, LONG, one)).code).toBe(0);
    const folders = shards.map(({ out }) => out);
    // Found bug: a shard that was done was told to be not finished.
    const again = await runSweep(FOLDER, LONG, shards[1]);
    const words =
      'holds shard 2/3 of this sweep already, and it is done (`merge` takes it as it is';
    expect([again.code, again.err]).toEqual([2, expect.stringContaining(words)]);
    const out = join(FOLDER, 'merged');
    const few = hypercarve(['merge', folders[0], folders[2], '--out', out]);
    expect([few.code, few.stdout, existsSync(out)]).toEqual([2, '', false]);
    expect(few.stderr).toContain('4 of 12 blocks are missing; shard 2/3 is not given (run');
    const [name] = readdirSync(join(folders[0], 'blocks'));
    const block = join(folders[0], 'blocks', name);
    const text = readFileSync(block, 'utf8');
    rmSync(block);
    const cut = hypercarve(['merge', folders[0], folders[2], folders[2], '--out', out]);
    const which = 'shard 1/3 did not end, shard 2/3 is not given';
    expect(cut.stderr).toContain(`5 of 12 blocks are missing; ${which} (run`);
    writeFileSync(block, text);
    const all = hypercarve(['merge', ...folders, '--out', out]);
    expect(all.code, all.stderr).toBe(0);
    expect(folderContent(out)).toEqual(expected);
  }, 60_000);
});
