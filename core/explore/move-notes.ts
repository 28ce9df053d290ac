/**
 * What judges have to know of the command that each move of a scope is (invariants/before), by number.
 *
 * Equal notes have equal numbers, 0 is the note that says nothing. Invariant: a move's note is the same
 * in every state, so that it can stand for the command where answers are remembered; `check` throws
 * where it is not. Trade-off: a move that is not there in the first state is taken to have nothing to note.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import { type CommandNote, noteOfCommand } from '../invariants/before.js';
import { createComponents } from './components.js';
import type { Move } from './scope.js';

export interface MoveNotes {
  /** The number of a move's note. */
  numberOf(move: number): number;
  /** The note of a number. */
  note(number: number): CommandNote;
  /** Throws unless a move's note is that of the command that it is in some state. */
  check(move: number, command: Command): void;
}

const NOTHING: CommandNote = {};

/** @param host in its first state */
export function createMoveNotes(moves: readonly Move[], host: Host): MoveNotes {
  const notes = createComponents<CommandNote>();
  const numberOf = (command: Command | undefined): number => {
    const note = command === undefined ? NOTHING : noteOfCommand(host.profile.guarantees, command);
    // The way of nearly all commands, without a text to look up.
    if (note.wholeLaunch === undefined && note.offlineCause === undefined) return 0;
    return notes.numberOf(JSON.stringify(note), () => note);
  };
  notes.numberOf('', () => NOTHING);
  const numbers = moves.map(({ command }) => numberOf(command(host)));
  return {
    numberOf: (move) => numbers[move],
    note: (number) => notes.part(number),
    check(move, command) {
      if (numberOf(command) === numbers[move]) return;
      throw new Error(`move ${move} is noted as another command than ${command.kind}`);
    },
  };
}
