/**
 * Entry point of BullMQ's sandboxed processes: one job is one task; the parent keeps its lock.
 *
 * Invariant: the runs done are told after the first, then twice a second at most, and nobody waits for
 * that; a report that fails is no failure of the task, for which the worker cares (sweep-worker), too.
 */
import type { SandboxedJob } from 'bullmq';
import { runTask, type TaskOrder, type TaskResult } from '../sweep/run-task.js';
import { endWithWorker } from './end-with-worker.js';

const REPORT_EVERY_MS = 500;

endWithWorker();

// BullMQ calls the default export of the file it is given.
// biome-ignore lint/style/noDefaultExport: demanded by BullMQ
export default function work(job: SandboxedJob<TaskOrder, TaskResult>) {
  let runs = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  const onRun = () => {
    runs++;
    if (performance.now() - lastMs < REPORT_EVERY_MS) return;
    lastMs = performance.now();
    job.updateProgress(runs).catch(() => undefined);
  };
  return runTask(job.data, { goOn: async () => true, onRun });
}
