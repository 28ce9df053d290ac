/**
 * Programs of steps: what a launch, a reservation or a termination is, as the platform's own tools
 * take it, one command at a time.
 *
 * A program yields a command and is told the decision and the host after it; it never touches a host
 * itself. So the same program runs at once on a live host, under Immer, or interleaved with another.
 * Invariant: between two commands a program looks only at the host it was last told.
 */
import type { Command } from './command.js';
import type { Decision } from './decision.js';
import type { Host } from './host.js';
import { runInPlace } from './step.js';

/** The answer to a yielded command: what was decided, and the host after it was applied. */
export interface Reply {
  readonly decision: Decision;
  readonly host: Host;
}

export type Program<Result, C extends Command = Command> = Generator<C, Result, Reply>;

/** How one command is run on a live host: by `runInPlace`, or by what notes and checks around it. */
export type Runner = (host: Host, command: Command) => Decision;

/** Runs a program to its end on a live host. */
export function runProgram<Result>(
  host: Host,
  program: Program<Result>,
  run: Runner = runInPlace,
): Result {
  let turn = program.next();
  while (!turn.done) turn = program.next({ decision: run(host, turn.value), host });
  return turn.value;
}

/** Runs several programs in turns, one step each, until all have ended: tools started at once. */
export function interleave<Result>(
  host: Host,
  programs: readonly Program<Result>[],
  run: Runner = runInPlace,
): Result[] {
  const turns = programs.map((program) => program.next());
  const results = new Map<number, Result>();
  while (results.size < programs.length) {
    for (const [i, turn] of turns.entries()) {
      if (turn.done) results.set(i, turn.value);
      else turns[i] = programs[i].next({ decision: run(host, turn.value), host });
    }
  }
  return programs.map((_, i) => results.get(i) as Result);
}

/** The program, and the host after its last command: the given one if it took none. */
export function* withHost<Result, C extends Command>(
  host: Host,
  program: Generator<C, Result, Reply>,
): Program<{ readonly result: Result; readonly host: Host }, C> {
  let now = host;
  let turn = program.next();
  while (!turn.done) {
    const reply = yield turn.value;
    now = reply.host;
    turn = program.next(reply);
  }
  return { result: turn.value, host: now };
}
