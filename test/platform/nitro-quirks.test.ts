/** Quirks of the driver that need a detour to be met: cores that join, pages with two names, forgotten enclaves. */
import { describe, expect, it } from 'vitest';
import type { Answers, Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, HELD, taskOwner } from '../../core/host/owner.js';
import { recordOf, theRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { FREE } from '../../core/memory/extent-store.js';
import { LEAKED } from '../../core/memory/node-memory.js';
import { enclaveOnCore, mayComeOnline } from '../../core/platform/nitro/donated-core.js';
import { isLastOnline } from '../../core/platform/nitro/last-online.js';
import { poolOwnerAt } from '../../core/platform/nitro/page-owner.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { isPinned, overlapping } from '../../core/platform/nitro/regions.js';
import { give, launch, nitroHost, readyHost, run, touchedPages } from './nitro-host.js';
import { hostOf } from './nitro-provoked.js';

const PAGE = 2 * 1024 * 1024;
const BASE = 2 ** 45;
const CREATE = { kind: 'nitro.create-vm', task: 1 } as const;
const addVcpu = (slot: number, cpu: number, task = 1) =>
  ({ kind: 'nitro.add-vcpu', slot, task, cpu }) as const;
const close = (slot: number) => ({ kind: 'nitro.close', slot }) as const;
/** Forgets the enclaves, writes the pool anew and finds the device again. */
const rewritten = (text: string): readonly Command[] => [
  { kind: 'nitro.unbind' },
  { kind: 'nitro.write-pool', text },
  { kind: 'nitro.bind' },
];

function runAll(host: Host, ...commands: readonly Command[]) {
  return commands.map((command) => run(host, command));
}

describe('a CPU goes offline with nobody to have it', () => {
  const { offlineCause } = nitroProfile().guarantees ?? {};

  it('where it is switched off, and only that one', () => {
    const hotplug = { kind: 'nitro.hotplug', cpu: 5, online: false } as const;
    expect(offlineCause?.(hotplug)).toEqual({ kind: 'switched-off', cpu: 5 });
    expect(offlineCause?.({ ...hotplug, online: true })).toBeUndefined();
    expect(offlineCause?.({ kind: 'nitro.unbind' })).toBeUndefined();
  });

  it('pool-cpu-stays-offline: by a pool write, as many as there are failing calls', () => {
    const write = { kind: 'nitro.write-pool', text: '' } as const;
    const cause = { kind: 'not-given-back', quirk: 'pool-cpu-stays-offline' };
    expect(offlineCause?.(write)).toEqual({ ...cause, failing: 0 });
    const errno = { nth: 2, errno: 5 };
    const failing = (answers: Answers) => offlineCause?.({ ...write, answers });
    expect(failing({ CPU_ONLINE: errno })).toEqual({ ...cause, failing: 1 });
    expect(failing({ CPU_OFFLINE: errno })).toEqual({ ...cause, failing: 0 });
  });
});

describe('cores-joined', () => {
  it('threads of an older enclave join what its index holds by then, in order', () => {
    const host = readyHost(0);
    runAll(host, CREATE, addVcpu(1, 2), ...rewritten('3,7'), close(1));
    expect(host.tree.pool.avail).toEqual([
      [3, 7],
      [2, 6],
    ]);
    const joined = readyHost(0);
    runAll(joined, CREATE, addVcpu(1, 1), ...rewritten('2,6'), close(1));
    expect(joined.tree.pool.avail).toEqual([[1, 2, 5, 6]]);
  });

  it('"any" takes the lowest of what is there and what the enclave has of that index', () => {
    const host = readyHost(0);
    // slot 1 has core (3,7) at index 0, slot 2 has (2,6) at index 0 of the pool written later
    runAll(host, { kind: 'nitro.write-pool', text: '3,7' }, CREATE, addVcpu(1, 3));
    runAll(host, ...rewritten('2,6'), CREATE, addVcpu(2, 0), addVcpu(2, 0), close(1));
    expect(host.tree.pool.avail).toEqual([[3, 7]]);
    const again = runInPlace(host, addVcpu(2, 0));
    expect(again.facts).toMatchObject({ rc: 0, vcpu: 2, requests: [['VCPU', 2]] });
    expect(again.effects.map(({ kind }) => kind)).toEqual(['take-core']);
    expect(theRecord(host.tree, 2)).toMatchObject({ vcpus: [2, 6] });
    expect(
      theRecord(host.tree, 2)
        .cores.flatMap(({ cpus }) => cpus)
        .sort(),
    ).toEqual([2, 3, 6, 7]);
  });

  it('a thread that joined its own core comes online once', () => {
    const host = readyHost(0);
    // a refused ADD_VCPU leaves the core with the slot, though nothing was donated
    runAll(host, CREATE, addVcpu(1, 1, 2), { kind: 'nitro.unbind' });
    for (const cpu of [1, 5]) run(host, { kind: 'nitro.hotplug', cpu, online: true });
    runAll(host, { kind: 'nitro.write-pool', text: '1,5' }, { kind: 'nitro.bind' }, close(1));
    expect(host.tree.pool.avail[0]).toHaveLength(4);
    const cleared = run(host, { kind: 'nitro.write-pool', text: '' });
    expect(cleared.calls).toEqual({ CPU_ONLINE: 2 });
    expect(host.tree.online).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });
});

describe('pages with two names', () => {
  /** Slot 1 of the permissive hypervisor with one pool page, under its own address and another. */
  function aliased() {
    const host = readyHost(4, { hypervisor: { kind: 'permissive' } });
    run(host, CREATE);
    const [address] = touchedPages(host, 1, 1);
    give(host, 1, 1, address);
    const [phys] = theRecord(host.tree, 1).donated;
    const foreign = { task: 1, address: BASE, pageBytes: PAGE, huge: true, node: 0 };
    run(host, { kind: 'nitro.map-foreign', ...foreign, runs: [[phys, 1]] });
    return { host, address, phys };
  }

  it('are wiped once when the enclave that has them by both ends', () => {
    const { host, address } = aliased();
    expect(give(host, 1, 1, BASE).rc).toBe(0);
    run(host, { kind: 'nitro.unmap', address });
    const { effects } = runInPlace(host, close(1));
    expect(effects.filter(({ kind }) => kind === 'scrub')).toHaveLength(1);
    expect(host.tree.counters.pinned).toBe(0);
    expect(host.memory[0].pools[0].store.freeFrames).toBe(4);
  });

  it('a page given by its foreign name changes no owner, nor does one that fails a check', () => {
    const host = readyHost(4, { hypervisor: { kind: 'permissive' } });
    run(host, CREATE);
    const [address] = touchedPages(host, 1, 1);
    const [phys] = host.tree.mappings.find((one) => one.address === address)?.runs ?? [];
    const foreign = { task: 1, pageBytes: PAGE, node: 0 };
    const map = { kind: 'nitro.map-foreign', ...foreign } as const;
    run(host, { ...map, address: BASE, huge: false, runs: [[phys, 1]] });
    run(host, { ...map, address: BASE + PAGE, huge: true, runs: [[phys, 1]] });
    const given = (at: number) =>
      runInPlace(host, {
        kind: 'nitro.set-memory',
        ...{ slot: 1, task: 1, flags: 0n, address: BigInt(at), bytes: BigInt(PAGE) },
      });
    const small = given(BASE);
    expect([small.facts.rc, small.effects.map(({ kind }) => kind)]).toEqual([
      ...[-263, ['set-counter']],
    ]);
    expect(given(BASE + PAGE).effects.map(({ kind }) => kind)).toEqual([
      ...['add-region', 'set-counter', 'donate', 'set-enclave', 'set-enclave'],
    ]);
  });

  it('a mapping of foreign memory keeps no page for its task', () => {
    const { host, address } = aliased();
    expect(give(host, 1, 1, BASE).rc).toBe(0);
    run(host, { kind: 'nitro.unmap', address });
    run(host, close(1));
    expect(host.memory[0].pools[0].store.freeFrames).toBe(4);
  });
});

describe('a leaked pin', () => {
  it('of a page that is not the task’s leaves the page whose it is', () => {
    const host = readyHost(4, { nodes: 2 });
    run(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 2048, text: '2' });
    run(host, CREATE);
    const address = run(host, { kind: 'nitro.map-page', task: 1, pageKib: 2048 }).address ?? 0;
    run(host, { kind: 'nitro.touch', address, localNode: 1 });
    const mapped = () => [...host.memory[1].pools[0].store.extents()].map(({ owner }) => owner);
    expect(mapped()).toContain(taskOwner(1));
    const leaking = runInPlace(host, {
      kind: 'nitro.set-memory',
      ...{ slot: 1, task: 1, flags: 0n, address: BigInt(address), bytes: BigInt(PAGE) },
    });
    const at = { node: 1, size: 0, handle: expect.any(Number), uid: -1 };
    expect(leaking.effects).toEqual([
      { kind: 'set-counter', name: 'pinned', from: 0, to: 1 },
      { kind: 'give', ...at, from: taskOwner(1), to: LEAKED },
    ]);
    expect(mapped()).toContain(LEAKED);
    expect(host.tree.counters.pinned).toBe(1);
    // a second try finds the page leaked already: one more pin, and nothing to take
    const again = runInPlace(host, {
      kind: 'nitro.set-memory',
      ...{ slot: 1, task: 1, flags: 0n, address: BigInt(address), bytes: BigInt(PAGE) },
    });
    expect(again.effects).toEqual([{ kind: 'set-counter', name: 'pinned', from: 1, to: 2 }]);
  });
});

describe('looking things up', () => {
  it('the region that an address falls into, or the next that begins before an end', () => {
    const regions = [100, 200].map((address) => ({ address, bytes: 50, pages: [] }));
    const at = (address: number, bytes: number) => overlapping(regions, address, bytes)?.address;
    expect([at(99, 1), at(99, 2), at(100, 0), at(149, 1), at(150, 50), at(150, 51)]).toEqual([
      ...[undefined, 100, 100, 100, undefined, 200],
    ]);
    expect([at(250, 9), overlapping([], 1, 9)]).toEqual([undefined, undefined]);
  });

  it('a page is pinned by a region that has it at that address, of another enclave', () => {
    const host = readyHost(4);
    run(host, CREATE);
    const addresses = touchedPages(host, 1, 2);
    const region = { slot: 1, task: 1, flags: 0n, address: BigInt(addresses[0]) };
    run(host, { kind: 'nitro.set-memory', ...region, bytes: BigInt(2 * PAGE) });
    const [{ pages }] = theRecord(host.tree, 1).regions;
    expect(pages).toHaveLength(4);
    const [first, second] = [pages[0], pages[2]];
    expect(isPinned(host, addresses[0], first)).toBe(true);
    expect(isPinned(host, addresses[1], second)).toBe(true);
    expect(isPinned(host, addresses[1], first)).toBe(false);
    expect(isPinned(host, addresses[0] + 4096, first)).toBe(false);
    expect(isPinned(host, addresses[1] + PAGE, second)).toBe(false);
    expect(isPinned(host, addresses[0], first, 1)).toBe(false);
    expect(isPinned(host, addresses[0], first, 2)).toBe(true);
  });

  it('whose a frame is: of a pool only, by its size', () => {
    const host = readyHost(4);
    run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 1_048_576, text: '1' });
    run(host, CREATE);
    const [address] = touchedPages(host, 1, 1);
    give(host, 1, 1, address);
    const frame = theRecord(host.tree, 1).donated[0] / PAGE;
    const [memory] = host.memory;
    expect(poolOwnerAt(memory, frame)).toMatchObject({
      owner: enclaveOwner(1),
      size: 0,
      frames: 1,
    });
    const inLarge = [...memory.pools[1].store.extents()].find(({ owner }) => owner === FREE);
    expect(poolOwnerAt(memory, (inLarge?.start ?? 0) + 1)).toMatchObject({ size: 1, frames: 512 });
    const free = [...memory.base.extents()].find(({ owner }) => owner === FREE)?.start ?? -1;
    expect(poolOwnerAt(memory, free)).toBeUndefined();
    memory.base.allocAt(free, 1, HELD);
    expect(poolOwnerAt(memory, free)).toBeUndefined();
  });

  it('who has a vCPU on a core, and who may have a CPU online', () => {
    const host = readyHost(32);
    const slot = launch(host, 1);
    expect([1, 5, 2, 0].map((cpu) => enclaveOnCore(host, cpu))).toEqual([
      ...[slot, slot, undefined, undefined],
    ]);
    expect(enclaveOnCore(host, 1, slot)).toBeUndefined();
    expect([1, 5, 2].map((cpu) => mayComeOnline(host, cpu))).toEqual([false, false, true]);
    const permissive = readyHost(32, { hypervisor: { kind: 'permissive' } });
    launch(permissive, 1);
    expect([1, 5].map((cpu) => mayComeOnline(permissive, cpu))).toEqual([true, true]);
  });

  it('the last online CPU is that one alone, and no other is', () => {
    const host = nitroHost();
    expect(isLastOnline(host, [1, 0, 0], 0)).toBe(true);
    expect([isLastOnline(host, [1, 1, 0], 0), isLastOnline(host, [1, 0, 0], 1)]).toEqual([
      ...[false, false],
    ]);
    const permissive = nitroHost({ hypervisor: { kind: 'permissive' } });
    expect(isLastOnline(permissive, [1, 0, 0], 0)).toBe(false);
    expect(isLastOnline(host, [0, 0, 0], 0)).toBe(false);
  });
});

describe('pool writes', () => {
  it('a text that is too long undoes the new pool: its CPUs come back, as far as they do', () => {
    const host = nitroHost();
    const text = `${' '.repeat(509)}1,5`;
    const answers = { CPU_ONLINE: { nth: 2, errno: 5 } };
    const failed = run(host, { kind: 'nitro.write-pool', text, answers });
    expect(failed).toMatchObject({ rc: -28, calls: { CPU_OFFLINE: 2, CPU_ONLINE: 2 } });
    expect(host.tree.online).toEqual([1, 1, 1, 1, 1, 0, 1, 1]);
    expect(host.tree.pool).toMatchObject({ avail: [], node: -1 });
  });

  it('the last CPU that the kernel refuses for a reason of its own is told by that', () => {
    const host = nitroHost();
    for (const cpu of [0, 1, 3, 4, 5, 6, 7])
      run(host, { kind: 'nitro.hotplug', cpu, online: false });
    const last = { kind: 'nitro.write-pool', text: '2' } as const;
    expect(run(host, { ...last, answers: { CPU_OFFLINE: { nth: 1, errno: 5 } } }).rc).toBe(-5);
    expect(run(host, last).rc).toBe(-16);
  });

  it('the reason of a refusal is told by the conformance format’s own word', () => {
    const host = nitroHost({ nodes: 2 });
    const why = (text: string) => run(host, { kind: 'nitro.write-pool', text }).why;
    expect(['x', '99', '4294967296', '', '0,4', '4', '1', '1,5,9,13'].map(why)).toEqual([
      ...['parse', 'parse', 'parse', 'empty', 'cpu0', 'cpu0-sibling', 'partial-core'],
      'mixed-nodes',
    ]);
    const nowhere = {
      cores: [[0], [1]],
      nodes: [0, -1].map((id) => ({ id, cpus: [id === 0 ? 0 : 1] })),
    };
    expect(run(hostOf(nowhere), { kind: 'nitro.write-pool', text: '1' }).why).toBe('no-node');
    const answers = { CPU_OFFLINE: { nth: 1, errno: 16 } };
    const kept = run(host, { kind: 'nitro.write-pool', text: '1,5', answers });
    expect(kept).toMatchObject({ why: 'offline-failed', rc: -16 });
    run(host, { kind: 'nitro.write-pool', text: '1,5' });
    run(host, CREATE);
    expect(why('1,5')).toBe('in-use');
    run(host, { kind: 'nitro.unbind' });
    expect(why('9,13')).toBeUndefined();
    expect(recordOf(host.tree, 1)?.listed).toBe(0);
  });
});
