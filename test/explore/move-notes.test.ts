/** The notes of moves: learnt when a move is first there, numbered, and held to from then on. */
import { describe, expect, it } from 'vitest';
import { createMoveNotes } from '../../core/explore/move-notes.js';
import type { Command } from '../../core/host/command.js';
import type { Mover } from '../../core/invariants/movers.js';
import { nitroHost } from '../kit/hosts.js';

const GIVE: Command = {
  kind: 'nitro.set-memory',
  ...{ slot: 3, task: 1, flags: 0n, address: 0n, bytes: 0n },
};
const SWITCH: Command = { kind: 'nitro.hotplug', cpu: 2, online: false };

/** Commands, whom they move, and what is noted beside that. */
const MOVES: readonly (readonly [Command, Mover, object])[] = [
  [{ kind: 'nitro.unbind' }, 'none', {}],
  [{ kind: 'nitro.create-vm', task: 1 }, 'new', {}],
  [{ kind: 'parent.stop' }, 'any', {}],
  [{ kind: 'nitro.close', slot: 0 }, 0, {}],
  [{ kind: 'nitro.close', slot: 1 }, 1, {}],
  [{ kind: 'nitro.close', slot: 2 }, 2, {}],
  [GIVE, 3, { mayLeavePin: true }],
  [SWITCH, 'none', { offlineCause: { kind: 'switched-off', cpu: 2 } }],
];

describe('the note of a move', () => {
  it('and whom it moves are numbers that stand for them', () => {
    const notes = createMoveNotes(MOVES.length, nitroHost());
    for (const [move, [command]] of MOVES.entries()) notes.check(move, command);
    for (const [move, [, mover, note]] of MOVES.entries()) {
      expect(notes.mover(notes.moverNumberOf(move))).toBe(mover);
      expect(notes.note(notes.numberOf(move))).toMatchObject(note);
    }
    const numbers = MOVES.map((_, move) => notes.numberOf(move));
    expect(numbers).toEqual([0, 0, 0, 0, 0, 0, 1, 2]);
    expect(notes.note(0)).toEqual({});
    // No two that differ have one number, and nobody's number is that of a move that never was.
    const movers = MOVES.map((_, move) => notes.moverNumberOf(move));
    expect(new Set(movers.slice(0, -1)).size).toBe(MOVES.length - 1);
    expect(movers).not.toContain(createMoveNotes(1, nitroHost()).moverNumberOf(0));
  });

  it('is held to: another mover, or another note, is another command', () => {
    const told = (first: Command, then: Command) => () => {
      const notes = createMoveNotes(1, nitroHost());
      notes.check(0, first);
      notes.check(0, then);
    };
    expect(told({ kind: 'nitro.close', slot: 1 }, { kind: 'nitro.close', slot: 1 })).not.toThrow();
    expect(told({ kind: 'nitro.close', slot: 1 }, { kind: 'nitro.close', slot: 2 })).toThrow(
      'move 0 is noted as another command than nitro.close',
    );
    expect(told(GIVE, { kind: 'nitro.poll', slot: 3 })).toThrow('than nitro.poll');
    expect(told({ kind: 'nitro.unbind' }, SWITCH)).toThrow('than nitro.hotplug');
  });
});
