/** Entry point of BullMQ's sandboxed processes: one job is one task; the parent keeps its lock. */
import type { SandboxedJob } from 'bullmq';
import { runTask, type TaskOrder, type TaskResult } from '../sweep/run-task.js';
import { endWithWorker } from './end-with-worker.js';

endWithWorker();

// Nobody watches the task from here: a failed report of a run would be taken for the task's own failure.
// BullMQ calls the default export of the file it is given.
// biome-ignore lint/style/noDefaultExport: demanded by BullMQ
export default function work({ data }: SandboxedJob<TaskOrder, TaskResult>) {
  return runTask(data);
}
