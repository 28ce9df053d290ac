/** Entry point of a worker thread: tinypool calls `runCounted` with each task, `askSeeds` with seeds to ask. */
import { runTask, type TaskOrder, type TaskResult } from '../sweep/run-task.js';

export interface CountedOrder {
  readonly order: TaskOrder;
  /** Shared memory: runs done so far. */
  readonly runs: Int32Array;
}

export function runCounted({ order, runs }: CountedOrder): Promise<TaskResult | undefined> {
  const onRun = () => Atomics.add(runs, 0, 1);
  return runTask(order, { goOn: async () => true, onRun });
}

export { askSeeds } from '../sweep/ask-seeds.js';
