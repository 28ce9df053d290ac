/** Sweeps and workers where no Redis answers: said at once, and one signal ends them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { redisRunner } from '../../scenarios/sweep/redis-runner.js';
import type { TaskOrder } from '../../scenarios/sweep/run-task.js';
import { builtMain } from '../scenarios/cli/built-cli.js';
import { freePort } from './redis-server.js';
import { SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

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

// Found bug: it asked whether workers run, as if Redis had answered.
it('a sweep that waits on repeats that nobody answers, and does not ask for workers', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`;
  const said: string[] = [];
  const { run, close } = redisRunner(url, (line) => said.push(line), 1);
  const order: TaskOrder = {
    id: 'x',
    engine: 'x',
    variant: 0,
    variantName: 'x',
    fleetText: '',
    fleetFile: 'x',
    contents: {},
    warmup: null,
    replications: [],
  };
  await run(order, () => said.length > 1);
  await close();
  expect(new Set(said)).toEqual(
    new Set([
      `sweep: no answer from ${url}; waiting for it\n`,
      `sweep: still no answer from ${url}; waiting for it\n`,
    ]),
  );
});
