/** The word on the screen for each state, and which states are an end. */
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { lifecycle, machines, type Surface } from '../../core/lifecycle/surfaces.js';
import { type LifecycleTable, next, statesWith } from '../../core/lifecycle/table.js';
import { type UserView, userStates } from '../../core/lifecycle/user-states.js';

const surfaces = Object.keys(machines) as Surface[];

/** By surface: its id in messages; the words of those states that a person's tools list; end states. */
const SEEN: Record<
  Surface,
  readonly [string, Readonly<Record<string, string>>, readonly string[]]
> = {
  parentVm: [
    'parent-vm',
    { stopped: 'stopped', running: 'running', stopping: 'stopping', terminated: 'terminated' },
    ['terminated'],
  ],
  // systemctl is-active.
  reservationService: [
    'reservation-service',
    { inactive: 'inactive', active: 'active', failed: 'failed' },
    [],
  ],
  driverSlot: ['driver-slot', {}, []],
  // describe-enclaves, "State".
  nitroCli: ['nitro-cli', { RUNNING: 'RUNNING', TERMINATING: 'TERMINATING' }, ['gone']],
  qingtianEnclave: ['qingtian-enclave', { running: 'running' }, []],
  vmInstance: ['vm-instance', { running: 'running' }, []],
};

describe.each(surfaces)('what a person sees of %s', (name) => {
  const [id, words, ends] = SEEN[name];
  const views: Readonly<Record<string, UserView>> = userStates[name];
  const machine: AnyStateMachine = machines[name];
  const table: LifecycleTable<string, string> = lifecycle[name]();

  it('N08: a word for the states that are listed, null for the others, a sentence for all', () => {
    expect(Object.keys(views).sort()).toEqual([...table.states].sort());
    for (const [state, { word, meaning }] of Object.entries(views)) {
      expect([state, word]).toEqual([state, words[state] ?? null]);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('N08: its ends are final, nothing leads out of them', () => {
    const final = table.states.filter((state) => machine.states[state].type === 'final');
    expect(final).toEqual(ends);
    for (const event of table.events) {
      for (const state of ends) expect(next(table, state, event)).toBeUndefined();
    }
  });

  it('its messages name it', () => {
    expect(() => next(table, 'nowhere', table.events[0])).toThrow(
      `${id}: state "nowhere" is unknown`,
    );
  });
});

it('the states with an event are those that it leads out of, or back to', () => {
  expect([...statesWith(lifecycle.parentVm(), 'stop')]).toEqual(['running']);
  expect([...statesWith(lifecycle.driverSlot(), 'startRefused')]).toEqual(['INIT']);
  expect([...statesWith(lifecycle.driverSlot(), 'close')].sort()).toEqual([
    'INIT',
    'RUNNING',
    'STOPPED',
  ]);
});
