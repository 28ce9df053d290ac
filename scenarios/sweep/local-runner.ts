/**
 * Tasks done in this very process: the runner of `--workers 1`.
 *
 * Invariant: between two tasks, two runs and two parents, and often during a run, the event loop turns,
 * so that a signal is heard and progress can be told; a task that is left gives nothing.
 */
import { setImmediate } from 'node:timers/promises';
import { runTask } from './run-task.js';
import type { TaskRunner } from './run-tasks.js';

const PAUSE_EVERY_MS = 50;

export function localRunner(): TaskRunner {
  let lastMs = performance.now();
  let inHand = 0;
  return {
    lanes: 1,
    run: async (order, { isLeaving }) => {
      const goOn = async () => {
        if (performance.now() - lastMs < PAUSE_EVERY_MS) return true;
        await setImmediate();
        lastMs = performance.now();
        return !isLeaving();
      };
      await setImmediate();
      const onRun = () => inHand++;
      const result = await runTask(order, { goOn, onRun });
      inHand = 0;
      return result;
    },
    runsInHand: () => inHand,
    close: async () => {},
  };
}
