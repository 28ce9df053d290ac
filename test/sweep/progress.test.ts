/** What a sweep says while a single task takes long, and that saying it changes nothing. */
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Collected } from '../../scenarios/sweep/collect.js';
import { gatherBlocks } from '../../scenarios/sweep/gather.js';
import { type LoadedSweep, loadSweep } from '../../scenarios/sweep/load-sweep.js';
import { localRunner } from '../../scenarios/sweep/local-runner.js';
import { type Plan, planOf, taskAt } from '../../scenarios/sweep/plan.js';
import { poolRunner } from '../../scenarios/sweep/pool-runner.js';
import { Progress } from '../../scenarios/sweep/progress.js';
import { runTask, type TaskOrder } from '../../scenarios/sweep/run-task.js';
import { runTasks } from '../../scenarios/sweep/run-tasks.js';
import { readFolder, type SweepFolder } from '../../scenarios/sweep/sweep-folder.js';
import { runSweep, SMALL_SWEEP, temporaryFolder } from './small-sweep.js';

async function ready(text: string) {
  const loaded = await loadSweep(text, 'sweep.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return { loaded, plan: planOf(loaded) };
}

const ON = { isStopping: () => false, isLeaving: () => false };

/** Of the first task, two runs, with a warm-up. */
function firstOrder(loaded: LoadedSweep, plan: Plan): TaskOrder {
  const { id, variant, replications } = taskAt(plan, 0);
  const { name: variantName, fleetText } = loaded.variants[variant];
  return {
    ...{ id, variant, variantName, fleetText, replications },
    ...{ engine: plan.engine, build: plan.build, fleetFile: 'sweep.yaml', contents: {} },
    warmup: { requests: 20 },
  };
}

describe('sweep: progress of long tasks', () => {
  // Found bug: nothing at all was said until the first task had ended.
  it('is told after a second though no task has ended, and every five seconds from then on', async () => {
    const { plan } = await ready(SMALL_SWEEP);
    const lines: string[] = [];
    let now = 0;
    const say = (line: string) => lines.push(line);
    let inHand = 0;
    const sources = { runsInHand: () => inHand, clock: () => now };
    const progress = new Progress(plan, undefined, say, sources);
    for (now = 0; now <= 12_000; now += 500) progress.onTick();
    expect(lines).toEqual([1, 6, 11].map((s) => `sweep: 0 of 36 runs after ${s} s\n`));
    const collected = { runs: 9, judged: plan.variants.map(() => []) } as unknown as Collected;
    now = 12_500;
    progress.onTask(collected, { fresh: true });
    for (; now < 18_000; now += 500) progress.onTick();
    expect(lines.slice(3)).toEqual([
      'sweep: 9 of 36 runs, 0.7 runs/s, about 38 s left\n',
      'sweep: 9 of 36 runs, 0.5 runs/s, about 53 s left\n',
    ]);
    // Runs of blocks that have not ended are told, too, and sooner than nothing at all.
    for (inHand = 3; now <= 19_000; now += 500) progress.onTick();
    for (inHand = 4; now <= 20_000; now += 500) progress.onTick();
    expect(lines.slice(5)).toEqual([
      'sweep: 9 of 36 runs, 3 more in blocks begun, 0.6 runs/s, about 37 s left\n',
      'sweep: 9 of 36 runs, 4 more in blocks begun, 0.7 runs/s, about 35 s left\n',
    ]);
  });

  it('counts what is kept in the folder as no work, though it is read late', async () => {
    const { plan } = await ready(SMALL_SWEEP);
    const lines: string[] = [];
    let now = 0;
    const sources = { runsInHand: () => 0, clock: () => now, keptRuns: 24 };
    const progress = new Progress(plan, undefined, (line) => lines.push(line), sources);
    const collected = (runs: number) =>
      ({ runs, judged: plan.variants.map(() => []) }) as unknown as Collected;
    progress.onTask(collected(6), { fresh: false });
    now = 4000;
    // Two made in 4 s; 18 more are kept, and ten are to be made.
    progress.onTask(collected(8), { fresh: true });
    now = 8000;
    progress.onTask(collected(26), { fresh: false });
    expect(lines).toEqual([
      'sweep: 8 of 36 runs, 0.5 runs/s, 18 more kept, to be read, about 20 s left\n',
      'sweep: 26 of 36 runs, 0.3 runs/s, about 40 s left\n',
    ]);
    // All is made, and some still to be read: no time is told that nobody has measured.
    lines.length = 0;
    now = 0;
    const all = new Progress(plan, undefined, (line) => lines.push(line), {
      ...sources,
      keptRuns: 34,
    });
    now = 4000;
    all.onTask(collected(2), { fresh: true });
    expect(lines).toEqual(['sweep: 2 of 36 runs, 0.5 runs/s, 34 more kept, to be read\n']);
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
    const order = firstOrder(loaded, plan);
    const runner = localRunner();
    const seen = new Set<number>();
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
      seen.add(runner.runsInHand());
    }, 20);
    const paused = await runner.run(order, ON);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
    // The first of its two runs, told before the second had ended.
    expect([...seen, runner.runsInHand()]).toEqual([0, 1, 0]);
    expect(paused).toHaveProperty('block');
    expect(paused).toEqual(await runTask(order));
  });
});

describe('sweep: a task that is left', () => {
  const LARGE = SMALL_SWEEP.replace('requests: 60', 'requests: 1000000');

  it('ends in the middle of a run, in this process and on threads, and gives nothing', async () => {
    const { loaded, plan } = await ready(LARGE);
    for (const runner of [localRunner(), poolRunner(1)]) {
      let isLeaving = false;
      setTimeout(() => {
        isLeaving = true;
      }, 300);
      const stop = { isStopping: () => isLeaving, isLeaving: () => isLeaving };
      const result = await runner.run(firstOrder(loaded, plan), stop);
      await runner.close();
      expect([result, runner.runsInHand()]).toEqual([undefined, 0]);
    }
  }, 60_000);

  it('leaves no block behind, and the sweep says that it was stopped', async () => {
    const { loaded, plan } = await ready(SMALL_SWEEP);
    const written: string[] = [];
    const folder = {
      readBlock: () => undefined,
      writeBlock: (task: string) => void written.push(task),
    } as unknown as SweepFolder;
    const inner = localRunner();
    let tasks = 0;
    let runs = 0;
    const end = await runTasks({
      ...{ plan, folder, onTask: () => undefined, onDamaged: () => undefined },
      orderOf: () => firstOrder(loaded, plan),
      // Stopped in the second task, which is left at its second run.
      isStopping: () => tasks > 1,
      isLeaving: () => tasks > 1,
      runner: {
        ...inner,
        run: async (order) => {
          tasks++;
          const goOn = async () => tasks === 1 || runs < 3;
          return runTask(order, { goOn, onRun: () => runs++ });
        },
      },
    });
    expect([end.kind, tasks, runs, written]).toEqual(['stopped', 2, 3, [taskAt(plan, 0).id]]);
  });

  it('while its parents are built, ends after the next one', async () => {
    const { loaded, plan } = await ready(SMALL_SWEEP);
    const told: number[] = [];
    const goOn = async () => told.push(0) < 3;
    const onRun = () => expect.unreachable();
    expect(await runTask(firstOrder(loaded, plan), { goOn, onRun })).toBeUndefined();
    // Before the run, after the first parent, after the second.
    expect(told.length).toBe(3);
  });
});
