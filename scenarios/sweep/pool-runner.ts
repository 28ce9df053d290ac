/**
 * Tasks done on worker threads of this process, one a core.
 *
 * Invariant: a thread gets an order and gives a block; nothing is shared but a count of the runs that it
 * has done; a thread that dies fails its task with what it said, and one whose task is left ends with
 * the pool. Trade-off: threads start in a tenth of a second each, so one worker works in process instead.
 */
import { setTimeout } from 'node:timers/promises';
import { Tinypool } from 'tinypool';
import type { CountedOrder } from '../workers/sweep-task.js';
import type { TaskResult } from './run-task.js';
import type { TaskRunner } from './run-tasks.js';
import { workerFile } from './worker-file.js';

const ASK_EVERY_MS = 100;
const BYTES_OF_A_COUNT = 4;

export function poolRunner(workers: number): TaskRunner {
  const pool = new Tinypool({
    filename: workerFile('sweep-task'),
    runtime: 'worker_threads',
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: 1,
    isolateWorkers: false,
  });
  const counts = new Set<Int32Array>();
  let isClosed = false;
  const watched = new WeakSet<object>();
  /** The pool hears of a thread that fails, not of one that ends: whose task it would wait for without end. */
  const watchThreads = () => {
    for (const thread of pool.threads) {
      if (watched.has(thread)) continue;
      watched.add(thread);
      thread.on('exit', () => {
        if (!isClosed) thread.emit('error', new ThreadEnded());
      });
    }
  };
  // Of a thread that ended without a task; the task that it should have had goes to the next.
  pool.on('error', () => undefined);
  const run: TaskRunner['run'] = async (order, { isLeaving }) => {
    const runs = new Int32Array(new SharedArrayBuffer(BYTES_OF_A_COUNT));
    const counted: CountedOrder = { order, runs };
    let hasEnded = false;
    watchThreads();
    const ended: Promise<TaskResult | undefined> = pool
      .run(counted, { name: 'runCounted' })
      .catch((error) => {
        if (!(error instanceof ThreadEnded)) throw error;
        return { problem: `${order.variantName}: ${error.message}` };
      })
      .finally(() => {
        hasEnded = true;
      });
    const left = async () => {
      while (!hasEnded && !isLeaving()) await setTimeout(ASK_EVERY_MS);
      return undefined;
    };
    counts.add(runs);
    // Whoever wins, the task of a thread that is ended fails later, and nobody waits for it.
    ended.catch(() => undefined);
    const result = await Promise.race([ended, left()]);
    counts.delete(runs);
    return hasEnded ? ended : result;
  };
  const runsInHand = () => [...counts].reduce((sum, runs) => sum + Atomics.load(runs, 0), 0);
  const close = () => {
    isClosed = true;
    return pool.destroy();
  };
  return { lanes: workers, run, runsInHand, close };
}

class ThreadEnded extends Error {
  constructor() {
    super('a worker thread ended in the middle of its task; does a policy of your own end it?');
  }
}
