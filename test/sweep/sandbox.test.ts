/** A sandboxed process and the worker that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../scenarios/cli/package-root.js';
import { temporaryFolder } from './small-sweep.js';

const ENDER = pathToFileURL(
  join(packageRoot(), 'dist', 'scenarios', 'workers', 'end-with-worker.js'),
);
const BULLMQ = createRequire(import.meta.url).resolve('bullmq');
const SANDBOX = join(BULLMQ, '..', 'classes', 'main.js');
const TASK_MS = 700;

/** A task that leaves the event loop no turn, as ours do. */
const TASK = `import { endWithWorker } from '${ENDER}';
endWithWorker();
export default async function () { const until = Date.now() + ${TASK_MS}; while (Date.now() < until); }`;

/** A worker: gives its sandbox the task, says the sandbox's id once it has begun, and waits. */
const WORKER = `const { fork } = require('node:child_process');
const child = fork(process.argv[1], [], { stdio: 'ignore' });
child.send({ cmd: 0, value: process.argv[2] });
child.once('message', () => {
  const job = { id: '1', name: 'task', data: '{}', opts: {}, progress: 0, attemptsMade: 0 };
  child.send({ cmd: 1, token: 't', job }, () => console.log(child.pid));
});`;

async function saidBy(worker: ChildProcess): Promise<string> {
  if (worker.stdout === null) throw new Error('the worker has no output');
  const [text] = await once(worker.stdout, 'data');
  return String(text);
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('sandbox', () => {
  it('a sandbox whose worker is killed in the middle of a task ends with the task', async () => {
    const file = join(temporaryFolder(), 'task.mjs');
    writeFileSync(file, TASK);
    const worker = spawn(process.execPath, ['-e', WORKER, SANDBOX, file]);
    const pid = Number(await saidBy(worker));
    expect(lives(pid)).toBe(true);
    worker.kill('SIGKILL');
    const patience = Date.now() + 10 * TASK_MS;
    while (lives(pid) && Date.now() < patience) await setTimeout(50);
    const outlived = lives(pid);
    if (outlived) process.kill(pid, 'SIGKILL');
    expect(outlived).toBe(false);
  }, 30_000);
});
