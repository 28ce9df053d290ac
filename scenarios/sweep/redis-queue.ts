/**
 * The queue that a sweep and its workers share on Redis, and how both connect.
 *
 * A job is a task's order, its id the task's content hash; what it returns is the block. Invariant:
 * names and options stand here once, so that both ends agree. Connections come back by themselves
 * when Redis does, and wait for it as long as it takes.
 */
import { Redis } from 'ioredis';

export const QUEUE = 'hypercarve-sweep';

const RETRY_MS = 250;
/** A Redis that is away answers no farewell, and is not waited for longer. */
export const FAREWELL_MS = 500;

/** Long enough for a worker that is busy to say that it lives; then its task is given to another. */
export const LOCK_MS = 6000;
export const STALLED_CHECK_MS = 2000;

/** The address as it may be shown: a log keeps no password. */
export function shownAddress(url: string): string {
  return url.replace(/^(\w+:\/\/[^/?#]*?:)[^/?#]*@/, '$1***@');
}

/** @param onTrouble told once each time the connection is lost */
export function connect(url: string, onTrouble: () => void): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: () => RETRY_MS,
    lazyConnect: false,
  });
  let told = false;
  redis.on('error', () => {
    if (!told) onTrouble();
    told = true;
  });
  redis.on('ready', () => {
    told = false;
  });
  return redis;
}
