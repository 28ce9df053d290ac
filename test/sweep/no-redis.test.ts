/** Sweeps and workers where no Redis answers: said at once, one signal ends them, a sweep waits so long only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { redisRunner } from '../../scenarios/sweep/redis-runner.js';
import type { TaskOrder } from '../../scenarios/sweep/run-task.js';
import { builtMain } from '../scenarios/cli/built-cli.js';
import { freePort } from './redis-server.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Starts it, waits until it has said that nobody answers, and gives how it ends on the signal. */
async function ended(signal: NodeJS.Signals, ...args: readonly string[]) {
  const url = `redis://127.0.0.1:${await freePort()}`;
  const all = [builtMain(), ...args, '--redis', url];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.stderr.on('data', (text) => {
      said += text;
      if (said.includes('no answer from')) resolve();
    });
  });
  expect(said).toContain(`no answer from ${url}; waiting for it`);
  const exit = once(child, 'exit');
  child.kill(signal);
  return { exit: await exit, said };
}

describe.each(['SIGINT', 'SIGTERM'] as const)('no Redis, and %s', (signal) => {
  // Found bug: with no task begun there was nothing to wait for, and it waited all the same.
  it('ends a sweep at once, with 130 and how to go on', async () => {
    const file = join(FOLDER, `${signal}.yaml`);
    writeFileSync(file, SMALL_SWEEP);
    const out = join(FOLDER, signal);
    const { exit, said } = await ended(signal, 'sweep', file, '--engine', 'redis', '--out', out);
    expect(exit).toEqual([130, null]);
    expect(said).toMatch(/stopping here; what workers.*--resume\n.*0 runs are kept in .*--resume/s);
  });

  it('ends a worker at once, with 0', async () => {
    const { exit } = await ended(signal, 'sweep-worker');
    expect(exit).toEqual([0, null]);
  });
});

const ORDER: TaskOrder = {
  id: 'x',
  engine: 'x',
  build: 'x',
  variant: 0,
  variantName: 'x',
  fleetText: '',
  fleetFile: 'x',
  contents: {},
  warmup: null,
  replications: [],
};

describe('a Redis that has never answered', () => {
  // Found bug: waited for without end.
  it('ends a sweep after --redis-wait, with 2 and how to go on', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    // What is said keeps no password.
    const redis = url.replace('//', '//me:s3cret@');
    const options = { engine: 'redis', redis, redisWait: '1', out: join(FOLDER, 'new', 'wait') };
    const { code, stdout, err } = await runSweep(FOLDER, SMALL_SWEEP, options);
    expect([code, stdout]).toEqual([2, '']);
    const shown = url.replace('//', '//me:***@');
    expect(err).not.toContain('s3cret');
    expect(err).toContain(`no answer from ${shown}; waiting for it for 1 s at most`);
    expect(err).toContain(
      `no answer from ${shown} within 1 s (connect ECONNREFUSED ${url.slice(8)}); ` +
        'is redis-server running there? Once it is, add --resume',
    );
    // Found bug: the manifest stayed, so that without --resume the sweep was refused from then on.
    expect(existsSync(join(FOLDER, 'new'))).toBe(false);
    mkdirSync(join(FOLDER, 'mine'));
    await runSweep(FOLDER, SMALL_SWEEP, { ...options, out: join(FOLDER, 'mine') });
    expect(readdirSync(join(FOLDER, 'mine'))).toEqual([]);
  });

  it('is named though it takes the connection and says nothing, or answers with errors alone', async () => {
    const said: string[] = [];
    const answered: (object | undefined)[] = [];
    for (const answer of ['', '-NOAUTH Authentication required.\r\n']) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        // Each command begins with a line of an asterisk and a number.
        socket.on('data', (data) => {
          const commands = String(data).match(/^\*\d+\r$/gm) ?? [];
          for (const _ of commands) socket.write(answer);
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const waits = { firstAnswerMs: 700, silentMs: 300 };
      const { run, close } = redisRunner(`redis://127.0.0.1:${port}`, (l) => said.push(l), waits);
      answered.push(await run(ORDER, { isStopping: () => false, isLeaving: () => false }));
      await close();
      server.close();
    }
    expect(answered).toEqual([
      { problem: expect.stringContaining('within 0.7 s; is redis-server running there?') },
      { problem: expect.stringContaining('within 0.7 s (NOAUTH Authentication required.); is') },
    ]);
    expect(said[0]).toContain('waiting for it for 0.7 s at most');
  });
});

// Found bug: it asked whether workers run, as if Redis had answered.
it('a sweep that waits on repeats that nobody answers, and does not ask for workers', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`;
  const said: string[] = [];
  const waits = { firstAnswerMs: 60_000, patienceMs: 1 };
  const { run, close } = redisRunner(url, (line) => said.push(line), waits);
  await run(ORDER, { isStopping: () => said.length > 1, isLeaving: () => false });
  await close();
  expect(new Set(said)).toEqual(
    new Set([
      `sweep: no answer from ${url}; waiting for it for 60 s at most\n`,
      `sweep: still no answer from ${url}; waiting for it\n`,
    ]),
  );
});
