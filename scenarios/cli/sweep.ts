/**
 * `sweep`: many runs of a fleet's variants, counted, compared and stored in a run folder.
 *
 * Everything that can be wrong is told before the first run. Invariant: the folder's bytes depend on
 * the sweep file, what it names and the engine's version and build; not on workers, interruptions or who
 * runs the tasks. Ctrl-C lets the tasks begun here end, for some seconds, and says how to go on, as a full
 * disk does; a task that takes longer is left and begun anew then. A second one ends at once, by the
 * system's own hand.
 */
import { basename, join } from 'node:path';
import { counted } from '../../core/units/counted.js';
import { leftOutTexts } from '../../reports/sweep/left-out.js';
import { howMany, sharedRemarks } from '../../reports/sweep/remarks.js';
import { renderSweep } from '../../reports/sweep/render.js';
import { CheckProgress } from '../engine/check-progress.js';
import { readInput } from '../schema/files.js';
import { formatProblems, type Problem } from '../schema/problem.js';
import { finishedFiles, summaryText } from '../sweep/finished-files.js';
import { type LoadedSweep, loadSweep } from '../sweep/load-sweep.js';
import { localRunner } from '../sweep/local-runner.js';
import { type Plan, type PlannedTask, planOf } from '../sweep/plan.js';
import { Progress, TICK_MS } from '../sweep/progress.js';
import type { TaskOrder } from '../sweep/run-task.js';
import { runTasks, type TaskRunner, type WorkEnd } from '../sweep/run-tasks.js';
import { openFolder, readFolder, type SweepFolder } from '../sweep/sweep-folder.js';
import { placedFault } from '../sweep/written-at.js';
import { BAD_INPUT, type ExitCode, FAILED, INTERRUPTED, OK } from './exit-code.js';
import { hearingSignals } from './signals.js';
import type { Streams } from './streams.js';
import { type CheckedOptions, checkOptions, type SweepOptions } from './sweep-options.js';

/** More runs than this want a `--yes`. */
const MOST_UNASKED_RUNS = 10_000;
/** After an order to stop: a task is worth two seconds or so, if its fleet is reckoned right. */
const LEAVE_AFTER_MS = 5000;

export async function sweep(
  file: string,
  options: SweepOptions,
  streams: Streams,
): Promise<ExitCode> {
  const checked = checkOptions(options);
  if ('problems' in checked) return badInput(checked.problems, streams);
  const input = readInput(file);
  if ('problem' in input) return badInput([input.problem], streams);
  const progress = new CheckProgress('sweep', streams.err);
  const pathOf = (of: Plan) => options.out ?? defaultFolder(file, of, checked);
  const isBegun = (of: LoadedSweep) => holds(pathOf(planOf(of)), planOf(of));
  const wasAsked = options.resume === true ? isBegun : undefined;
  const loaded = await loadedOn(checked.workers, input.text, file, progress, wasAsked);
  if ('problems' in loaded) return badInput(loaded.problems, streams);
  const plan = planOf(loaded);
  const tooMany = manyRuns(file, plan, options);
  if (tooMany !== undefined) return badInput([tooMany], streams);
  const path = pathOf(plan);
  const folder = openFolder(path, plan, checked.shard, options.resume === true);
  if ('message' in folder) return badInput([folder], streams);
  for (const remark of sharedRemarks(plan.variants)) {
    streams.err(`sweep: ${remark.text} (${howMany(remark, plan.variants.length)})\n`);
  }
  tellLeftOut(loaded, streams);
  const end = await work({ plan, folder, loaded, checked, streams });
  if (end.kind === 'problem') {
    folder.withdraw();
    return badInput([{ file, path: '', message: end.problem }], streams);
  }
  if (end.kind === 'fault') {
    folder.withdraw();
    const { variants, places } = loaded;
    return badInput(placedFault(variants[end.variant], end.fault, places), streams);
  }
  if (end.kind === 'unwritable') {
    return unwritable(folder, end.collected.runs, end.refused, streams);
  }
  if (end.kind === 'stopped') {
    const { runs } = end.collected;
    streams.err(
      `sweep: stopped; ${counted(runs, 'run')} ${runs === 1 ? 'is' : 'are'} kept in ${path}. To go on: add --resume\n`,
    );
    return INTERRUPTED;
  }
  return checked.shard === undefined
    ? finish(plan, folder, end, options, streams)
    : finishShard(checked, folder, end, options, streams);
}

/** Where there is much to ask for, as many threads do as will run the tasks. */
async function loadedOn(
  workers: number,
  text: string,
  file: string,
  progress: CheckProgress,
  wasAsked: ((sweep: LoadedSweep) => boolean) | undefined,
) {
  if (workers === 1) return loadSweep(text, file, progress, undefined, wasAsked);
  const { askOnThreads } = await import('../sweep/ask-on-threads.js');
  const { ask, close } = askOnThreads(workers);
  try {
    return await loadSweep(text, file, progress, ask, wasAsked);
  } finally {
    await close();
  }
}

/** A folder is begun once its sweep was found good, by this very build: nothing is asked twice. */
function holds(path: string, { sweepId }: Plan): boolean {
  const folder = readFolder(path);
  return !('message' in folder) && folder.manifest.sweepId === sweepId;
}

interface Job {
  readonly plan: Plan;
  readonly folder: SweepFolder;
  readonly loaded: LoadedSweep;
  readonly checked: CheckedOptions;
  readonly streams: Streams;
}

async function work({ plan, folder, loaded, checked, streams }: Job): Promise<WorkEnd> {
  const { shard } = checked;
  const runner = await runnerOf(checked, streams);
  const keptRuns = folder.blockCount * plan.seeds.block;
  const { runsInHand } = runner;
  const progress = new Progress(plan, shard, streams.err, { runsInHand, keptRuns });
  let stoppedMs = Number.POSITIVE_INFINITY;
  const stop = () => {
    stoppedMs = performance.now();
    const how =
      checked.engine === 'redis'
        ? 'here; what workers have in hand is not waited for'
        : `after the tasks begun, or after ${LEAVE_AFTER_MS / 1000} s without them; Ctrl-C again ends at once`;
    streams.err(`sweep: stopping ${how}. To go on either way: add --resume\n`);
  };
  // A policy may end the process (see until-done).
  const ended = () => folder.withdraw();
  process.once('exit', ended);
  const ticks = setInterval(() => progress.onTick(), TICK_MS);
  try {
    return await hearingSignals(stop, () =>
      runTasks({
        plan,
        folder,
        runner,
        ...(shard === undefined ? {} : { shard }),
        orderOf: (task) => orderOf(task, plan, loaded),
        isStopping: () => stoppedMs < Number.POSITIVE_INFINITY,
        isLeaving: () => performance.now() - stoppedMs > LEAVE_AFTER_MS,
        onTask: (collected, done) => progress.onTask(collected, done),
        onDamaged: ({ id }, what) =>
          streams.err(`sweep: blocks/${id}.json ${what}; its runs are made again\n`),
      }),
    );
  } finally {
    clearInterval(ticks);
    process.off('exit', ended);
    await runner.close();
  }
}

async function runnerOf(
  { workers, engine, redis, redisWaitSeconds }: CheckedOptions,
  { err }: Streams,
): Promise<TaskRunner> {
  if (engine === 'redis') {
    const { redisRunner } = await import('../sweep/redis-runner.js');
    return redisRunner(redis, err, { firstAnswerMs: redisWaitSeconds * 1000 });
  }
  if (workers === 1) return localRunner();
  const { poolRunner } = await import('../sweep/pool-runner.js');
  return poolRunner(workers);
}

function orderOf(
  { id, variant, replications }: PlannedTask,
  { engine, build, warmup }: Plan,
  { variants, fleetFile }: LoadedSweep,
): TaskOrder {
  const { name: variantName, fleetText, contents } = variants[variant];
  const order = { id, engine, build, variant, variantName, fleetText, fleetFile, contents };
  return { ...order, warmup, replications };
}

function finish(
  plan: Plan,
  folder: SweepFolder,
  { collected }: Extract<WorkEnd, { kind: 'done' | 'stopped' }>,
  { json = false }: SweepOptions,
  streams: Streams,
): ExitCode {
  const { summary, files, tasks } = finishedFiles(plan, collected);
  const refused = folder.finish(files, tasks);
  if (refused !== undefined) return unwritable(folder, collected.runs, refused, streams);
  tellStrangers(folder, streams);
  streams.out(json ? summaryText(summary) : renderSweep(summary, streams.style));
  if (!json) streams.out(`run folder: ${folder.path}\n`);
  return summary.variants.every(({ violations }) => violations === 0) ? OK : FAILED;
}

const MOST_LEFT_OUT = 5;

/** The report tells all of them, at the end. */
function tellLeftOut({ leftOut, variants }: LoadedSweep, { err, style }: Streams): void {
  const texts = leftOutTexts(leftOut, variants.length, style);
  for (const text of texts.slice(0, MOST_LEFT_OUT)) err(`sweep: left out: ${text}\n`);
  const more = texts.length - MOST_LEFT_OUT;
  if (more > 0) err(`sweep: left out for ${counted(more, 'more reason')}; the report tells each\n`);
}

const MOST_STRANGERS = 5;

function tellStrangers(folder: SweepFolder, { err }: Streams): void {
  const names = folder.strangers();
  if (names.length === 0) return;
  const more = names.length > MOST_STRANGERS ? ` and ${names.length - MOST_STRANGERS} more` : '';
  const shown = names.slice(0, MOST_STRANGERS).map((name) => JSON.stringify(name));
  err(`sweep: not of this sweep, left as it is in ${folder.path}: ${shown.join(', ')}${more}\n`);
}

/** A disk that is full, and the like: what was written before stays good. */
function unwritable({ path }: SweepFolder, runs: number, why: string, { err }: Streams): ExitCode {
  const kept = `the ${counted(runs, 'run')} before ${runs === 1 ? 'is' : 'are'} kept there`;
  err(`sweep: ${path} cannot be written: ${why}; ${kept}. To go on once it can be: add --resume\n`);
  return INTERRUPTED;
}

function finishShard(
  { shard }: CheckedOptions,
  { path }: SweepFolder,
  { collected }: Extract<WorkEnd, { kind: 'done' | 'stopped' }>,
  { json = false }: SweepOptions,
  streams: Streams,
): ExitCode {
  const { runs } = collected;
  if (json) streams.out(`${JSON.stringify({ shard, folder: path, runs }, null, 2)}\n`);
  else {
    const name = `shard ${shard?.index} of ${shard?.of}`;
    streams.out(`${name} is done: ${counted(runs, 'run')} in ${path}\n`);
    streams.out('when all are: hypercarve merge FOLDER… --out FOLDER\n');
  }
  return OK;
}

function manyRuns(file: string, plan: Plan, { yes = false }: SweepOptions): Problem | undefined {
  const { variants, seeds } = plan;
  const runs = variants.length * seeds.count;
  if (yes || runs <= MOST_UNASKED_RUNS) return undefined;
  const most = seeds.until === null ? '' : 'up to ';
  const message = `would be ${most}${runs} runs: ${variants.length} variants × ${seeds.count} seeds`;
  const suggestion = `more than ${MOST_UNASKED_RUNS} runs need --yes`;
  return { file, path: '', message, suggestion };
}

function defaultFolder(file: string, { sweepId }: Plan, { shard }: CheckedOptions): string {
  const name = file === '-' ? 'sweep' : basename(file).replace(/\.(?:ya?ml|json)$/i, '');
  const part = shard === undefined ? '' : `-shard-${shard.index}-of-${shard.of}`;
  return join('runs', `${name}-${sweepId.slice(0, 12)}${part}`);
}

function badInput(problems: readonly Problem[], streams: Streams): ExitCode {
  streams.err(`${formatProblems(problems)}\n`);
  return BAD_INPUT;
}
