/**
 * A command that runs a user's own code, seen to its end.
 *
 * That code may end the process from a timer, or wait for what never comes, so that nothing is left to do:
 * either way Node ends in the middle of the command, with an exit code that says all is well. Invariant: no
 * such end is taken for success: it is named, exit code 2. Trade-off: a signal that ends the process at
 * once is beyond it, and needs no word.
 */
import { BAD_INPUT, type ExitCode } from './exit-code.js';
import type { Streams } from './streams.js';

/** Node's own for a program that waits for what never comes. */
const UNSETTLED = 13;
/** An end by one of our own hands has said why. */
const NOTHING_SAID: readonly unknown[] = [undefined, 0, UNSETTLED];

export async function untilDone(
  command: string,
  { err }: Streams,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const early = () => {
    if (!NOTHING_SAID.includes(process.exitCode)) return;
    process.exitCode = BAD_INPUT;
    const why = 'does a policy of your own end it, or wait for what never comes?';
    err(`${command}: the process ended in the middle of its work; ${why}\n`);
  };
  process.once('exit', early);
  try {
    return await work();
  } finally {
    process.off('exit', early);
  }
}
