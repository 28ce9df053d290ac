/**
 * The CPU pool and ADD_VCPU: the rule book's worked example (§2.5) and each check of a pool write.
 */

import { describe, expect, it } from 'vitest';
import { theRecord } from '../../core/host/records.js';
import { nitroHost, run } from './nitro-host.js';

const POOL = '1-3,5-7';

function write(host: ReturnType<typeof nitroHost>, text: string, capable = true) {
  return run(host, { kind: 'nitro.write-pool', text, capable });
}

function add(host: ReturnType<typeof nitroHost>, slot: number, cpu: number, task = 0) {
  const { rc, vcpu } = run(host, { kind: 'nitro.add-vcpu', slot, task, cpu });
  return rc === 0 ? vcpu : rc;
}

function create(host: ReturnType<typeof nitroHost>) {
  const { rc = 0, slot } = run(host, { kind: 'nitro.create-vm', task: 0 });
  return slot ?? rc;
}

describe('worked example of §2.5', () => {
  it('N12 holds: whole cores move pool → enclave → pool, at their own index', () => {
    const host = nitroHost();
    expect(write(host, POOL).rc).toBe(0);
    const { pool, online } = host.tree;
    expect(pool).toMatchObject({ threadsPerCore: 2, parentCores: 4, node: 0, text: POOL });
    expect(pool.avail).toEqual([
      [1, 5],
      [2, 6],
      [3, 7],
    ]);
    expect(online).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
    const a = create(host);
    expect(add(host, a, 0)).toBe(1);
    expect(add(host, a, 0)).toBe(5);
    expect(add(host, a, 0)).toBe(2);
    expect(add(host, a, 6)).toBe(6);
    expect(add(host, a, 6)).toBe(-256);
    expect(add(host, a, 4)).toBe(-257);
    expect(add(host, a, 8)).toBe(-271);
    const b = create(host);
    expect(add(host, b, 5)).toBe(-257);
    expect(add(host, b, 7)).toBe(7);
    expect(create(host)).toBe(-272);
    expect(write(host, '').rc).toBe(-1);
    expect(run(host, { kind: 'nitro.close', slot: a }).release).toBe(0);
    expect(host.tree.pool.avail).toEqual([[1, 5], [2, 6], []]);
    expect(add(host, create(host), 0)).toBe(1);
    expect(add(host, b, 0)).toBe(3);
  });

  it('N12 refused: START while an owned core has an un-added thread (NE 269)', () => {
    const host = nitroHost();
    write(host, POOL);
    const slot = create(host);
    const mapped = { task: 0, address: 2 ** 45, pageBytes: 2 ** 26, huge: true, node: 0 };
    const outside = 2 ** 40;
    run(host, { kind: 'nitro.map-foreign', ...mapped, runs: [[outside, 1]] });
    const region = { slot, task: 0, flags: 0n, address: 2n ** 45n, bytes: 2n ** 26n };
    expect(run(host, { kind: 'nitro.set-memory', ...region }).rc).toBe(0);
    const start = { kind: 'nitro.start', slot, cid: 0n, flags: 0n } as const;
    expect(run(host, start).codes).toEqual(['NE 267']);
    add(host, slot, 1);
    expect(run(host, start).codes).toEqual(['NE 269']);
    add(host, slot, 0);
    expect(run(host, start)).toMatchObject({ rc: 0, cid: 16 });
  });
});

describe('checks of a pool write, in order', () => {
  const rows: readonly (readonly [string, string, number, string])[] = [
    ['syntax', '1-', -22, 'parse'],
    ['last id is legal, but its core is not whole', '7', -22, 'partial-core'],
    ['one id above the last', '8', -34, 'parse'],
    ['number above 32 bits', '4294967296', -75, 'parse'],
    ['nothing named', '', -22, 'empty'],
    ['CPU 0', '0,4', -22, 'cpu0'],
    ['sibling of CPU 0', '4', -22, 'cpu0-sibling'],
    ['half a core', '1,2', -22, 'partial-core'],
  ];
  it.each(rows)('N12 refused: %s', (_, text, rc, why) => {
    const host = nitroHost();
    write(host, POOL);
    expect(write(host, text)).toMatchObject({ rc, why });
    expect(host.tree.pool).toMatchObject({ threadsPerCore: 0, node: -1, avail: [], text: '' });
    expect(host.tree.online).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('mixed nodes are refused, one node is not', () => {
    const host = nitroHost({ nodes: 2 });
    expect(write(host, '1,5,9,13')).toMatchObject({ rc: -22, why: 'mixed-nodes' });
    expect(write(host, '9,13').rc).toBe(0);
    expect(host.tree.pool.node).toBe(1);
  });

  it('quirk pool-lone-thread: a core with an offline sibling counts as whole', () => {
    const host = nitroHost();
    run(host, { kind: 'nitro.hotplug', cpu: 5, online: false });
    expect(write(host, '1,5')).toMatchObject({ rc: -22, why: 'offline-cpu' });
    expect(write(host, '1').rc).toBe(0);
    expect(host.tree.pool).toMatchObject({ threadsPerCore: 1, parentCores: 8, avail: [[1]] });
  });

  it('511 bytes fit the parameter, 512 are applied and then undone', () => {
    const host = nitroHost();
    const padded = (length: number) => `${' '.repeat(length - 3)}1,5`;
    expect(write(host, padded(511)).rc).toBe(0);
    expect(write(host, padded(512))).toMatchObject({ rc: -28, why: 'string-too-long' });
    expect(host.tree.online[1]).toBe(1);
  });

  it('a zero byte ends the text: what follows is neither read, counted nor kept', () => {
    const host = nitroHost();
    expect(write(host, `${POOL}\0,x${'1'.repeat(600)}`).rc).toBe(0);
    expect(host.tree.pool.text).toBe(POOL);
    expect(write(host, `\0${POOL}`)).toMatchObject({ rc: -22, why: 'empty' });
  });

  it('N15 refused: without the capability, and with an enclave in any state, nothing changes', () => {
    const host = nitroHost();
    write(host, POOL);
    expect(write(host, '1,5', false)).toMatchObject({ rc: -1, why: 'no-cap' });
    create(host);
    expect(write(host, '1,5')).toMatchObject({ rc: -1, why: 'in-use' });
    expect(host.tree.pool.text).toBe(POOL);
  });

  it('a CPU that fails to go offline brings all back; one that fails to come back stays', () => {
    const host = nitroHost();
    const text = '1,5,2,6';
    const answers = { CPU_OFFLINE: { nth: 3, errno: 16 } };
    const failed = run(host, { kind: 'nitro.write-pool', text, answers });
    expect(failed).toMatchObject({ rc: -16, why: 'offline-failed' });
    expect(host.tree.online).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    write(host, text);
    const online = { CPU_ONLINE: { nth: 1, errno: 5 } };
    expect(run(host, { kind: 'nitro.write-pool', text: '', answers: online }).rc).toBe(-22);
    expect(host.tree.online).toEqual([1, 0, 1, 1, 1, 1, 1, 1]);
  });
});

describe('order of checks in ADD_VCPU', () => {
  it('id one below and at cores × threads', () => {
    const host = nitroHost();
    write(host, POOL);
    const slot = create(host);
    expect(add(host, slot, 8)).toBe(-271);
    expect(add(host, slot, 7)).toBe(7);
  });

  it('quirk core-kept: EIO comes after the core has moved, and the core stays', () => {
    const host = nitroHost();
    write(host, POOL);
    const slot = create(host);
    expect(add(host, slot, 2, 1)).toBe(-5);
    expect(theRecord(host.tree, slot).cores).toEqual([{ index: 1, cpus: [2, 6] }]);
    expect(add(host, slot, 0)).toBe(2);
  });

  it('quirk create-takes-no-core: two enclaves over one core, the loser finds out', () => {
    const host = nitroHost();
    write(host, '1,5');
    const first = create(host);
    const second = create(host);
    expect(add(host, second, 0)).toBe(1);
    expect(add(host, first, 0)).toBe(-272);
    expect(add(host, first, 5)).toBe(-257);
  });
});
