/**
 * run --watch as a person uses it: a process that runs again when its file changes, until Ctrl-C.
 *
 * Through the built program, because signals and the end of the process are what is tested.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { INIT_TEMPLATES } from '../../../scenarios/cli/init-template.js';
import { builtMain, hypercarve } from './built-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-watch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TEMPLATE = INIT_TEMPLATES.get('qingtian') ?? '';
const TIMEOUT_MS = 30_000;

/** A watching process: `runs(n)` waits until it says for the nth time that it watches. */
function watching(file: string) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [builtMain(), 'run', file, '--watch'], { env: { PATH } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (part: Buffer) => {
    said.out += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    said.err += part.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const counted = () => said.err.split('watching ').length - 1;
  const runs = (n: number) => expect.poll(counted, { timeout: TIMEOUT_MS, interval: 20 }).toBe(n);
  return { said, ended, runs, counted, end: (signal: NodeJS.Signals) => child.kill(signal) };
}

describe('run --watch', () => {
  it(
    'runs once, again after the one change, and ends with 0 at Ctrl-C',
    async () => {
      const file = join(folder, 'once.yaml');
      writeFileSync(file, TEMPLATE);
      const watch = watching(file);
      try {
        await watch.runs(1);
        const first = watch.said.out;
        expect(first).toBe(hypercarve(['run', file]).stdout);
        writeFileSync(file, `${TEMPLATE}\n# changed\n`);
        await watch.runs(2);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect([watch.counted(), watch.said.out]).toEqual([2, first + first]);
        watch.end('SIGINT');
        expect(await watch.ended).toBe(0);
      } finally {
        watch.end('SIGKILL');
      }
    },
    TIMEOUT_MS,
  );

  it(
    'tells a wrong file, watches on, and runs the file that replaces it',
    async () => {
      const file = join(folder, 'wrong.yaml');
      writeFileSync(file, 'a: [');
      const watch = watching(file);
      try {
        await watch.runs(1);
        expect([watch.said.out, watch.said.err]).toEqual(['', expect.stringContaining(file)]);
        const next = join(folder, 'next.yaml');
        writeFileSync(next, TEMPLATE);
        renameSync(next, file);
        await watch.runs(2);
        expect(watch.said.out).toBe(hypercarve(['run', file]).stdout);
        watch.end('SIGINT');
        expect(await watch.ended).toBe(0);
      } finally {
        watch.end('SIGKILL');
      }
    },
    TIMEOUT_MS,
  );

  it('standard input is refused', () => {
    const { code, stdout, stderr } = hypercarve(['run', '-', '--watch'], { input: TEMPLATE });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('standard input cannot be watched');
  });
});
