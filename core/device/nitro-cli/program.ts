/**
 * A nitro-cli process as a program of platform steps.
 *
 * A program yields one command and is told its decision and the host after it; it never touches a
 * host itself. So a scenario runs it at once, a timeline interleaves two of them, and a journal
 * records what they asked for. Invariant: between two commands a program looks only at the answers
 * it was given and at the shared state of nitro-cli (processes.ts).
 */
import type { Command } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { runInPlace } from '../../host/step.js';

/** The answer to a yielded command. */
export interface Reply {
  readonly decision: Decision;
  readonly host: Host;
}

export type Program<Result> = Generator<Command, Result, Reply>;

/** Runs a program to its end on a live host. */
export function runProgram<Result>(host: Host, program: Program<Result>): Result {
  let turn = program.next();
  while (!turn.done) turn = program.next({ decision: runInPlace(host, turn.value), host });
  return turn.value;
}
