/**
 * Tasks done on worker threads of this process, one a core.
 *
 * Invariant: a thread gets an order and gives a block, nothing is shared; a thread that dies fails
 * its task with what it said. Trade-off: threads start in a tenth of a second each, so one worker
 * works in process instead.
 */
import { Tinypool } from 'tinypool';
import type { TaskResult } from './run-task.js';
import type { TaskRunner } from './run-tasks.js';
import { workerFile } from './worker-file.js';

export function poolRunner(workers: number): TaskRunner {
  const pool = new Tinypool({
    filename: workerFile('sweep-task'),
    runtime: 'worker_threads',
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: 1,
    isolateWorkers: false,
  });
  return {
    lanes: workers,
    run: (order) => pool.run(order, { name: 'runTask' }) as Promise<TaskResult>,
    close: () => pool.destroy(),
  };
}
