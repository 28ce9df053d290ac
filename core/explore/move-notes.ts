/**
 * What judges have to know of the command that each move of a scope is (invariants/before), by number.
 *
 * Equal notes have equal numbers, 0 is the note that says nothing. Whom a move may move (invariants/movers)
 * is a number of its own, since nearly every move has one and few questions ask for it. Invariant: a
 * move's note and mover are the same in every state, so that they can stand for the command where answers
 * are remembered; `check` throws where they are not. Trade-off: a move that is not there in the first
 * state is taken to have nothing to note; whom it may move is learnt when it is first there.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import { type CommandNote, noteOfCommand } from '../invariants/before.js';
import { type Mover, moverOf } from '../invariants/movers.js';
import { createComponents } from './components.js';
import type { Move } from './scope.js';

export interface MoveNotes {
  /** The number of a move's note. */
  numberOf(move: number): number;
  /** The note of a number. */
  note(number: number): CommandNote;
  /** Whom a move may move, as a number; it was checked before. */
  moverNumberOf(move: number): number;
  /** Of such a number; undefined = of no move that was checked. */
  mover(number: number): Mover | undefined;
  /** Throws unless a move's note is that of the command that it is in some state. */
  check(move: number, command: Command): void;
}

const NOTHING: CommandNote = {};
/** Of commands that name no enclave; uids are above. */
const NAMELESS: readonly Mover[] = ['none', 'new', 'any'];
const UNKNOWN = -NAMELESS.length - 1;

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
  const movers = new Int32Array(moves.length).fill(UNKNOWN);
  return {
    numberOf: (move) => numbers[move],
    note: (number) => notes.part(number),
    moverNumberOf: (move) => movers[move],
    mover: (number) => (number < 0 ? NAMELESS[-1 - number] : number),
    check(move, command) {
      const mover = moverNumber(command);
      if (movers[move] === UNKNOWN) movers[move] = mover;
      if (numberOf(command) === numbers[move] && mover === movers[move]) return;
      throw new Error(`move ${move} is noted as another command than ${command.kind}`);
    },
  };
}

function moverNumber(command: Command): number {
  const mover = moverOf(command) ?? 'none';
  return typeof mover === 'number' ? mover : -1 - NAMELESS.indexOf(mover);
}
