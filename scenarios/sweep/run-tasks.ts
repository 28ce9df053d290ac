/**
 * Works through the tasks of a sweep with some runner, and keeps what each gave.
 *
 * Lanes pull tasks in canonical order; a task whose block lies in the folder is read instead of
 * done. Invariant: a block is in the folder before its rows count; so what was counted survives any
 * death of the process, and a task that is left counts for nothing. An order to stop begins no task, and
 * lets those begun end for a while.
 */
import { decodeBlock } from './block.js';
import { Collected } from './collect.js';
import type { Shard } from './manifest.js';
import { type Plan, type PlannedTask, taskAt, taskCount } from './plan.js';
import type { RunFault, TaskOrder, TaskResult } from './run-task.js';
import type { SweepFolder } from './sweep-folder.js';

/** Where tasks are done: in this process, on its threads, or elsewhere. */
export interface TaskRunner {
  /** Tasks it wants at a time. */
  readonly lanes: number;
  /** undefined only after an order to stop: the task is left, or done elsewhere and not waited for. */
  readonly run: (order: TaskOrder, stop: StopOrder) => Promise<TaskResult | undefined>;
  /** Runs done of the tasks that have not ended, as far as they are known. */
  readonly runsInHand: () => number;
  readonly close: () => Promise<void>;
}

export interface StopOrder {
  /** No further task is to begin; asked before each. */
  readonly isStopping: () => boolean;
  /** Those begun have had their time, too, and are to be left. */
  readonly isLeaving: () => boolean;
}

export interface Work extends StopOrder {
  readonly plan: Plan;
  readonly folder: SweepFolder;
  readonly shard?: Shard;
  readonly runner: TaskRunner;
  readonly orderOf: (task: PlannedTask) => TaskOrder;
  /** Told of each task, done or read. */
  readonly onTask: (collected: Collected, done: { readonly fresh: boolean }) => void;
  /** Told of a block that cannot be read and is made again. */
  readonly onDamaged: (task: PlannedTask, what: string) => void;
}

export type WorkEnd =
  | { readonly kind: 'done' | 'stopped'; readonly collected: Collected }
  /** A block could not be kept; those before it are. */
  | { readonly kind: 'unwritable'; readonly refused: string; readonly collected: Collected }
  | { readonly kind: 'problem'; readonly problem: string }
  /** What a run found wrong with the sweep. */
  | { readonly kind: 'fault'; readonly variant: number; readonly fault: RunFault };

type Failure = Extract<WorkEnd, { readonly kind: 'problem' | 'fault' }>;

export async function runTasks(work: Work): Promise<WorkEnd> {
  const { plan, runner, isStopping } = work;
  const collected = new Collected(plan);
  const mine = positions(work);
  let failure: Failure | undefined;
  let refused: string | undefined;
  let givenUp = false;
  const lane = async (): Promise<void> => {
    for (;;) {
      if (collected.isDone || failure !== undefined || refused !== undefined) return;
      if (isStopping()) return;
      const { value, done } = mine.next();
      if (done === true) return;
      const end = await doTask(work, value, collected);
      if (end === GIVEN_UP) givenUp = true;
      else if (end !== undefined && 'refused' in end) refused ??= end.refused;
      else failure ??= end;
    }
  };
  await Promise.all(Array.from({ length: runner.lanes }, lane));
  if (failure !== undefined) return failure;
  if (refused !== undefined) return { kind: 'unwritable', refused, collected };
  const { done } = mine.next();
  const isAll = collected.isDone || (done === true && !givenUp);
  return { kind: isAll ? 'done' : 'stopped', collected };
}

const GIVEN_UP = 'given up';

/** Positions of the tasks that are this process's share. */
function* positions({ plan, shard = { index: 1, of: 1 } }: Work): Generator<number, undefined> {
  const count = taskCount(plan);
  for (let position = shard.index - 1; position < count; position += shard.of) yield position;
  return undefined;
}

async function doTask(
  work: Work,
  position: number,
  collected: Collected,
): Promise<Failure | { readonly refused: string } | typeof GIVEN_UP | undefined> {
  const { plan, folder, runner, orderOf, onTask, onDamaged } = work;
  const task = taskAt(plan, position);
  const stored = folder.readBlock(task.id);
  if (stored !== undefined && typeof stored !== 'string') {
    collected.add(position, stored);
    onTask(collected, { fresh: false });
    return undefined;
  }
  if (typeof stored === 'string') onDamaged(task, stored);
  const result = await runner.run(orderOf(task), work);
  if (result === undefined) return GIVEN_UP;
  if ('problem' in result) return { kind: 'problem', problem: result.problem };
  if ('fault' in result) return { kind: 'fault', variant: task.variant, fault: result.fault };
  const rows = decodeBlock(task.id, result.block);
  if (typeof rows === 'string') {
    return { kind: 'problem', problem: `the block of task ${task.id} ${rows}` };
  }
  const refused = folder.writeBlock(task.id, result.block);
  if (refused !== undefined) return { refused };
  collected.add(position, rows);
  onTask(collected, { fresh: true });
  return undefined;
}
