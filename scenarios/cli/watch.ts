/**
 * `--watch`: does a command again whenever its file has changed, until Ctrl-C.
 *
 * Invariant: the last state of the file that stood still is always run, also when it changed during
 * a run; nothing on the screen is cleared; a wrong file is told and watched on; Ctrl-C is the only
 * end, with exit code 0. Trade-off: the file's status is polled, since events of folders are lost on
 * network drives and when an editor replaces the file; a change is seen a moment later.
 */
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatProblem } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, OK } from './exit-code.js';
import type { Streams } from './streams.js';

/** Between two looks; a change counts when two looks in a row agree. */
const POLL_MS = 100;

export async function watched(
  file: string,
  action: () => Promise<ExitCode>,
  { err }: Streams,
): Promise<ExitCode> {
  if (file === '-') {
    const message = 'standard input cannot be watched; name a file';
    err(`${formatProblem({ file: '--watch', path: '', message })}\n`);
    return BAD_INPUT;
  }
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGINT', end);
  try {
    while (!ended.signal.aborted) {
      const ran = stateOf(file);
      await action();
      err(`watching ${file}; Ctrl-C ends\n`);
      await changed(file, ran, ended.signal);
    }
  } finally {
    process.removeListener('SIGINT', end);
  }
  return OK;
}

/** Waits until the file differs from what ran and stands still, or for the end. */
async function changed(file: string, ran: string, signal: AbortSignal): Promise<void> {
  let before = ran;
  while (await pause(signal)) {
    const now = stateOf(file);
    if (now !== ran && now === before) return;
    before = now;
  }
}

/** False when the end came first. */
async function pause(signal: AbortSignal): Promise<boolean> {
  return sleep(POLL_MS, true, { signal }).catch((error: Error) => {
    if (signal.aborted) return false;
    throw error;
  });
}

/** Differs whenever the file was written or replaced; of a missing file its error. */
function stateOf(file: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
