/** What a sweep says while a single task takes long, and that saying it changes nothing. */
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Collected } from '../../scenarios/sweep/collect.js';
import { gatherBlocks } from '../../scenarios/sweep/gather.js';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';
import { localRunner } from '../../scenarios/sweep/local-runner.js';
import { planOf, taskAt } from '../../scenarios/sweep/plan.js';
import { Progress } from '../../scenarios/sweep/progress.js';
import { runTask, type TaskOrder } from '../../scenarios/sweep/run-task.js';
import { readFolder } from '../../scenarios/sweep/sweep-folder.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

async function ready(text: string) {
  const loaded = await loadSweep(text, 'sweep.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return { loaded, plan: planOf(loaded) };
}

describe('sweep: progress of long tasks', () => {
  // Found bug: nothing at all was said until the first task had ended.
  it('is told after a second though no task has ended, and every five seconds from then on', async () => {
    const { plan } = await ready(SMALL_SWEEP);
    const lines: string[] = [];
    let now = 0;
    const say = (line: string) => lines.push(line);
    const progress = new Progress(plan, undefined, say, () => now);
    for (now = 0; now <= 12_000; now += 500) progress.onTick();
    expect(lines).toEqual([1, 6, 11].map((s) => `sweep: 0 of 36 runs after ${s} s\n`));
    const collected = { runs: 9, rows: plan.variants.map(() => []) } as unknown as Collected;
    now = 12_500;
    progress.onTask(collected, { fresh: true });
    for (; now < 18_000; now += 500) progress.onTick();
    expect(lines.slice(3)).toEqual([
      'sweep: 9 of 36 runs, 0.7 runs/s, about 38 s left\n',
      'sweep: 9 of 36 runs, 0.5 runs/s, about 53 s left\n',
    ]);
  });

  it('a merge tells how many blocks it has looked for', async () => {
    const folder = temporaryFolder();
    const { out } = await runSweep(folder, SMALL_SWEEP);
    const opened = readFolder(out);
    if ('message' in opened) throw new Error(opened.message);
    const told: (readonly [number, number])[] = [];
    const gathered = gatherBlocks([opened], (done, of) => told.push([done, of]));
    expect(gathered).toHaveProperty('plan');
    // Six variants, six seeds in blocks of two.
    expect(told).toEqual(Array.from({ length: 18 }, (_, i) => [i + 1, 18]));
    rmSync(folder, { recursive: true });
  });

  it('is told during a task in this very process, whose block is the same', async () => {
    const { loaded, plan } = await ready(SMALL_SWEEP.replace('requests: 60', 'requests: 30000'));
    const { id, variant, replications } = taskAt(plan, 0);
    const { name: variantName, fleetText } = loaded.variants[variant];
    const order: TaskOrder = {
      ...{ id, variant, variantName, fleetText, replications },
      ...{ engine: plan.engine, fleetFile: 'sweep.yaml', contents: {}, warmup: { requests: 20 } },
    };
    const runner = localRunner();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    const paused = await runner.run(order, () => false);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
    expect(paused).toHaveProperty('block');
    expect(paused).toEqual(await runTask(order));
  });
});
