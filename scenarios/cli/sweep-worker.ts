/**
 * `sweep-worker`: works on the tasks of sweeps that wait on Redis, until it is told to end.
 *
 * Each task runs in a process of its own (BullMQ's sandbox), so this one stays free to keep the
 * task's lock. Invariant: a worker has no state; killed at any moment it loses nothing, since its
 * task goes to another when the lock runs out. A job in the queue says which process has it. Ctrl-C ends after the tasks in hand, and at once when
 * there are none, whether Redis is there or not.
 */
import { once } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { type Job, Worker } from 'bullmq';
import { formatProblems } from '../schema/problem.js';
import {
  connect,
  FAREWELL_MS,
  LOCK_MS,
  QUEUE,
  STALLED_CHECK_MS,
  shownAddress,
} from '../sweep/redis-queue.js';
import { workerFile } from '../sweep/worker-file.js';
import { BAD_INPUT, type ExitCode, OK } from './exit-code.js';
import type { Streams } from './streams.js';
import { checkOptions } from './sweep-options.js';

export interface SweepWorkerOptions {
  readonly redis?: string;
  readonly workers?: string;
}

/** A task whose workers die this often is given up: it kills them. */
const MOST_DEATHS = 20;

export async function sweepWorker(
  { redis, workers = '1' }: SweepWorkerOptions,
  streams: Streams,
): Promise<ExitCode> {
  const given = redis === undefined ? {} : { redis };
  const checked = checkOptions({ workers, engine: 'redis', ...given });
  if ('problems' in checked) {
    streams.err(`${formatProblems(checked.problems)}\n`);
    return BAD_INPUT;
  }
  const url = checked.redis;
  const address = shownAddress(url);
  const connection = connect(url, () => streams.err(`no answer from ${address}; waiting for it\n`));
  const worker = new Worker(QUEUE, workerFile('sweep-sandbox'), {
    connection,
    name: `${hostname()}:${process.pid}`,
    concurrency: checked.workers,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MOST_DEATHS,
  });
  worker.on('error', () => undefined);
  worker.on('ready', () => streams.err(`working for sweeps on ${address}\n`));
  const inHand = new Set<Job>();
  const left = (job: Job | undefined) => job !== undefined && inHand.delete(job);
  worker.on('active', (job) => {
    inHand.add(job);
    dropFailedReports(job);
    onUnheard(job, () => left(job));
  });
  worker.on('completed', left);
  worker.on('failed', left);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  if (inHand.size > 0) {
    streams.err('ending after the tasks in hand; Ctrl-C again ends at once\n');
    await worker.close();
  } else await Promise.race([worker.close(true), setTimeout(FAREWELL_MS)]);
  connection.disconnect();
  // BullMQ goes on looking for a Redis that is away; there is nothing left to lose.
  globalThis.setTimeout(() => process.exit(), FAREWELL_MS).unref();
  return OK;
}

/**
 * A task that has ended when Redis came back without it is neither completed nor failed for BullMQ: what
 * it tells Redis last is that it failed, and that fails, too.
 */
function onUnheard(job: Job, unheard: () => void): void {
  const fail = job.moveToFailed.bind(job);
  job.moveToFailed = (...why) =>
    fail(...why).catch((error: unknown) => {
      unheard();
      throw error;
    });
}

/**
 * BullMQ takes a report of progress that fails for the task's own failure, and its process for idle while
 * it works on: so it is where Redis came back without the job. The sweep puts the job there again.
 */
function dropFailedReports(job: Job): void {
  const report = job.updateProgress.bind(job);
  job.updateProgress = (runs) => report(runs).catch(() => undefined);
}
