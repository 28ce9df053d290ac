/**
 * The dense tables against their machines. The machines are asked here by running actors, which is
 * not how core/ asks them.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, createMachine } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { compileTable, type StateOf } from '../../core/lifecycle/compile-table.js';
import type {
  CliState,
  ParentState,
  QingtianState,
  ServiceState,
  SlotState,
  VmState,
} from '../../core/lifecycle/states.js';
import { lifecycle, machines, type Surface } from '../../core/lifecycle/surfaces.js';
import {
  ILLEGAL,
  type LifecycleTable,
  legalEvents,
  next,
  nextIndex,
} from '../../core/lifecycle/table.js';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Machines = typeof machines;
/** Does not compile when a machine's states and the state tree's names drift apart. */
const sameNames: {
  parentVm: Same<StateOf<Machines['parentVm']>, ParentState>;
  reservationService: Same<StateOf<Machines['reservationService']>, ServiceState>;
  driverSlot: Same<StateOf<Machines['driverSlot']>, SlotState>;
  nitroCli: Same<StateOf<Machines['nitroCli']>, CliState>;
  qingtianEnclave: Same<StateOf<Machines['qingtianEnclave']>, QingtianState>;
  vmInstance: Same<StateOf<Machines['vmInstance']>, VmState>;
} = {
  parentVm: true,
  reservationService: true,
  driverSlot: true,
  nitroCli: true,
  qingtianEnclave: true,
  vmInstance: true,
};

const surfaces = Object.keys(machines) as Surface[];

function surface(name: Surface): [AnyStateMachine, LifecycleTable<string, string>] {
  return [machines[name], lifecycle[name]()];
}

/** Where a running actor ends up; undefined when no transition was selected for the event. */
function actorMoves(machine: AnyStateMachine, state: string, event: string): string | undefined {
  const snapshot = machine.resolveState({ value: state, context: {} });
  if (machine.getTransitionData(snapshot, { type: event }).length === 0) return undefined;
  const actor = createActor(machine, { snapshot }).start();
  actor.send({ type: event });
  return actor.getSnapshot().value;
}

describe.each(surfaces)('table of %s', (name) => {
  const [machine, table] = surface(name);

  it('N08: equals its machine for every state × event pair', () => {
    expect(sameNames[name]).toBe(true);
    expect([...table.states].sort()).toEqual(Object.keys(machine.config.states ?? {}).sort());
    expect(table.next.length).toBe(table.states.length * table.events.length);
    for (const state of table.states) {
      for (const event of table.events) {
        const pair = `${state} × ${event}`;
        expect([pair, next(table, state, event)]).toEqual([
          pair,
          actorMoves(machine, state, event),
        ]);
      }
    }
  });

  it('N08: knows every event named by an edge, and no other', () => {
    const named = Object.values(machine.config.states ?? {}).flatMap((s) =>
      Object.keys(s.on ?? {}),
    );
    expect([...table.events]).toEqual([...new Set(named)].sort());
  });

  it('N08: xstate/graph reaches every state from the initial one', () => {
    const events = table.events.map((type) => ({ type }));
    const reached = getShortestPaths(machine, { events }).map((path) => String(path.state.value));
    expect([...new Set(reached)].sort()).toEqual([...table.states].sort());
  });

  it('N08: a random walk of the table is the walk of an actor', () => {
    const anyEvents = fc.array(fc.nat({ max: table.events.length - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(anyEvents, (walk) => {
        const actor = createActor(machine).start();
        let state = table.states.indexOf(table.initial);
        for (const event of walk) {
          const target = nextIndex(table, state, event);
          if (target !== ILLEGAL) state = target;
          // An actor in a final state is stopped: it takes no more events and says so on stderr.
          if (actor.getSnapshot().status === 'active') {
            actor.send({ type: table.events[event] ?? '' });
          }
          expect(actor.getSnapshot().value).toBe(table.states[state]);
        }
      }),
    );
  });

  it('is compiled once', () => {
    expect(lifecycle[name]()).toBe(table);
  });
});

/** [states, events, legal pairs]: a changed count is a change of the rules, to be reviewed. */
const PINNED: Record<Surface, readonly [number, number, number]> = {
  parentVm: [4, 5, 6],
  reservationService: [3, 4, 10],
  driverSlot: [5, 9, 25],
  nitroCli: [4, 10, 13],
  qingtianEnclave: [8, 11, 23],
  vmInstance: [2, 4, 4],
};

it.each(surfaces)('N08: %s has its pinned number of states, events and legal pairs', (name) => {
  const [, table] = surface(name);
  const legal = table.next.filter((target) => target !== ILLEGAL).length;
  expect([table.states.length, table.events.length, legal]).toEqual(PINNED[name]);
});

describe('compileTable', () => {
  it('tells a legal move to the same state from an unhandled event', () => {
    const slot = lifecycle.driverSlot();
    expect(next(slot, 'INIT', 'startRefused')).toBe('INIT');
    expect(next(slot, 'STOPPED', 'startRefused')).toBeUndefined();
  });

  it('lists the legal events of a state', () => {
    expect(legalEvents(lifecycle.parentVm(), 'running')).toEqual(['crash', 'stop']);
    expect(legalEvents(lifecycle.parentVm(), 'terminated')).toEqual([]);
  });

  it('throws on a name of another surface', () => {
    const table: LifecycleTable<string, string> = lifecycle.vmInstance();
    expect(() => next(table, 'INIT', 'launch')).toThrow('vm-instance: state "INIT" is unknown');
    expect(() => next(table, 'absent', 'create')).toThrow('vm-instance: event "create" is unknown');
  });

  it.each([
    ['nested', { a: { initial: 'c', states: { c: {} } } }],
    ['parallel', { a: { type: 'parallel', states: { c: {}, d: {} } } }],
    [
      'nested, by its way in,',
      { a: { on: { go: 'b.c' } }, b: { initial: 'c', states: { c: {} } } },
    ],
    ['guarded', { a: { on: { go: { target: 'b', guard: () => true } } }, b: {} }],
    ['eventless', { a: { always: 'b' }, b: {} }],
    ['delayed', { a: { after: { 5: 'b' } }, b: {} }],
    [
      'partly guarded',
      { a: { on: { go: 'b' } }, b: { on: { go: { target: 'a', guard: () => true } } } },
    ],
  ])('throws on a %s machine', (_, states) => {
    const machine = createMachine({ id: 'm', initial: 'a', states } as never);
    expect(() => compileTable(machine)).toThrow('is not flat');
  });

  it('throws on a machine with context or root transitions, which no row could hold', () => {
    const root = createMachine({
      id: 'm',
      initial: 'a',
      on: { go: '.b' },
      states: { a: {}, b: {} },
    });
    const context = createMachine({ id: 'm', initial: 'a', context: { n: 1 }, states: { a: {} } });
    expect(() => compileTable(root)).toThrow('m: has transitions at its root');
    expect(() => compileTable(context)).toThrow('m: has context');
  });

  it('throws on a legal move without a target, which would read as illegal', () => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: { on: { go: {} } } } });
    expect(() => compileTable(machine)).toThrow('is not flat');
  });
});
