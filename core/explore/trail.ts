/**
 * A trail: the commands of a path, as a real host would be given them, one line each.
 *
 * The first line names the scope, every further line is a command in the journal's own form, so
 * that a breach can be replayed on a fresh host without any search. The search names enclaves by
 * place; a trail names them by the uids a host gives in order. Invariant: replaying a trail meets
 * the breach that the search found. Trade-off: a planted fault is named, not recorded.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import { runInPlace } from '../host/step.js';
import { noteBefore } from '../invariants/before.js';
import { checkInvariants } from '../invariants/check.js';
import type { Violation } from '../invariants/invariant.js';
import { canonicalJson, decodeCommand, encodeCommand } from '../journal/codec.js';
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
  const commands = path.map((number) => {
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
    runInPlace(named, command);
    runInPlace(counted, renamed);
    return renamed;
  });
  return { scope: scope.name, ...(fault === undefined ? {} : { fault: fault.id }), commands };
}

export function encodeTrail({ commands, ...head }: Trail): string {
  return [canonicalJson(head), ...commands.map(encodeCommand)].map((line) => `${line}\n`).join('');
}

/** Throws SyntaxError or TypeError on text that is no trail. */
export function decodeTrail(text: string): Trail {
  const [first = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const head: unknown = JSON.parse(first);
  if (head === null || typeof head !== 'object' || !('scope' in head)) {
    throw new TypeError('the first line of a trail names its scope');
  }
  const { scope } = head;
  const fault = 'fault' in head ? { fault: String(head.fault) } : {};
  return { scope: String(scope), ...fault, commands: lines.map(decodeCommand) };
}

export interface Met {
  /** Commands taken when the first breach was met. */
  readonly after: number;
  readonly violations: readonly Violation[];
}

/** Runs commands on a fresh host under audit; undefined = no breach that no quirk explains. */
export function followTrail(host: Host, commands: readonly Command[]): Met | undefined {
  for (const [i, command] of commands.entries()) {
    const before = noteBefore(host, command);
    runInPlace(host, command);
    const violations = checkInvariants(host, before).filter(({ quirk }) => quirk === undefined);
    if (violations.length > 0) return { after: i + 1, violations };
  }
  return undefined;
}

function withUids(command: Command, uids: ReadonlyMap<number, number>): Command {
  if ('uid' in command) return { ...command, uid: uids.get(command.uid) ?? command.uid };
  if ('slot' in command) return { ...command, slot: uids.get(command.slot) ?? command.slot };
  return command;
}
