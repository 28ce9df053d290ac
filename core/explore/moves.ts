/**
 * The kinds of moves that scopes are made of.
 *
 * Invariant: which command a move is hangs on the host alone. Trade-off: a label is for people, in the
 * trail of a breach; nothing reads it.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import { type Move, uidAt } from './scope.js';

/** The same command in every state. */
export function always(command: Command, detail = ''): Move {
  return { label: `${command.kind} ${detail}`.trim(), command: () => command };
}

/** A command that a rule refuses, as far as nothing else does first. `id`: of the rule, if longer. */
export function meeting(rule: string, command: Command, id = rule): Move {
  return { ...always(command, `against ${rule}`), meets: id };
}

/** What is asked of the enclave at a place, where there is one. */
export function ofEnclave(
  place: number,
  command: (uid: number, host: Host) => Command | undefined,
): Move['command'] {
  return (host) => {
    const uid = uidAt(host, place);
    return uid === undefined ? undefined : command(uid, host);
  };
}
