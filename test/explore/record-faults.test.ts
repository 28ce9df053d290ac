/** What the faults of a reservation's record make of single effects. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Reservation } from '../../core/host/tree.js';
import { expectUntouched, faultNamed } from './fault-named.js';
import { wholeScope } from './tiny-scopes.js';

const HOST = wholeScope('qingtian-2x4x2x2').build();
const RESERVE: Command = { kind: 'qingtian.reserve', conf: {} };
const PARENT: Effect = { kind: 'set-parent', from: 'running', to: 'stopped' };
const NONE: Reservation = { state: 'inactive', pageKib: 2048, memoryMib: 64 };
const TEN: Reservation = { state: 'active', pageKib: 4096, memoryMib: 40 };

function written(to: Reservation): Effect {
  return { kind: 'set-reservation', from: NONE, to };
}

describe('a fault of a reservation', () => {
  it.each<[string, Reservation]>([
    ['reservation-counts-a-page-more', { ...TEN, memoryMib: 44 }],
    ['reservation-of-smaller-pages', { ...TEN, pageKib: 2048 }],
  ])('%s changes the record of one that is active', (id, wrong) => {
    const { effects } = faultNamed(id);
    const sound = [PARENT, written(TEN), written(NONE)];
    expect(effects(sound, HOST, RESERVE)).toEqual([PARENT, written(wrong), written(NONE)]);
  });

  it.each<[string, Command, Command]>([
    ['reservation-stays-written-down', { kind: 'qingtian.unreserve' }, { kind: 'parent.stop' }],
    ['reservation-outlives-the-parent', { kind: 'parent.stop' }, { kind: 'qingtian.unreserve' }],
  ])('%s writes nothing down after its own command', (id, own, other) => {
    const sound = [written(NONE), PARENT];
    expect(faultNamed(id).effects(sound, HOST, own)).toEqual([PARENT]);
    expectUntouched(id, sound, other, HOST);
  });
});
