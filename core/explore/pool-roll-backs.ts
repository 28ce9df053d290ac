/**
 * Pool writes in the middle of which the kernel refuses a CPU: to go offline, to come back online, or both.
 *
 * A write first brings back the old pool's CPUs, then takes the new ones offline one by one; where one
 * stays, all of the new ones are brought back. Invariant: every call of a write is refused once in
 * some move, alone and behind a refused offline. Trade-off: one call of a kind is refused a write, and the
 * first one to go offline is a move of the scopes' own.
 */
import type { Answer, Answers } from '../host/command.js';
import { always } from './moves.js';
import { type Move, upTo } from './scope.js';

const EINVAL = 22;

/** @param cpus how many `text` names, and a pool before it has at most */
export function rollBacks(text: string, cpus: number): Move[] {
  const stays: Answers[] = upTo(cpus - 1).map((i) => ({ CPU_OFFLINE: at(i + 2) }));
  const back = upTo(2 * cpus).map((i) => at(i + 1));
  const returns: Answers[] = back.map((answer) => ({ CPU_ONLINE: answer }));
  const both = stays.flatMap((stay) => returns.map((one) => ({ ...stay, ...one })));
  return [...stays, ...returns, ...both].map((answers) =>
    always({ kind: 'nitro.write-pool', text, answers }, `"${text}", ${said(answers)}`),
  );
}

function at(nth: number): Answer {
  return { nth, errno: EINVAL };
}

function said(answers: Answers): string {
  const refused = Object.entries(answers).map(([kind, { nth }]) => `call ${nth} of ${kind}`);
  return `${refused.join(' and ')} refused`;
}
