/**
 * What the rule books say about each lifecycle, written down again by hand and held against the
 * tables; and the named requirements Q27, Q32, N08.
 */
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import type { LifecycleQuirk } from '../../core/lifecycle/edge-meta.js';
import { lifecycle, machines } from '../../core/lifecycle/surfaces.js';
import { type LifecycleTable, legalEvents, next } from '../../core/lifecycle/table.js';
import { userStates } from '../../core/lifecycle/user-states.js';

/** "from event to" of every legal pair, sorted. */
function edgesOf(table: LifecycleTable<string, string>): string[] {
  return table.states
    .flatMap((from) => legalEvents(table, from).map((e) => `${from} ${e} ${next(table, from, e)}`))
    .sort();
}

/** One line per from-state, "from: event>to event>to". */
function written(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => {
      const [from, rest] = line.split(': ');
      return (rest ?? '').split(' ').map((edge) => `${from} ${edge.replace('>', ' ')}`);
    })
    .sort();
}

function quirksOf(machine: AnyStateMachine): string[] {
  return Object.values(machine.states)
    .flatMap((node) => [...node.transitions.values()].flat())
    .flatMap((edge) => {
      const quirk: LifecycleQuirk | undefined = edge.meta?.quirk;
      return quirk === undefined ? [] : [`${edge.source.key} ${edge.eventType} ${quirk}`];
    })
    .sort();
}

const parent = lifecycle.parentVm();
const service = lifecycle.reservationService();
const slot = lifecycle.driverSlot();
const cli = lifecycle.nitroCli();
const qingtian = lifecycle.qingtianEnclave();
const vm = lifecycle.vmInstance();

describe('N08 holds: each lifecycle is the rule book’s', () => {
  const rows: [string, LifecycleTable<string, string>, string[]][] = [
    [
      'parent VM',
      parent,
      [
        'stopped: boot>running terminate>terminated',
        'running: stop>stopping crash>stopped',
        'stopping: enclavesGone>stopped crash>stopped',
      ],
    ],
    [
      'reservation service',
      service,
      [
        'inactive: succeed>active fail>failed parentStopped>inactive',
        'active: succeed>active fail>failed stop>inactive parentStopped>inactive',
        'failed: succeed>active fail>failed parentStopped>inactive',
      ],
    ],
    [
      'driver slot',
      slot,
      [
        'absent: create>INIT',
        'INIT: start>RUNNING startRefused>INIT exit>INIT eventRunning>INIT infoZeroed>INIT',
        'INIT: close>absent closeFailed>zombie parentStopped>absent',
        'RUNNING: exit>STOPPED eventRunning>RUNNING infoZeroed>INIT',
        'RUNNING: close>absent closeFailed>zombie parentStopped>absent',
        'STOPPED: exit>STOPPED eventRunning>STOPPED infoZeroed>STOPPED',
        'STOPPED: close>absent closeFailed>zombie parentStopped>absent',
        'zombie: exit>zombie eventRunning>zombie infoZeroed>zombie parentStopped>absent',
      ],
    ],
    [
      'nitro-cli process',
      cli,
      [
        'EMPTY: heartbeat>RUNNING launchFailed>gone exit>gone parentStopped>gone',
        'RUNNING: terminate>TERMINATING hangup>gone signal>gone commandFailed>gone',
        'RUNNING: parentStopped>gone',
        'TERMINATING: closed>EMPTY closeFailed>TERMINATING exit>gone parentStopped>gone',
      ],
    ],
    [
      'QingTian enclave',
      qingtian,
      [
        'absent: define>defined stepFailed>absent',
        'defined: map>mapped stepFailed>absent parentStopped>absent',
        'mapped: addMemory>populated stepFailed>absent parentStopped>absent',
        'populated: loadImage>loaded stepFailed>absent parentStopped>absent',
        'loaded: addCpu>equipped stepFailed>absent parentStopped>absent',
        'equipped: start>starting stepFailed>absent parentStopped>absent',
        'starting: heartbeat>running stepFailed>absent parentStopped>absent',
        'running: stop>absent crash>absent parentStopped>absent',
      ],
    ],
    [
      'plain VM',
      vm,
      ['absent: launch>running', 'running: terminate>absent crash>absent parentStopped>absent'],
    ],
  ];

  it.each(rows)('N08 holds: %s', (_, table, lines) => {
    expect(edgesOf(table)).toEqual(written(lines));
  });

  it('N08 holds: creation, initialisation, run time, termination in the driver', () => {
    expect(next(slot, 'absent', 'create')).toBe('INIT');
    expect(next(slot, 'INIT', 'start')).toBe('RUNNING');
    expect(next(slot, 'RUNNING', 'close')).toBe('absent');
  });
});

describe('N08 refused: an illegal edge', () => {
  it.each(['RUNNING', 'STOPPED', 'zombie', 'absent'] as const)(
    'N08 refused: an illegal edge: START in %s (NE 270 where the file is open)',
    (state) => {
      expect(next(slot, state, 'start')).toBeUndefined();
    },
  );

  it('N08 refused: an illegal edge: a zombie has no file left to close', () => {
    expect(legalEvents(slot, 'zombie')).not.toContain('close');
    expect(legalEvents(slot, 'zombie')).not.toContain('closeFailed');
  });

  it('N08 refused: an illegal edge: every pipeline step out of its order', () => {
    const steps = [
      'define',
      'map',
      'addMemory',
      'loadImage',
      'addCpu',
      'start',
      'heartbeat',
    ] as const;
    qingtian.states.forEach((state, position) => {
      const legal = steps.filter((step) => next(qingtian, state, step) !== undefined);
      expect(legal).toEqual(steps.slice(position, position + 1));
    });
  });

  it('N08 refused: an illegal edge: stop of a QingTian enclave that does not run (QT 28)', () => {
    const stoppable = qingtian.states.filter((s) => next(qingtian, s, 'stop') !== undefined);
    expect(stoppable).toEqual(['running']);
  });
});

describe('Q27: an enclave is active only while its parent runs', () => {
  it('Q27 holds: the end of the parent ends every enclave, in whatever state', () => {
    const ended = { qingtian: 'absent', slot: 'absent', vm: 'absent', cli: 'gone' } as const;
    const live = <S extends string>(states: readonly S[], end: S) =>
      states.filter((s) => s !== end);
    for (const s of live(qingtian.states, ended.qingtian)) {
      expect(next(qingtian, s, 'parentStopped')).toBe(ended.qingtian);
    }
    for (const s of live(slot.states, ended.slot)) {
      expect(next(slot, s, 'parentStopped')).toBe(ended.slot);
    }
    for (const s of live(vm.states, ended.vm)) expect(next(vm, s, 'parentStopped')).toBe(ended.vm);
    for (const s of live(cli.states, ended.cli)) {
      expect(next(cli, s, 'parentStopped')).toBe(ended.cli);
    }
  });

  it('Q27 holds: a parent that stops waits in stopping until its enclaves are gone', () => {
    expect(next(parent, 'running', 'stop')).toBe('stopping');
    expect(next(parent, 'stopping', 'enclavesGone')).toBe('stopped');
  });

  it('Q27 holds: the reservation does not survive the parent', () => {
    for (const state of service.states) {
      expect(next(service, state, 'parentStopped')).toBe('inactive');
    }
  });

  it('Q27 refused: a running parent cannot be terminated before its enclaves ended', () => {
    expect(next(parent, 'running', 'terminate')).toBeUndefined();
    expect(next(parent, 'stopping', 'terminate')).toBeUndefined();
    expect(next(parent, 'running', 'enclavesGone')).toBeUndefined();
    const toStopped = edgesOf(parent).filter((edge) => edge.endsWith(' stopped'));
    expect(toStopped).toEqual([
      'running crash stopped',
      'stopping crash stopped',
      'stopping enclavesGone stopped',
    ]);
  });

  it('Q27 refused: a stopping parent cannot boot, a terminated one can do nothing', () => {
    expect(next(parent, 'stopping', 'boot')).toBeUndefined();
    expect(legalEvents(parent, 'terminated')).toEqual([]);
  });
});

describe('Q32: an enclave that ended is restarted by hand', () => {
  it('Q32 holds: crash ends in absent', () => {
    expect(next(qingtian, 'running', 'crash')).toBe('absent');
    expect(next(vm, 'running', 'crash')).toBe('absent');
    expect(next(cli, 'RUNNING', 'hangup')).toBe('gone');
  });

  it('Q32 holds: a restart is the whole launch again, seven steps', () => {
    const events = qingtian.events.map((type) => ({ type }));
    const paths = getShortestPaths(machines.qingtianEnclave, { events });
    const toRunning = paths.find((path) => path.state.value === 'running');
    expect(toRunning?.steps.map((step) => step.event.type)).toEqual([
      'xstate.init',
      ...['define', 'map', 'addMemory', 'loadImage', 'addCpu', 'start', 'heartbeat'],
    ]);
  });

  it('Q32 refused: no event restarts by itself', () => {
    const leaving = (table: LifecycleTable<string, string>, ended: string) =>
      legalEvents(table, ended).filter((event) => next(table, ended, event) !== ended);
    expect(leaving(qingtian, 'absent')).toEqual(['define']);
    expect(leaving(slot, 'absent')).toEqual(['create']);
    expect(leaving(vm, 'absent')).toEqual(['launch']);
    expect(leaving(cli, 'gone')).toEqual([]);
  });

  it('Q32 refused: a crashed Nitro slot cannot start again, and keeps what it has', () => {
    expect(next(slot, 'RUNNING', 'exit')).toBe('STOPPED');
    const after = legalEvents(slot, 'STOPPED').map((event) => next(slot, 'STOPPED', event));
    expect([...new Set(after)].sort()).toEqual(['STOPPED', 'absent', 'zombie']);
  });
});

describe('quirks of the real programs are named edges', () => {
  it('driver slot', () => {
    expect(quirksOf(machines.driverSlot)).toEqual([
      'INIT closeFailed zombie-slot',
      'RUNNING closeFailed zombie-slot',
      'RUNNING exit stopped-keeps-resources',
      'RUNNING infoZeroed slot-info-zeroed',
      'STOPPED closeFailed zombie-slot',
    ]);
  });

  it('nitro-cli process', () => {
    expect(quirksOf(machines.nitroCli)).toEqual([
      'RUNNING commandFailed failed-command-ends-enclave',
      'TERMINATING closeFailed terminate-warning',
    ]);
  });

  it('a slot put back to INIT by the zeroed reply accepts START again', () => {
    const zeroed = next(slot, 'RUNNING', 'infoZeroed');
    expect(zeroed).toBe('INIT');
    expect(legalEvents(slot, 'INIT')).toContain('start');
  });
});

describe('what users see', () => {
  it('has one row for every state of every surface, and no other', () => {
    for (const name of Object.keys(machines) as (keyof typeof machines)[]) {
      expect([name, Object.keys(userStates[name]).sort()]).toEqual([
        name,
        [...lifecycle[name]().states].sort(),
      ]);
    }
  });

  it('lists a Nitro enclave as RUNNING or TERMINATING only, and no driver state', () => {
    const words = (rows: Readonly<Record<string, { word: string | null }>>) =>
      Object.values(rows).flatMap((row) => row.word ?? []);
    expect(words(userStates.nitroCli)).toEqual(['RUNNING', 'TERMINATING']);
    expect(words(userStates.driverSlot)).toEqual([]);
    expect(words(userStates.qingtianEnclave)).toEqual(['running']);
  });
});
