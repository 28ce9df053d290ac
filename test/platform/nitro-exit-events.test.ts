/** Exit events: who is asked, what is believed, and what changes by it. */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { launch, readyHost, run } from './nitro-host.js';

const UNBIND = { kind: 'nitro.unbind' } as const;
const BIND = { kind: 'nitro.bind' } as const;
const STOPPED = 65_535;

const effectsOf = (host: Host, command: Command) => runInPlace(host, command).effects;
const exitEvent = (slot: number, state: number) =>
  ({ kind: 'nitro.exit-event', slot, state }) as const;

describe('exit events', () => {
  it('a running slot that still runs is asked and not changed', () => {
    const host = readyHost(32);
    const slot = launch(host, 1);
    const { effects, facts } = runInPlace(host, exitEvent(slot, 2));
    expect([effects, facts.requests]).toEqual([[], [['INFO', slot]]]);
  });

  it('a slot that stopped says so once; a later event asks nothing more of it', () => {
    const host = readyHost(32);
    const slot = launch(host, 1);
    const set = { kind: 'set-enclave', uid: slot } as const;
    expect(effectsOf(host, exitEvent(slot, STOPPED))).toEqual([
      { ...set, field: 'deviceState', from: 2, to: STOPPED },
      { ...set, field: 'state', from: 'RUNNING', to: 'STOPPED' },
      { ...set, field: 'event', from: 0, to: 1 },
    ]);
    const again = runInPlace(host, exitEvent(slot, STOPPED));
    expect([again.effects, again.facts.requests]).toEqual([[], undefined]);
  });

  it('an event about a slot that is not there still has every running one asked', () => {
    const host = readyHost(32);
    const slot = launch(host, 1);
    const { effects, facts } = runInPlace(host, exitEvent(9, STOPPED));
    expect([effects, facts.requests]).toEqual([[], [['INFO', slot]]]);
  });

  it('each is told of the state the device has for it, not of the one the event was about', () => {
    const host = readyHost(64);
    const [older, newer] = [launch(host, 1), launch(host, 2)];
    run(host, exitEvent(older, STOPPED));
    expect([older, newer].map((slot) => theRecord(host.tree, slot).state)).toEqual([
      ...['STOPPED', 'RUNNING'],
    ]);
  });

  it('with the device unbound, and for an enclave it has forgotten, nobody is asked', () => {
    const host = readyHost(32);
    const slot = launch(host, 1);
    run(host, UNBIND);
    const unbound = runInPlace(host, exitEvent(slot, STOPPED));
    expect(unbound.facts.requests).toBeUndefined();
    expect(unbound.effects).toEqual([
      { kind: 'set-enclave', uid: slot, field: 'deviceState', from: 2, to: STOPPED },
    ]);
    run(host, BIND);
    const forgotten = runInPlace(host, exitEvent(slot, STOPPED));
    expect([forgotten.effects, forgotten.facts.requests]).toEqual([[], undefined]);
  });

  it('a slot that hung up once already is not told so again', () => {
    const host = readyHost(32, { hypervisor: { kind: 'permissive' } });
    const slot = launch(host, 1);
    run(host, { ...exitEvent(slot, 2), answers: { SLOT_INFO: { nth: 1, errno: 5 } } });
    run(host, { kind: 'nitro.start', slot, cid: 0n, flags: 0n });
    expect(theRecord(host.tree, slot)).toMatchObject({ state: 'RUNNING', event: 1 });
    const set = { kind: 'set-enclave', uid: slot } as const;
    expect(effectsOf(host, exitEvent(slot, STOPPED))).toEqual([
      { ...set, field: 'deviceState', from: 2, to: STOPPED },
      { ...set, field: 'state', from: 'RUNNING', to: 'STOPPED' },
    ]);
  });

  it('a time-out before any reply reads as zeros, and so does any other error', () => {
    for (const errno of [110, 5]) {
      const host = readyHost(32);
      const slot = launch(host, 1);
      const answers = { SLOT_INFO: { nth: 1, errno } };
      run(host, { ...exitEvent(slot, STOPPED), answers });
      expect(theRecord(host.tree, slot)).toMatchObject({ state: 'INIT', event: 1 });
    }
  });

  it('an error between two replies is not believed to be the reply before it', () => {
    const host = readyHost(64);
    const [older, newer] = [launch(host, 1), launch(host, 2)];
    const answers = { SLOT_INFO: { nth: 2, errno: 5 } };
    run(host, { ...exitEvent(newer, STOPPED), answers });
    expect([older, newer].map((slot) => theRecord(host.tree, slot).state)).toEqual([
      ...['INIT', 'STOPPED'],
    ]);
  });
});
