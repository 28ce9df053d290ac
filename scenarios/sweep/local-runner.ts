/**
 * Tasks done in this very process: the runner of `--workers 1`.
 *
 * Invariant: between two tasks, and often during one, the event loop turns, so that a signal is heard and
 * progress can be told.
 */
import { setImmediate } from 'node:timers/promises';
import { runTask } from './run-task.js';
import type { TaskRunner } from './run-tasks.js';

const PAUSE_EVERY_MS = 50;

export function localRunner(): TaskRunner {
  let lastMs = performance.now();
  const pause = async () => {
    if (performance.now() - lastMs < PAUSE_EVERY_MS) return;
    await setImmediate();
    lastMs = performance.now();
  };
  return {
    lanes: 1,
    run: async (order) => {
      await setImmediate();
      return runTask(order, pause);
    },
    close: async () => {},
  };
}
