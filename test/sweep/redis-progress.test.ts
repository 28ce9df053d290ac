/**
 * A worker on Redis tells the runs done of its task while it works, and a report that fails, where Redis
 * came back without the job, costs nothing but the work.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { ENGINE_VERSION } from '../../core/version.js';
import { decodeBlock } from '../../scenarios/sweep/block.js';
import { engineBuild } from '../../scenarios/sweep/engine-build.js';
import { redisRunner } from '../../scenarios/sweep/redis-runner.js';
import type { TaskOrder } from '../../scenarios/sweep/run-task.js';
import { builtMain } from '../scenarios/cli/built-cli.js';
import { freePort, startRedis, whyNoRedis } from './redis-server.js';
import { temporaryFolder } from './small-sweep.js';

/** Two seconds of work, so that who asks twice a second meets some of it. */
const RUNS = 60;
const ORDER: TaskOrder = {
  id: 'progress',
  engine: ENGINE_VERSION,
  build: engineBuild(),
  variant: 0,
  variantName: 'base',
  fleetText: `fleetVersion: 1
title: Two parents
platform: vm
fleet: [{count: 2, parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}}]
workload:
  requests: 2000
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: exponential, mean: 2m}
  mix: [{weight: 2, vcpus: 2, memory: 512MiB}, {weight: 1, vcpus: 4, memory: 2GiB}]
`,
  fleetFile: 'fleet.yaml',
  contents: {},
  warmup: null,
  replications: Array.from({ length: RUNS }, (_, replication) => ({
    replication,
    seed: replication + 1,
  })),
};

const REPORT_EVERY_MS = 500;

const FOLDER = temporaryFolder();
const started: ChildProcess[] = [];
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await setTimeout(50);
  rmSync(FOLDER, { recursive: true, force: true });
});

const WHY_NOT = whyNoRedis();
if (WHY_NOT !== undefined) console.warn(`not run: progress through Redis, since ${WHY_NOT}`);

describe.runIf(WHY_NOT === undefined)('progress of a task on Redis', () => {
  it('is told within its block, and a report that fails is no failure of the task', async () => {
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    started.push(await startRedis(port, FOLDER));
    const args = [builtMain(), 'sweep-worker', '--redis', url];
    const worker = spawn(process.execPath, args, { stdio: 'ignore' });
    started.push(worker);
    let said = '';
    const say = (line: string) => {
      said += line;
    };
    const runner = redisRunner(url, say, { firstAnswerMs: 60_000 });
    let isLost = false;
    const first = runner.run(ORDER, { isStopping: () => isLost, isLeaving: () => false });
    while (runner.runsInHand() === 0) await setTimeout(20);
    expect(runner.runsInHand()).toBeLessThanOrEqual(RUNS);
    // As a Redis that comes back empty, and for two reports nobody puts the job there again.
    isLost = true;
    const redis = new Redis(url);
    await redis.flushall();
    redis.disconnect();
    await setTimeout(2 * REPORT_EVERY_MS);
    expect(await first).toBeUndefined();
    // The worker's process is still busy then: taken for idle, it would answer this one with that block.
    const other = { ...ORDER, id: 'other' };
    const result = runner.run(other, { isStopping: () => false, isLeaving: () => false });
    const done = await result;
    if (done === undefined || !('block' in done))
      throw new Error(`${JSON.stringify(done)} ${said}`);
    expect(decodeBlock(other.id, done.block)).toHaveLength(RUNS);
    expect(runner.runsInHand()).toBe(0);
    await runner.close();
    worker.kill('SIGINT');
    await once(worker, 'exit');
  }, 90_000);
});
