/**
 * What judges have to know of the command that each move of a scope is (invariants/before), by number.
 *
 * Equal notes have equal numbers, 0 is the note that says nothing. Whom a move may move (invariants/movers)
 * is a number of its own, since nearly every move has one and few questions ask for it. Invariant: a
 * move's note and mover are the same in every state, so that they can stand for the command where answers
 * are remembered; `check` throws where they are not. Trade-off: both are learnt when a move is first
 * there, so of a move that never was, nothing can be asked.
 */
import type { Command } from '../host/command.js';
import type { Host } from '../host/host.js';
import { type CommandNote, noteOfCommand } from '../invariants/before.js';
import { type Mover, moverOf } from '../invariants/movers.js';
import { createComponents } from './components.js';

export interface MoveNotes {
  /** The number of a move's note; it was checked before. */
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

export function createMoveNotes(moves: number, { profile }: Host): MoveNotes {
  const notes = createComponents<CommandNote>();
  const noteNumber = (command: Command): number => {
    const note = noteOfCommand(profile.guarantees, command);
    const { wholeLaunch, offlineCause, mayLeavePin } = note;
    // The way of nearly all commands, without a text to look up.
    if (wholeLaunch === undefined && offlineCause === undefined && mayLeavePin === undefined) {
      return 0;
    }
    return notes.numberOf(JSON.stringify({ wholeLaunch, offlineCause, mayLeavePin }), () => note);
  };
  notes.numberOf('', () => NOTHING);
  const numbers = new Int32Array(moves);
  const movers = new Int32Array(moves).fill(UNKNOWN);
  return {
    numberOf: (move) => numbers[move],
    note: (number) => notes.part(number),
    moverNumberOf: (move) => movers[move],
    mover: (number) => (number < 0 ? NAMELESS[-1 - number] : number),
    check(move, command) {
      const mover = moverNumber(command);
      const number = noteNumber(command);
      if (movers[move] === UNKNOWN) {
        movers[move] = mover;
        numbers[move] = number;
      }
      if (number === numbers[move] && mover === movers[move]) return;
      throw new Error(`move ${move} is noted as another command than ${command.kind}`);
    },
  };
}

function moverNumber(command: Command): number {
  const mover = moverOf(command) ?? 'none';
  return typeof mover === 'number' ? mover : -1 - NAMELESS.indexOf(mover);
}
