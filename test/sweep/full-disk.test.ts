/**
 * Writing that fails half way, as on a full disk: told in one sentence, nothing half-written, and a
 * sweep goes on where it was. Files are kept short by the shell's limit on their size.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtMain } from '../scenarios/cli/built-cli.js';
import { folderContent, runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
const UNDISTURBED = join(FOLDER, 'undisturbed');
let file: string;
let expected: Record<string, string>;

beforeAll(async () => {
  ({ file } = await runSweep(FOLDER, SMALL_SWEEP, { out: UNDISTURBED }));
  expected = folderContent(UNDISTURBED);
}, 60_000);
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Runs the built command where no file may be longer than so many KiB. */
function limited(kib: number, ...args: readonly string[]) {
  const script = `ulimit -f ${kib}; exec "$0" "$@"`;
  const all = ['-c', script, process.execPath, builtMain(), ...args];
  const { status, stdout, stderr } = spawnSync('bash', all, { encoding: 'utf8' });
  return { code: status, stdout, stderr: stderr.replace(/^sweep: \d+ of .*\n/gm, '') };
}

const sweepInto = (out: string) => ['sweep', file, '--workers', '1', '--out', out];
const told = (out: string, runs: number) =>
  `sweep: ${out} cannot be written: a file would be larger than this system allows; the ${runs} ` +
  'runs before are kept there. To go on once it can be: add --resume\n';

async function resumed(out: string) {
  const { code } = await runSweep(FOLDER, SMALL_SWEEP, { out, resume: true });
  expect(code).toBe(0);
  return folderContent(out);
}

describe('a sweep whose folder takes no more', () => {
  it('at a table: all runs are kept, and --resume ends in the same bytes', async () => {
    const out = join(FOLDER, 'tables');
    expect(limited(4, ...sweepInto(out))).toEqual({ code: 130, stdout: '', stderr: told(out, 36) });
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(existsSync(join(out, 'runs.parquet'))).toBe(false);
    expect(await resumed(out)).toEqual(expected);
  }, 60_000);

  it('at a block: those before are kept, and --resume ends in the same bytes', async () => {
    const out = join(FOLDER, 'blocks');
    // As a sweep that was killed after its first block: its manifest names no tables yet.
    limited(4, ...sweepInto(out));
    for (const name of readdirSync(out)) if (/parquet$/.test(name)) rmSync(join(out, name));
    const blocks = readdirSync(join(out, 'blocks'));
    const kept = join(FOLDER, 'kept');
    cpSync(join(out, 'blocks'), kept, { recursive: true });
    for (const name of blocks) rmSync(join(out, 'blocks', name));
    expect(limited(1, ...sweepInto(out), '--resume').stderr).toBe(told(out, 0));
    expect(readdirSync(join(out, 'blocks'))).toEqual([]);
    mkdirSync(join(out, 'blocks'), { recursive: true });
    cpSync(kept, join(out, 'blocks'), { recursive: true });
    rmSync(join(out, 'blocks', blocks[0]));
    const { code, stderr } = limited(1, ...sweepInto(out), '--resume');
    expect([code, stderr]).toEqual([130, expect.stringMatching(/the \d+ runs before are kept/)]);
    expect(readdirSync(join(out, 'blocks')).length).toBe(blocks.length - 1);
    expect(await resumed(out)).toEqual(expected);
  }, 60_000);

  it('at its first file: exit code 2, and nothing is left', () => {
    const out = join(FOLDER, 'never');
    const { code, stderr } = limited(1, ...sweepInto(out));
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${out}: cannot be written: a file`),
    ]);
    expect(existsSync(out)).toBe(false);
  });
});

describe('other files', () => {
  it('a scenario to start from and a run folder are whole or not there', () => {
    const mine = join(FOLDER, 'mine.yaml');
    expect(limited(1, 'init', mine)).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(mine)).toBe(false);
    const report = join(FOLDER, 'report');
    const scenario = 'scenarios/library/odd-vcpus.yaml';
    const { code, stderr } = limited(1, 'run', scenario, '--report', report);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('report: cannot be written: a file'),
    ]);
    expect(readdirSync(FOLDER).filter((name) => name.includes('report'))).toEqual([]);
  });

  // Found bug: the folder of the first platform stayed when there was no room for the second.
  it('of several platforms all run folders are there or none', () => {
    const report = join(FOLDER, 'platforms/all');
    const scenario = 'scenarios/library/odd-vcpus.yaml';
    const args = ['run', scenario, '--platform', 'qingtian,nitro', '--report', report];
    // The record of the second takes some KiB more than that of the first.
    const size = (platform: string) => statSync(join(report, platform, 'record.json')).size / 1024;
    expect(limited(1000, ...args)).toMatchObject({
      stderr: expect.stringMatching(
        /^run: wrote .*\/qingtian-2022-10\nrun: wrote .*\/nitro-.*\n(run: note: .*\n)*$/,
      ),
    });
    const [small, large] = [size('qingtian-2022-10'), size('nitro-cli-1.5.0')];
    const between = Math.ceil(small);
    expect(large).toBeGreaterThan(between);
    rmSync(join(FOLDER, 'platforms'), { recursive: true });
    const { code, stdout, stderr } = limited(between, ...args);
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      expect.stringContaining('nitro-cli-1.5.0: cannot be written: a file'),
    ]);
    expect(stderr).not.toContain('wrote');
    expect(existsSync(join(FOLDER, 'platforms'))).toBe(false);
  });
});
