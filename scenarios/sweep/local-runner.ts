/**
 * Tasks done in this very process: the runner of `--workers 1`.
 *
 * Invariant: between two tasks the event loop turns, so that a signal is heard.
 */
import { setImmediate } from 'node:timers/promises';
import { runTask } from './run-task.js';
import type { TaskRunner } from './run-tasks.js';

export function localRunner(): TaskRunner {
  return {
    lanes: 1,
    run: async (order) => {
      await setImmediate();
      return runTask(order);
    },
    close: async () => {},
  };
}
