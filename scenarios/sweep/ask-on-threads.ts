/**
 * Seeds asked on worker threads, before the first run of a sweep.
 *
 * Invariant: the answer is the one that one thread gives. Threads are started for the first question that
 * is worth it, and end with `close`. Trade-off: what it is worth comes from declared figures, as the size of
 * tasks does.
 */
import { Tinypool } from 'tinypool';
import type { PlatformId } from '../../core/platform/profile.js';
import { familyOf } from '../schema/platforms.js';
import { type AskSeeds, askSeeds, type SeedNo, type SeedsOrder } from './ask-seeds.js';
import { parentSeconds } from './parent-cost.js';
import { workerFile } from './worker-file.js';

/** Threads start in some tenths of a second, and each compiles for itself: below some seconds one is quicker. */
const LEAST_SECONDS = 30;
/** So that no thread is long without work at the end, and it can be told how far it is. */
const PARTS_A_THREAD = 8;

/** `leastSeconds`: what is worth less, as declared, is asked here. */
export function askOnThreads(
  workers: number,
  leastSeconds = LEAST_SECONDS,
): {
  readonly ask: AskSeeds;
  readonly close: () => Promise<void>;
} {
  let pool: Tinypool | undefined;
  const ask: AskSeeds = async (order, onSeeds) => {
    const { fleet, seeds } = order;
    const seconds = parentSeconds(fleet, familyOf(fleet.platform) as PlatformId) * seeds.length;
    if (seconds < leastSeconds) return askSeeds(order, onSeeds);
    pool ??= new Tinypool({
      filename: workerFile('sweep-task'),
      runtime: 'worker_threads',
      minThreads: workers,
      maxThreads: workers,
      isolateWorkers: false,
    });
    const threads = pool;
    let done = 0;
    const answers = parts(order, workers * PARTS_A_THREAD).map(async (part) => {
      const found: readonly SeedNo[] = await threads.run(part, { name: 'askSeeds' });
      done += part.seeds.length;
      onSeeds?.(done);
      return found;
    });
    return (await Promise.all(answers)).flat();
  };
  return { ask, close: async () => pool?.destroy() };
}

function parts({ fleet, seeds }: SeedsOrder, count: number): SeedsOrder[] {
  const size = Math.ceil(seeds.length / count);
  return Array.from({ length: Math.ceil(seeds.length / size) }, (_, i) => {
    return { fleet, seeds: seeds.slice(i * size, (i + 1) * size) };
  });
}
