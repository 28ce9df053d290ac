/**
 * Tasks done by worker processes through BullMQ on Redis.
 *
 * The sweep asks for each task until its block is there: a job that is not in the queue is put
 * there (the first time, and when Redis came back without it), a finished one is taken. Invariant:
 * the queue decides nothing: ids are content hashes, so doing a task twice, or for two sweeps at
 * once, gives the same block. A Redis that has answered once is waited for without end; one that never
 * did, for a declared time. Trade-off: asking twice a second in place of listening to events,
 * which a Redis that dies may lose; the runs done of a task are as old as the last answer.
 */
import { setTimeout } from 'node:timers/promises';
import { type Job, Queue } from 'bullmq';
import { connect, FAREWELL_MS, QUEUE, shownAddress } from './redis-queue.js';
import type { TaskOrder, TaskResult } from './run-task.js';
import type { TaskRunner } from './run-tasks.js';

const ASK_EVERY_MS = 500;
/** Tasks in the queue at a time: enough for many machines, few enough for a stop rule. */
const TASKS_AHEAD = 64;
/** Tries of a task whose worker process fails; one whose worker dies does not count. */
const ATTEMPTS = 3;
const NOBODY_AFTER_MS = 15_000;
const SILENT_MS = 5000;

/** What came of asking once. */
interface Answer {
  /** undefined = not there yet. */
  readonly result?: TaskResult | undefined;
  /** Runs done so far by who works on it; undefined = nobody answered. */
  readonly runs?: number;
}

export interface Waits {
  /** For the first answer, before it is given up. */
  readonly firstAnswerMs: number;
  /** Without a task's end before it is said why. */
  readonly patienceMs?: number;
  /** Without an answer, and without an error either, before it is said what is awaited. */
  readonly silentMs?: number;
}

export function redisRunner(
  url: string,
  say: (line: string) => void,
  { firstAnswerMs, patienceMs = NOBODY_AFTER_MS, silentMs = SILENT_MS }: Waits,
): TaskRunner {
  const address = shownAddress(url);
  const startedMs = performance.now();
  let hasAnswered = false;
  let isTold = false;
  const noAnswer = () => {
    isTold = true;
    const most = hasAnswered ? '' : ` for ${firstAnswerMs / 1000} s at most`;
    say(`sweep: no answer from ${address}; waiting for it${most}\n`);
  };
  const connection = connect(url, noAnswer);
  let complaint = '';
  connection.on('error', ({ message, code }: NodeJS.ErrnoException) => {
    complaint = message || (code ?? '');
  });
  const queue = new Queue<TaskOrder, TaskResult>(QUEUE, { connection });
  queue.on('error', () => undefined);
  let lastMs = performance.now();
  const patience = () => {
    if (performance.now() - lastMs < patienceMs) return;
    lastMs = performance.now();
    // Whether workers run nobody can know while the queue itself does not answer.
    const why =
      connection.status === 'ready'
        ? 'no task has ended for a while; is `hypercarve sweep-worker` running?'
        : `still no answer from ${address}; waiting for it`;
    say(`sweep: ${why}\n`);
  };
  /** Why there is no use in asking on: nobody has ever answered. */
  const givesUp = (): string | undefined => {
    const waitedMs = performance.now() - startedMs;
    if (hasAnswered) return undefined;
    if (!isTold && waitedMs >= silentMs) noAnswer();
    if (waitedMs < firstAnswerMs) return undefined;
    const last = complaint === '' ? '' : ` (${complaint})`;
    const what = `no answer from ${address} within ${firstAnswerMs / 1000} s${last}`;
    return `${what}; is redis-server running there? Once it is, add --resume`;
  };
  let isClosed = false;
  const ask = async (order: TaskOrder): Promise<Answer> => {
    try {
      const answer = await askFor(queue, order);
      hasAnswered = true;
      return answer;
    } catch (error) {
      const { message } = error as Error;
      if (message !== complaint && !isClosed) say(`sweep: ${address}: ${message}; trying again\n`);
      complaint = message;
      return {};
    }
  };
  /** By task: runs done, of those that have not ended. */
  const inHand = new Map<string, number>();
  const hear = ({ id }: TaskOrder, runs: number) => {
    // Somebody works, though on a long task.
    if (runs > (inHand.get(id) ?? 0)) lastMs = performance.now();
    inHand.set(id, runs);
  };
  const run: TaskRunner['run'] = async (order, { isStopping }) => {
    // A Redis that is away answers when it comes back: an order to stop does not wait for that.
    let answer: Promise<Answer> | undefined;
    while (!isStopping()) {
      answer ??= ask(order);
      const told = await Promise.race([answer, setTimeout(ASK_EVERY_MS, undefined)]);
      if (told?.result !== undefined) {
        lastMs = performance.now();
        inHand.delete(order.id);
        return told.result;
      }
      if (told?.runs !== undefined) hear(order, told.runs);
      const problem = givesUp();
      if (problem !== undefined) return { problem };
      patience();
      if (told === undefined) continue;
      answer = undefined;
      await setTimeout(ASK_EVERY_MS);
    }
    inHand.delete(order.id);
    return undefined;
  };
  const close = async () => {
    // Redis may be away: nobody waits for a farewell.
    isClosed = true;
    connection.disconnect();
    await Promise.race([queue.close().catch(() => undefined), setTimeout(FAREWELL_MS)]);
  };
  const runsInHand = () => [...inHand.values()].reduce((sum, runs) => sum + runs, 0);
  return { lanes: TASKS_AHEAD, run, runsInHand, close };
}

/** The result of a task, or how far it is. */
async function askFor(queue: Queue<TaskOrder, TaskResult>, order: TaskOrder): Promise<Answer> {
  const job: Job<TaskOrder, TaskResult> | undefined = await queue.getJob(order.id);
  if (job === undefined) {
    await queue.add('task', order, { jobId: order.id, attempts: ATTEMPTS });
    return { runs: 0 };
  }
  if (await job.isFailed()) {
    const { failedReason } = job;
    await job.remove().catch(() => undefined);
    return { result: { problem: `${order.variantName}: a worker failed: ${failedReason}` } };
  }
  if (!(await job.isCompleted())) return { runs: runsDone(job, order) };
  const { returnvalue } = (await queue.getJob(order.id)) ?? job;
  // Whoever asks again, after this process died, finds the block or has it made once more.
  await job.remove().catch(() => undefined);
  return { result: returnvalue };
}

/** What somebody reported, who may be of another version: no more than there are. */
function runsDone({ progress }: Job, { replications }: TaskOrder): number {
  return typeof progress === 'number' && progress > 0 ? Math.min(progress, replications.length) : 0;
}
