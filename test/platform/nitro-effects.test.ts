/**
 * What a Nitro step changes, effect by effect: nothing that is already so, nothing twice, and in an
 * order that can be taken back.
 */
import { describe, expect, it } from 'vitest';
import { undoTree } from '../../core/host/apply.js';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, SCRUBBED, taskOwner } from '../../core/host/owner.js';
import { theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { FREE } from '../../core/memory/extent-store.js';
import { give, nitroHost, readyHost, run, touchedPages } from './nitro-host.js';

const PAGE = 2 * 1024 * 1024;
const CREATE = { kind: 'nitro.create-vm', task: 1 } as const;
const UNBIND = { kind: 'nitro.unbind' } as const;
const BIND = { kind: 'nitro.bind' } as const;

/** The effects of a command, or of the last of several. */
function effectsOf(host: Host, ...commands: readonly Command[]): readonly Effect[] {
  return commands.map((command) => runInPlace(host, command).effects).at(-1) ?? [];
}

const kindsOf = (effects: readonly Effect[]) => effects.map(({ kind }) => kind);
const close = (slot: number) => ({ kind: 'nitro.close', slot }) as const;
const addVcpu = (slot: number, cpu: number) =>
  ({ kind: 'nitro.add-vcpu', slot, task: 1, cpu }) as const;
const exitEvent = (slot: number, state: number) =>
  ({ kind: 'nitro.exit-event', slot, state }) as const;

describe('close', () => {
  it('wipes each page once, gives it to who maps it or to the pool, then cores, then the record', () => {
    const host = readyHost(4);
    run(host, CREATE);
    const addresses = touchedPages(host, 1, 2);
    for (const address of addresses) give(host, 1, 1, address);
    run(host, { kind: 'nitro.unmap', address: addresses[0] });
    run(host, addVcpu(1, 1));
    const before = structuredClone(host.tree);
    const record = structuredClone(theRecord(host.tree, 1));
    const effects = effectsOf(host, close(1));
    const at = { node: 0, size: 0, handle: expect.any(Number), uid: -1 };
    const mine = enclaveOwner(1);
    expect(effects).toEqual([
      { kind: 'set-counter', name: 'pinned', from: 2, to: 0 },
      { kind: 'scrub', ...at, from: mine, to: SCRUBBED },
      { kind: 'release', ...at, from: SCRUBBED, to: FREE },
      { kind: 'scrub', ...at, from: mine, to: SCRUBBED },
      { kind: 'give', ...at, from: SCRUBBED, to: taskOwner(1) },
      { kind: 'return-core', uid: 1, index: 0, cpus: [1, 5] },
      { kind: 'drop-enclave', enclave: { ...record, cores: [] } },
    ]);
    expect(host.memory[0].verifyIndex()).toEqual([]);
    undoTree(host.tree, effects, { dirtyRuns: 0, online: undefined });
    expect(host.tree).toEqual(before);
  });

  it('of an enclave that has nothing drops the record and nothing else', () => {
    const host = readyHost(0);
    expect(kindsOf(effectsOf(host, CREATE, close(1)))).toEqual(['drop-enclave']);
    const emptied = [CREATE, UNBIND, { kind: 'nitro.write-pool', text: '' }, BIND] as const;
    expect(kindsOf(effectsOf(host, ...emptied, close(2)))).toEqual(['drop-enclave']);
    expect(host.tree.pool.avail).toEqual([]);
  });

  it('makes room in a pool that was rewritten smaller: up to its highest core and no further', () => {
    const host = readyHost(0);
    for (const command of [CREATE, addVcpu(1, 2), UNBIND]) run(host, command);
    run(host, { kind: 'nitro.write-pool', text: '' });
    run(host, BIND);
    expect(kindsOf(effectsOf(host, close(1)))).toEqual(['set-pool', 'return-core', 'drop-enclave']);
    expect(host.tree.pool.avail).toEqual([[], [2, 6]]);
  });

  it('leaves a pool that has the room as it is', () => {
    const host = readyHost(0);
    expect(kindsOf(effectsOf(host, CREATE, addVcpu(1, 3), close(1)))).toEqual([
      ...['return-core', 'drop-enclave'],
    ]);
  });

  it('a parent that goes down makes that room once, for all its enclaves', () => {
    const host = readyHost(0);
    for (const command of [CREATE, CREATE, addVcpu(1, 1), addVcpu(2, 3), UNBIND])
      run(host, command);
    run(host, { kind: 'nitro.write-pool', text: '' });
    const effects = effectsOf(host, { kind: 'parent.crash' });
    const upToCores = effects.slice(0, kindsOf(effects).lastIndexOf('drop-enclave') + 1);
    expect(kindsOf(upToCores)).toEqual([
      ...['set-pool', 'return-core', 'drop-enclave'],
      ...['return-core', 'drop-enclave'],
    ]);
  });
});

describe('device', () => {
  it('unbinding twice unlists nothing twice, newest first; binding twice binds once', () => {
    const host = readyHost(0);
    const unlisted = { kind: 'set-enclave', field: 'listed', from: 1, to: 0 };
    expect(effectsOf(host, CREATE, CREATE, UNBIND)).toEqual([
      { ...unlisted, uid: 2 },
      { ...unlisted, uid: 1 },
      { kind: 'set-counter', name: 'bound', from: 1, to: 0 },
    ]);
    expect(effectsOf(host, UNBIND)).toEqual([]);
    expect(effectsOf(host, BIND)).toEqual([{ kind: 'set-counter', name: 'bound', from: 0, to: 1 }]);
    expect(effectsOf(host, BIND)).toEqual([]);
  });
});

describe('CREATE_VM', () => {
  it('records the pool as it is then, and the task', () => {
    const host = readyHost(0);
    const [counter, added] = effectsOf(host, CREATE);
    expect(counter).toEqual({ kind: 'set-counter', name: 'nextSlot', from: 1, to: 2 });
    expect(added).toMatchObject({
      kind: 'add-enclave',
      enclave: {
        uid: 1,
        task: 1,
        state: 'INIT',
        fd: 4,
        node: 0,
        parentCores: 4,
        threadsPerCore: 2,
      },
    });
  });

  it('a file call that fails comes before the slot; FD before the inode', () => {
    const host = readyHost(0);
    const both = { FD: { nth: 1, errno: 24 }, ANON_INODE: { nth: 1, errno: 12 } };
    const failed = runInPlace(host, { ...CREATE, answers: both });
    expect(failed.facts).toEqual({ rc: -24, calls: { FD: 1 } });
    const { ANON_INODE } = both;
    const later = runInPlace(host, { ...CREATE, answers: { ANON_INODE } });
    expect(later.facts).toEqual({ rc: -12, calls: { FD: 1, ANON_INODE: 1 } });
    expect([failed.effects, later.effects]).toEqual([[], []]);
  });

  it('whose number cannot be copied out frees its slot, or leaves it without a file', () => {
    const host = readyHost(0);
    const freed = runInPlace(host, { ...CREATE, fault: 'out' });
    expect(freed.facts).toMatchObject({ rc: -14, requests: [['ALLOC'], ['FREE', 1]] });
    expect(kindsOf(freed.effects)).toEqual(['set-counter']);
    const answers = { SLOT_FREE: { nth: 1, errno: 16 } };
    const kept = runInPlace(host, { ...CREATE, fault: 'out', answers });
    expect(kept.facts).toMatchObject({ rc: -14, requests: [['ALLOC'], ['FREE', 2, -16]] });
    expect(theRecord(host.tree, 2)).toMatchObject({ fd: -1, state: 'INIT' });
  });
});

describe('memory', () => {
  it('a range of two pages gives both; a refused first range counts nothing', () => {
    const host = readyHost(4);
    run(host, CREATE);
    const [address] = touchedPages(host, 1, 2);
    const region = { slot: 1, task: 1, flags: 0n, address: BigInt(address) };
    const two = { kind: 'nitro.set-memory', ...region, bytes: BigInt(2 * PAGE) } as const;
    const answers = { SLOT_ADD_MEM: { nth: 1, errno: 12 } };
    expect(kindsOf(runInPlace(host, { ...two, answers }).effects)).toEqual([
      ...['add-region', 'set-counter'],
    ]);
    run(host, close(1));
    run(host, CREATE);
    const { effects, facts } = runInPlace(host, { ...two, slot: 2 });
    expect(facts.requests).toHaveLength(1);
    expect(kindsOf(effects)).toEqual([
      ...['add-region', 'set-counter', 'donate', 'give', 'give', 'set-enclave', 'set-enclave'],
    ]);
    const gives = effects.filter(({ kind }) => kind === 'give');
    const owners = { from: taskOwner(1), to: enclaveOwner(2), uid: -1, node: 0, size: 0 };
    expect(gives).toMatchObject([owners, owners]);
  });

  it('a page that is no longer its task’s is given to nobody a second time', () => {
    const host = readyHost(4, { hypervisor: { kind: 'permissive' } });
    for (const command of [CREATE, CREATE]) run(host, command);
    const [address] = touchedPages(host, 1, 1);
    give(host, 1, 1, address);
    const region = { task: 1, flags: 0n, address: BigInt(address), bytes: BigInt(PAGE) };
    const { effects } = runInPlace(host, { kind: 'nitro.set-memory', slot: 2, ...region });
    expect(kindsOf(effects)).not.toContain('give');
    run(host, close(2));
    expect(theRecord(host.tree, 1).memoryBytes).toBe(PAGE);
  });

  it('pages outside the stores have no owner to change', () => {
    const host = nitroHost();
    run(host, { kind: 'nitro.write-pool', text: '1,5' });
    run(host, CREATE);
    const mapped = { task: 1, address: 2 ** 45, pageBytes: PAGE, huge: true, node: 0 };
    run(host, { kind: 'nitro.map-foreign', ...mapped, runs: [[2 ** 40, 1]] });
    const region = { slot: 1, task: 1, flags: 0n, address: 2n ** 45n, bytes: BigInt(PAGE) };
    expect(kindsOf(effectsOf(host, { kind: 'nitro.set-memory', ...region }))).toEqual([
      ...['add-region', 'set-counter', 'donate', 'set-enclave', 'set-enclave'],
    ]);
    expect(kindsOf(effectsOf(host, { kind: 'nitro.unmap', address: 2 ** 45 }))).toEqual(['unmap']);
    expect(kindsOf(effectsOf(host, close(1)))).toEqual(['set-counter', 'drop-enclave']);
  });
});

describe('requests to the hypervisor', () => {
  it('of a whole life, each once and in order, a refused one with its errno', () => {
    const host = readyHost(32);
    const sent: unknown[] = [];
    const take = (command: Command) => {
      sent.push(...(runInPlace(host, command).facts.requests ?? []));
    };
    take(CREATE);
    const [address] = touchedPages(host, 1, 32);
    const region = { slot: 1, task: 1, flags: 0n, address: BigInt(address) };
    take({ kind: 'nitro.set-memory', ...region, bytes: BigInt(32 * PAGE) });
    for (const cpu of [1, 5]) take(addVcpu(1, cpu));
    const start = { kind: 'nitro.start', slot: 1, cid: 7n, flags: 1n } as const;
    take({ ...start, answers: { ENCLAVE_START: { nth: 1, errno: 5 } } });
    take(start);
    take(exitEvent(1, 2));
    take(close(1));
    expect(sent).toEqual([
      ...[['ALLOC'], ['MEM', 0, 32 * PAGE], ['VCPU', 1], ['VCPU', 5], ['START', 7, 1, -5]],
      ...[
        ['START', 7, 1],
        ['INFO', 1],
        ['STOP', 1],
        ['FREE', 1],
      ],
    ]);
  });
});

describe('the end of the parent', () => {
  it('wipes what enclaves had, frees what tasks had, and unmaps all, last first', () => {
    const host = readyHost(4);
    run(host, CREATE);
    const addresses = touchedPages(host, 1, 2);
    give(host, 1, 1, addresses[0]);
    const { mappings } = structuredClone(host.tree);
    const effects = effectsOf(host, { kind: 'parent.crash' });
    const at = { node: 0, size: 0, handle: expect.any(Number), uid: -1 };
    const tasks = effects.slice(kindsOf(effects).indexOf('drop-enclave') + 1);
    expect(tasks.slice(0, 6)).toEqual([
      { kind: 'scrub', ...at, from: enclaveOwner(1), to: SCRUBBED },
      { kind: 'release', ...at, from: SCRUBBED, to: FREE },
      { kind: 'release', ...at, from: taskOwner(1), to: FREE },
      { kind: 'unmap', mapping: mappings[1], position: 1 },
      { kind: 'unmap', mapping: mappings[0], position: 0 },
      { kind: 'set-counter', name: 'pinned', from: 1, to: 0 },
    ]);
    expect(host.tree.dirty).toEqual([]);
  });
});

describe('CPUs', () => {
  it('switching one to what it is changes nothing', () => {
    const host = nitroHost();
    const off = { kind: 'nitro.hotplug', cpu: 5, online: false } as const;
    expect(effectsOf(host, { ...off, online: true })).toEqual([]);
    expect(effectsOf(host, off)).toEqual([{ kind: 'set-online', cpu: 5, to: 0 }]);
    expect(effectsOf(host, off)).toEqual([]);
  });

  it('a pool write switches only those that change', () => {
    const host = readyHost(0);
    const effects = effectsOf(host, { kind: 'nitro.write-pool', text: '1-2,5-6' });
    expect(effects.filter(({ kind }) => kind === 'set-online')).toEqual([
      { kind: 'set-online', cpu: 3, to: 1 },
      { kind: 'set-online', cpu: 7, to: 1 },
    ]);
  });

  it('ADD_VCPU takes a core once, and its other thread without', () => {
    const host = readyHost(0);
    expect(effectsOf(host, CREATE, addVcpu(1, 0))).toEqual([
      { kind: 'take-core', uid: 1, index: 0, cpus: [1, 5] },
      { kind: 'add-vcpu', uid: 1, cpu: 1 },
    ]);
    expect(effectsOf(host, addVcpu(1, 0))).toEqual([{ kind: 'add-vcpu', uid: 1, cpu: 5 }]);
    expect(kindsOf(effectsOf(host, addVcpu(1, 6)))).toEqual(['take-core', 'add-vcpu']);
    expect(effectsOf(host, addVcpu(1, 2))).toEqual([{ kind: 'add-vcpu', uid: 1, cpu: 2 }]);
  });
});
