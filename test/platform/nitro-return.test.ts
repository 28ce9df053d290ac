/** Whose each page is once its enclave has ended, and what a start leaves in its record. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, HELD, taskOwner } from '../../core/host/owner.js';
import { runInPlace } from '../../core/host/step.js';
import { POOL } from '../../core/memory/node-memory.js';
import { poolOwnerAt } from '../../core/platform/nitro/page-owner.js';
import { give, launch, readyHost, run, touchedPages } from './nitro-host.js';

const PAGE = 2 * 1024 * 1024;
const BASE = 2 ** 45;
const CREATE = { kind: 'nitro.create-vm', task: 1 } as const;
const PERMISSIVE = { hypervisor: { kind: 'permissive' } } as const;
const REFUSED = { SLOT_ADD_MEM: { nth: 1, errno: 5 } };

const region = (slot: number, address: number, pages = 1) =>
  ({
    kind: 'nitro.set-memory',
    ...{ slot, task: 1, flags: 0n, address: BigInt(address), bytes: BigInt(pages * PAGE) },
  }) as const;
const close = (host: Host, slot: number) => runInPlace(host, { kind: 'nitro.close', slot }).effects;
const unmap = (host: Host, address: number) => run(host, { kind: 'nitro.unmap', address });

/** Owners of the pool pages of node 0, page by page. */
function owners(host: Host): number[] {
  const { store } = host.memory[0].pools[0];
  return [0, 1, 2, 3].map((frame) => store.covering(frame).owner);
}

function mapForeign(host: Host, address: number, phys: number) {
  const mapped = { task: 1, address, pageBytes: PAGE, huge: true, node: 0 };
  run(host, { kind: 'nitro.map-foreign', ...mapped, runs: [[phys, 1]] });
}

describe('pages of an ended enclave', () => {
  it('of one region, each goes back to the task that still maps it', () => {
    const host = readyHost(4);
    run(host, CREATE);
    const [, second] = touchedPages(host, 1, 4);
    expect(run(host, region(1, second, 3)).rc).toBe(0);
    expect(owners(host)).toEqual([taskOwner(1), ...Array(3).fill(enclaveOwner(1))]);
    close(host, 1);
    expect(owners(host)).toEqual(Array(4).fill(taskOwner(1)));
  });

  it('is free where its address maps another page by then, or memory of elsewhere', () => {
    const host = readyHost(4);
    run(host, CREATE);
    const [address] = touchedPages(host, 1, 1);
    give(host, 1, 1, address);
    unmap(host, address);
    expect(touchedPages(host, 1, 1)).toEqual([address]);
    close(host, 1);
    expect(owners(host)).toEqual([0, taskOwner(1), 0, 0]);

    const other = readyHost(4);
    run(other, CREATE);
    const [again] = touchedPages(other, 1, 1);
    give(other, 1, 1, again);
    unmap(other, again);
    mapForeign(other, again, 0);
    close(other, 1);
    expect(owners(other)).toEqual([0, 0, 0, 0]);
  });

  it('is left alone where another enclave has it', () => {
    const host = readyHost(4, PERMISSIVE);
    for (const _ of [1, 2]) run(host, CREATE);
    const [address] = touchedPages(host, 1, 1);
    for (const slot of [1, 2]) give(host, slot, 1, address);
    expect(close(host, 2).map(({ kind }) => kind)).toEqual(['set-counter', 'drop-enclave']);
    expect(owners(host)[0]).toBe(enclaveOwner(1));
  });

  it('that was pinned and never donated is held until the last pin goes', () => {
    const host = readyHost(4, PERMISSIVE);
    for (const _ of [1, 2]) run(host, CREATE);
    const [address] = touchedPages(host, 1, 1);
    for (const slot of [1, 2]) {
      expect(run(host, { ...region(slot, address), answers: REFUSED }).rc).toBe(-5);
    }
    unmap(host, address);
    expect(owners(host)[0]).toBe(HELD);
    close(host, 1);
    expect(owners(host)[0]).toBe(HELD);
    close(host, 2);
    expect(owners(host)[0]).toBe(0);
  });

  it('that a task maps, and another name of which was given, stays the task’s', () => {
    const host = readyHost(4, PERMISSIVE);
    run(host, CREATE);
    touchedPages(host, 1, 1);
    mapForeign(host, BASE, 0);
    expect(give(host, 1, 1, BASE).rc).toBe(0);
    expect(close(host, 1).map(({ kind }) => kind)).toEqual(['set-counter', 'drop-enclave']);
    expect(owners(host)[0]).toBe(taskOwner(1));
  });

  it('only what a pool holds has an owner there', () => {
    const host = readyHost(4);
    const { base, pools } = host.memory[0];
    for (const [frame, owner] of [
      [100, enclaveOwner(1)],
      [101, POOL + pools.length],
      [102, POOL - 1],
    ]) {
      base.allocAt(frame, 1, owner);
      expect(poolOwnerAt(host.memory[0], frame)).toBeUndefined();
    }
    expect(poolOwnerAt(host.memory[0], 0)).toMatchObject({ size: 0, start: 0, frames: 4 });
  });
});

describe('START', () => {
  it('writes what it changes: state, CID, and what the device says', () => {
    const host = readyHost(32);
    run(host, CREATE);
    const [address] = touchedPages(host, 1, 32);
    run(host, region(1, address, 32));
    for (const cpu of [1, 5]) run(host, { kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu });
    const set = { kind: 'set-enclave', uid: 1 } as const;
    const started = runInPlace(host, { kind: 'nitro.start', slot: 1, cid: 0n, flags: 0n });
    expect(started.effects).toEqual([
      { kind: 'set-counter', name: 'nextCid', from: 16, to: 17 },
      { ...set, field: 'state', from: 'INIT', to: 'RUNNING' },
      { ...set, field: 'cid', from: 0, to: 16 },
      { ...set, field: 'deviceState', from: 0, to: 2 },
    ]);
    expect(started.facts).toMatchObject({ rc: 0, cid: 16, uid: 1 });
  });

  it('an automatic CID is not given twice, though the first is free again; one asked for counts nothing', () => {
    const host = readyHost(32);
    const cidOf = (cid: bigint) => {
      const slot = launch(host, 1, 32, cid);
      const record = host.tree.records.find(({ uid }) => uid === slot);
      close(host, slot);
      for (const { address } of [...host.tree.mappings]) unmap(host, address);
      return record?.cid;
    };
    expect([cidOf(0n), cidOf(30n), cidOf(0n)]).toEqual([16, 30, 17]);
  });
});

describe('mappings of memory elsewhere', () => {
  it('answer with their address, and need no page of the pools when they are touched', () => {
    const host = readyHost(0);
    const mapped = { task: 1, address: BASE, pageBytes: PAGE, huge: true, node: 1, runs: [] };
    expect(runInPlace(host, { kind: 'nitro.map-foreign', ...mapped }).facts.address).toBe(BASE);
    const touched = run(host, { kind: 'nitro.touch', address: BASE, localNode: 0 });
    expect(touched).toMatchObject({ rc: 0, node: 1 });
  });
});
