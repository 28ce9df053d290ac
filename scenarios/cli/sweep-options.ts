/**
 * The arguments of `sweep`, checked.
 *
 * Invariant: what is wrong with an argument is told before any file is read.
 */
import { availableParallelism } from 'node:os';
import type { Problem } from '../schema/problem.js';
import type { Shard } from '../sweep/manifest.js';

export interface SweepOptions {
  readonly workers?: string;
  readonly shard?: string;
  readonly resume?: boolean;
  readonly engine?: string;
  readonly redis?: string;
  readonly redisWait?: string;
  readonly out?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export interface CheckedOptions {
  readonly workers: number;
  readonly shard?: Shard;
  readonly engine: 'local' | 'redis';
  readonly redis: string;
  /** For the first answer of Redis; one that has answered is waited for without end. */
  readonly redisWaitSeconds: number;
}

const MOST_WORKERS = 1024;
const MOST_SHARDS = 100_000;
const MOST_WAIT_SECONDS = 86_400;
const DEFAULT_WAIT = '60';
export const DEFAULT_REDIS = 'redis://127.0.0.1:6379';

export function checkOptions(
  options: SweepOptions,
): CheckedOptions | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const wrong = (argument: string, message: string) =>
    problems.push({ file: argument, path: '', message });
  const { workers: workersText = String(availableParallelism()), shard: shardText } = options;
  const workers = whole(workersText, MOST_WORKERS);
  if (workers === undefined) {
    wrong(`--workers ${workersText}`, `workers are a whole number from 1 to ${MOST_WORKERS}`);
  }
  const shard = shardText === undefined ? undefined : shardOf(shardText);
  if (shard === 'wrong') {
    wrong(`--shard ${shardText}`, 'a shard is i/n with i from 1 to n, such as 1/4');
  }
  if (options.out === '') wrong('--out', 'a folder name is missing');
  const { engine = 'local', redis = DEFAULT_REDIS } = options;
  if (engine !== 'local' && engine !== 'redis') {
    wrong(`--engine ${engine}`, 'the engines are local and redis');
  }
  if (!/^rediss?:\/\/\S+$/.test(redis)) {
    wrong(`--redis ${redis}`, `not the address of a Redis, such as ${DEFAULT_REDIS}`);
  }
  const { redisWait = DEFAULT_WAIT } = options;
  const redisWaitSeconds = whole(redisWait, MOST_WAIT_SECONDS);
  if (redisWaitSeconds === undefined) {
    wrong(`--redis-wait ${redisWait}`, `seconds are a whole number from 1 to ${MOST_WAIT_SECONDS}`);
  }
  if (options.redis !== undefined && engine === 'local') {
    wrong(
      `--redis ${redis}`,
      'only tasks of --engine redis go there; without it no Redis is asked',
    );
  }
  if (problems.length > 0 || workers === undefined || shard === 'wrong') return { problems };
  if ((engine !== 'local' && engine !== 'redis') || redisWaitSeconds === undefined) {
    return { problems };
  }
  return { workers, engine, redis, redisWaitSeconds, ...(shard === undefined ? {} : { shard }) };
}

function whole(text: string, most: number): number | undefined {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= most ? value : undefined;
}

function shardOf(text: string): Shard | 'wrong' {
  const [first = '', last = '', ...rest] = text.split('/');
  const [index, of] = [whole(first, MOST_SHARDS), whole(last, MOST_SHARDS)];
  if (index === undefined || of === undefined || index > of || rest.length > 0) return 'wrong';
  return { index, of };
}
