/**
 * A trail: the commands of a path, as a real host would be given them.
 *
 * The search names enclaves by place; a trail names them by the uids a host gives in order.
 * Invariant: given to a fresh host without any search, a trail meets the breach that the search
 * found. The last command is only named, since what is found there may be that it throws.
 * Trade-off: a planted fault is named, not recorded.
 */
import type { Command } from '../host/command.js';
import { runInPlace } from '../host/step.js';
import { type PlantedFault, plant } from './planted-faults.js';
import type { Scope } from './scope.js';

export interface Trail {
  readonly scope: string;
  /** Id of the planted fault the path was found with. */
  readonly fault?: string;
  readonly commands: readonly Command[];
}

/** The commands of a path of moves. */
export function trailOf(scope: Scope, path: readonly number[], fault?: PlantedFault): Trail {
  const named = fault === undefined ? scope.build() : plant(scope.build(), fault);
  const counted = fault === undefined ? scope.build() : plant(scope.build(), fault);
  const uids = new Map<number, number>();
  const commands = path.map((number, at) => {
    const move = scope.moves[number];
    const next = counted.tree.counters.nextSlot;
    if (move.fills !== undefined) {
      const uid = named.hypervisor.firstSlot + move.fills;
      named.tree.counters.nextSlot = uid;
      uids.set(uid, next);
    }
    const command = move.command(named);
    if (command === undefined) throw new Error(`a path takes ${move.label} where it is not`);
    const renamed = withUids(command, uids);
    if (at === path.length - 1) return renamed;
    runInPlace(named, command);
    runInPlace(counted, renamed);
    return renamed;
  });
  return { scope: scope.name, ...(fault === undefined ? {} : { fault: fault.id }), commands };
}

function withUids(command: Command, uids: ReadonlyMap<number, number>): Command {
  if ('uid' in command) return { ...command, uid: uids.get(command.uid) ?? command.uid };
  if ('slot' in command) return { ...command, slot: uids.get(command.slot) ?? command.slot };
  return command;
}
