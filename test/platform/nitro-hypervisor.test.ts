/** The isolating hypervisor against the permissive one: what the driver lets through. */

import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { give, launch, readyHost, run, touchedPages } from './nitro-host.js';

const PERMISSIVE = { hypervisor: { kind: 'permissive' } } as const;

function create(host: Host) {
  return run(host, { kind: 'nitro.create-vm', task: 1 });
}

describe('number of enclaves', () => {
  it('N22 holds: four Nitro enclaves at once', () => {
    const host = readyHost(0);
    expect([1, 2, 3, 4].map(() => create(host).rc)).toEqual([4, 5, 6, 7]);
  });

  it('N22 refused: the fifth by the hypervisor, at SLOT_ALLOC; after an end it fits', () => {
    const host = readyHost(0);
    for (let i = 0; i < 4; i++) create(host);
    const fifth = create(host);
    expect(fifth).toMatchObject({ rc: -28, rule: 'nitro.hypervisor-slots' });
    expect(fifth.requests).toEqual([['ALLOC', -28]]);
    run(host, { kind: 'nitro.close', slot: 2 });
    expect(create(host)).toMatchObject({ rc: 5, slot: 5 });
  });

  it('the permissive model has no limit', () => {
    const host = readyHost(0, PERMISSIVE);
    expect([1, 2, 3, 4, 5].map(() => create(host).rc)).toEqual([4, 5, 6, 7, 8]);
  });
});

describe('one owner', () => {
  it('N12 refused: the same page for two enclaves (quirk no-alias-check)', () => {
    for (const [spec, rc] of [
      [{}, -16],
      [PERMISSIVE, 0],
    ] as const) {
      const host = readyHost(4, spec);
      const [a, b] = [create(host).slot ?? 0, create(host).slot ?? 0];
      const [address] = touchedPages(host, 1, 1);
      expect(give(host, a, 1, address).rc).toBe(0);
      expect(give(host, b, 1, address).rc).toBe(rc);
      for (const slot of [a, b]) run(host, { kind: 'nitro.close', slot });
      run(host, { kind: 'nitro.unmap', address });
      expect(host.memory[0].pools[0].store.freeFrames).toBe(4);
      expect(host.memory[0].verifyIndex()).toEqual([]);
    }
  });

  it('N12 refused: pages the task does not hold', () => {
    const host = readyHost(4);
    const { slot = 0 } = create(host);
    const foreign = { task: 1, address: 2 ** 45, pageBytes: 2 ** 21, huge: true, node: 0 };
    run(host, { kind: 'nitro.map-foreign', ...foreign, runs: [[0, 1]] });
    expect(give(host, slot, 1, 2 ** 45)).toMatchObject({
      rc: -13,
      rule: 'nitro.hypervisor-memory-owner',
    });
  });

  it.each([
    ['the administrator', { kind: 'nitro.hotplug', cpu: 2, online: false }],
    ['a pool write', { kind: 'nitro.write-pool', text: '2\n' }],
  ] as const)('the last CPU stays with the parent, whoever wants it: %s', (_, last) => {
    for (const [options, rc] of [
      [undefined, -16],
      [PERMISSIVE, 0],
    ] as const) {
      const host = readyHost(0, options);
      run(host, { kind: 'nitro.write-pool', text: '' });
      host.tree.online.forEach((bit, cpu) => {
        if (bit === 1 && cpu !== 2) run(host, { kind: 'nitro.hotplug', cpu, online: false });
      });
      expect(run(host, last).rc).toBe(rc);
      expect(host.tree.online[2]).toBe(rc === 0 ? 0 : 1);
    }
  });

  it('a pool CPU that the administrator brought back cannot be donated', () => {
    const host = readyHost(0);
    const { slot = 0 } = create(host);
    run(host, { kind: 'nitro.hotplug', cpu: 1, online: true });
    const add = { kind: 'nitro.add-vcpu', slot, task: 1, cpu: 1 } as const;
    expect(run(host, add)).toMatchObject({ rc: -11, rule: 'nitro.hypervisor-vcpu-offline' });
    run(host, { kind: 'nitro.hotplug', cpu: 1, online: false });
    expect(run(host, add)).toMatchObject({ rc: 0, vcpu: 1 });
    expect(run(host, { kind: 'nitro.hotplug', cpu: 1, online: true })).toMatchObject({
      rc: -5,
      rule: 'nitro.hypervisor-cpu-donated',
    });
  });

  it('N12 refused: a vCPU whose sibling runs in the parent; nor comes a sibling online later', () => {
    const host = readyHost(0);
    const { slot = 0 } = create(host);
    run(host, { kind: 'nitro.hotplug', cpu: 5, online: true });
    const add = { kind: 'nitro.add-vcpu', slot, task: 1, cpu: 1 } as const;
    const refused = run(host, add);
    expect(refused).toMatchObject({ rc: -39, rule: 'nitro.hypervisor-core-free' });
    expect(refused.requests).toEqual([['VCPU', 1, -39]]);
    run(host, { kind: 'nitro.hotplug', cpu: 5, online: false });
    expect(run(host, add)).toMatchObject({ rc: 0, vcpu: 1 });
    expect(run(host, { kind: 'nitro.hotplug', cpu: 5, online: true })).toMatchObject({ rc: -5 });
    run(host, { kind: 'nitro.close', slot });
    expect(run(host, { kind: 'nitro.hotplug', cpu: 5, online: true }).rc).toBe(0);
  });

  it('live CIDs are unique; the automatic choice skips used ones', () => {
    const host = readyHost(128);
    const first = launch(host, 1, 32, 17n);
    const second = launch(host, 2);
    expect([first, second].map((slot) => theRecord(host.tree, slot).cid)).toEqual([17, 16]);
    const third = launch(host, 3, 32, 17n);
    expect(theRecord(host.tree, third).state).toBe('INIT');
    const again = { kind: 'nitro.start', slot: third, flags: 0n } as const;
    expect(run(host, { ...again, cid: 17n })).toMatchObject({ rc: -98 });
    expect(run(host, { ...again, cid: 0n })).toMatchObject({ rc: 0, cid: 18 });
  });

  it('CIDs that differ do not meet; the permissive model looks at none', () => {
    const host = readyHost(64);
    const slots = [launch(host, 1, 32, 20n), launch(host, 2, 32, 21n)];
    expect(slots.map((slot) => theRecord(host.tree, slot).cid)).toEqual([20, 21]);
    const permissive = readyHost(64, PERMISSIVE);
    const both = [launch(permissive, 1, 32, 16n), launch(permissive, 2, 32, 0n)];
    expect(both.map((slot) => theRecord(permissive.tree, slot).cid)).toEqual([16, 16]);
  });

  it('a donated core may be switched off again, and on only under the permissive model', () => {
    for (const [spec, rc] of [
      [{}, -5],
      [PERMISSIVE, 0],
    ] as const) {
      const host = readyHost(0, spec);
      const { slot = 0 } = create(host);
      run(host, { kind: 'nitro.add-vcpu', slot, task: 1, cpu: 1 });
      expect(run(host, { kind: 'nitro.hotplug', cpu: 5, online: false }).rc).toBe(0);
      expect(run(host, { kind: 'nitro.hotplug', cpu: 5, online: true }).rc).toBe(rc);
    }
  });

  it('requests while the device is unbound are refused', () => {
    const host = readyHost(0);
    const { slot = 0 } = create(host);
    run(host, { kind: 'nitro.unbind' });
    expect(create(host)).toMatchObject({ rc: -19, rule: 'nitro.device-bound' });
    expect(run(host, { kind: 'nitro.close', slot })).toMatchObject({ rc: 0, release: -19 });
  });
});
