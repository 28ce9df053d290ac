/**
 * Effects one by one: what `apply` writes where the platforms' commands seldom lead, that `undo` takes
 * it back, and what a parent that goes down gives back.
 */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { apply } from '../../core/host/apply.js';
import type { Command } from '../../core/host/command.js';
import { coreAt } from '../../core/host/cores.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, SCRUBBED, taskOwner } from '../../core/host/owner.js';
import { putRecord, theRecord } from '../../core/host/records.js';
import { NOTHING_RESERVED, poolRuns, returnPool } from '../../core/host/return-pool.js';
import { applyUndoable, runInPlace, runWhole, step, undo } from '../../core/host/step.js';
import { emptyPool, newEnclave } from '../../core/host/tree.js';
import { FREE } from '../../core/memory/extent-store.js';
import { reservePages } from '../../core/memory/node-memory.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';

/** Applies effects, looks, takes them back and expects the host as it was. */
function thereAndBack(host: Host, effects: readonly Effect[], look: (host: Host) => void): void {
  const state = () => [structuredClone(host.tree), host.memory.map((node) => node.snapshot())];
  const before = state();
  const mark = applyUndoable(host, effects);
  look(host);
  undo(host, mark);
  expect(isDeepStrictEqual(state(), before)).toBe(true);
}

/** Two nodes, a VM with uid 0, three cores of its own and 64 MiB of node 0. */
function oneVm(): Host {
  const host = vmHost();
  runInPlace(host, { kind: 'vm.launch', vcpus: 6, memoryMib: 64, nodes: 1 });
  return host;
}

describe('effects: frames that go back', () => {
  const release = (host: Host, from: number): Effect => {
    const [{ node, size, handle }] = theRecord(host.tree, 0).extents;
    return { kind: 'release', node, size, handle, from, to: FREE, uid: 0 };
  };

  it('released as the enclave left them are noted as dirty, and taken off the list by an undo', () => {
    const host = oneVm();
    host.tree.dirty.push({ node: 1, start: 0, frames: 1, enclave: 7 });
    thereAndBack(host, [release(host, enclaveOwner(0))], ({ tree }) => {
      expect(tree.dirty.slice(1)).toEqual([
        { node: 0, start: 0, frames: 32, enclave: enclaveOwner(0) },
      ]);
      expect(theRecord(tree, 0).extents).toEqual([]);
    });
  });

  it('given away as the enclave left them are noted, too; given by anyone else, they are not', () => {
    const host = oneVm();
    host.tree.dirty.push({ node: 1, start: 0, frames: 1, enclave: 7 });
    const [{ node, size, handle }] = theRecord(host.tree, 0).extents;
    const give = (from: number, to: number): Effect => {
      return { kind: 'give', node, size, handle, from, to, uid: -1 };
    };
    thereAndBack(host, [give(enclaveOwner(0), taskOwner(1))], ({ tree }) => {
      expect(tree.dirty.slice(1)).toEqual([
        { node: 0, start: 0, frames: 32, enclave: enclaveOwner(0) },
      ]);
    });
    // What was a task's already, and goes on from there.
    const on = [give(enclaveOwner(0), taskOwner(1)), give(taskOwner(1), taskOwner(2))];
    thereAndBack(host, on, ({ tree, memory }) => {
      expect(tree.dirty.length).toBe(2);
      expect(memory[0].base.at(handle).owner).toBe(taskOwner(2));
    });
  });

  // Found bug: an effect was believed whose frames they had been, and code that forgets the scrub says
  // `from: SCRUBBED` all the same; so nothing that studies hosts noticed a forgotten scrub.
  it('are dirty by the owner in the store, whatever the effect says', () => {
    const host = oneVm();
    const [{ node, size, handle }] = theRecord(host.tree, 0).extents;
    const to = taskOwner(1);
    const moves: Effect[][] = [
      [{ kind: 'give', node, size, handle, from: SCRUBBED, to, uid: -1 }],
      [release(host, SCRUBBED)],
    ];
    for (const effects of moves) {
      thereAndBack(host, effects, ({ tree }) => {
        expect(tree.dirty).toEqual([{ node: 0, start: 0, frames: 32, enclave: enclaveOwner(0) }]);
      });
    }
  });

  it('released after a scrub are not, and an undo leaves what others left dirty', () => {
    const host = oneVm();
    host.tree.dirty.push({ node: 1, start: 0, frames: 1, enclave: 7 });
    const [{ node, size, handle }] = theRecord(host.tree, 0).extents;
    const scrub: Effect = {
      kind: 'scrub',
      node,
      size,
      handle,
      from: enclaveOwner(0),
      to: SCRUBBED,
      uid: 0,
    };
    thereAndBack(host, [scrub, release(host, SCRUBBED)], ({ tree, memory }) => {
      expect(tree.dirty.length).toBe(1);
      expect(memory[0].base.freeFrames).toBe(1024);
    });
  });
});

describe('effects: cores and vCPUs', () => {
  it('a core that comes back in part stays in part', () => {
    const host = oneVm();
    const [first, second] = coreAt(theRecord(host.tree, 0).cores, 1) ?? [];
    const effect: Effect = { kind: 'return-core', uid: 0, index: 1, cpus: [first] };
    thereAndBack(host, [effect], ({ tree }) => {
      expect(coreAt(theRecord(tree, 0).cores, 1)).toEqual([second]);
      expect(tree.pool.avail[1]).toEqual([first]);
    });
    apply(host, [effect, { ...effect, cpus: [second] }]);
    expect(theRecord(host.tree, 0).cores.map(({ index }) => index)).toEqual([0, 2, 3]);
    expect(host.tree.pool.avail[1]).toEqual([first, second]);
  });

  it('vCPUs stand in ascending order, whenever each came', () => {
    const host = oneVm();
    theRecord(host.tree, 0).vcpus = [];
    const added = (...cpus: readonly number[]) =>
      cpus.map((cpu): Effect => ({ kind: 'add-vcpu', uid: 0, cpu }));
    thereAndBack(host, added(5, 2, 9, 2, 0), ({ tree }) => {
      expect(theRecord(tree, 0).vcpus).toEqual([0, 2, 2, 5, 9]);
    });
  });
});

describe('steps that change nothing, or all at once', () => {
  it('a refused step gives the same host back, and no patches', () => {
    const nothing: Command = { kind: 'vm.launch', vcpus: 0, memoryMib: 0, nodes: 1 };
    const live = vmHost();
    const first = step(live, nothing);
    // A live host goes on and would take what was returned along: so an equal one of its own.
    expect(first.host).not.toBe(live);
    expect(first.host.tree).toEqual(live.tree);
    const stepped = step(first.host, nothing);
    expect(stepped.host).toBe(first.host);
    for (const { decision, patches, inversePatches } of [first, stepped]) {
      expect(decision.refusal).toBeDefined();
      expect([patches, inversePatches]).toEqual([[], []]);
    }
  });

  it('a platform, or a command, without whole effects runs by its steps', () => {
    const [whole, spelled] = [nitroHost(), nitroHost()];
    runWhole(whole, { kind: 'nitro.write-pool', text: '1,9' });
    runInPlace(spelled, { kind: 'nitro.write-pool', text: '1,9' });
    expect(whole.tree).toEqual(spelled.tree);
    const parent = vmHost();
    runWhole(parent, { kind: 'parent.stop' });
    expect(parent.tree.parent).toBe('stopped');
  });
});

describe('a parent that goes down', () => {
  const kinds = (effects: readonly Effect[]) => effects.map(({ kind }) => kind);

  it('has nothing to give back when nothing was taken', () => {
    expect(returnPool(qingtianHost())).toEqual([]);
  });

  it('gets back online what is offline of pool and enclaves, in ascending order', () => {
    const host = qingtianHost();
    const { tree } = host;
    tree.pool = { ...emptyPool(0), avail: [[11, 3], [10]], text: '2-3,10-12' };
    for (const cpu of [2, 3, 10, 11, 12]) tree.online[cpu] = 0;
    tree.online[3] = 1;
    const cores = [
      { index: 1, cpus: [2] },
      { index: 4, cpus: [12] },
    ];
    putRecord(tree, newEnclave({ uid: 0, cores }));
    const [first, second, third, fourth, pool, ...rest] = returnPool(host);
    expect([first, second, third, fourth]).toEqual(
      [2, 10, 11, 12].map((cpu) => ({ kind: 'set-online', cpu, to: 1 })),
    );
    expect(pool).toEqual({
      kind: 'set-pool',
      from: { ...tree.pool, avail: [[11, 3], [2, 10], [], [], [12]] },
      to: emptyPool(0),
    });
    expect(rest).toEqual([]);
    expect(tree.pool.avail).toEqual([[11, 3], [10]]);
  });

  it('gets back every page, in runs as long as they are, and ends the reservation', () => {
    const host = qingtianHost();
    const { store, pageFrames } = host.memory[1].pools[0];
    reservePages(host.memory[1], 0, [0, 8, 16, 8, 24, 4]);
    store.allocAt(2, 2, enclaveOwner(0));
    expect(pageFrames).toBe(1);
    expect(poolRuns(host.memory[1].pools[0])).toEqual([0, 8, 16, 12]);
    host.tree.reservation = { state: 'active', pageKib: 2048, memoryMib: 40 };
    const effects = returnPool(host);
    expect(kinds(effects)).toEqual(['resize-pages', 'set-reservation']);
    expect(effects[0]).toMatchObject({ node: 1, size: 0, runs: [0, 8, 16, 12], grow: false });
    expect(effects[1]).toEqual({
      kind: 'set-reservation',
      from: { state: 'active', pageKib: 2048, memoryMib: 40 },
      to: NOTHING_RESERVED,
    });
  });

  it('says each thing by name, enclaves before the parent', () => {
    const host = oneVm();
    const names = (kind: 'parent.stop' | 'parent.boot' | 'parent.terminate' | 'parent.crash') =>
      runInPlace(host, { kind }).facts.events;
    expect(names('parent.stop')).toEqual([
      { name: 'parent.stopping' },
      { name: 'enclave.terminated', uid: 0, cause: 'parent_stopped' },
      { name: 'parent.stopped' },
    ]);
    expect(names('parent.boot')).toEqual([{ name: 'parent.launched' }]);
    runInPlace(host, { kind: 'vm.launch', vcpus: 1, memoryMib: 2, nodes: 1 });
    expect(names('parent.crash')).toEqual([
      { name: 'enclave.terminated', uid: 1, cause: 'parent_crashed' },
      { name: 'parent.crashed' },
    ]);
    expect(names('parent.terminate')).toEqual([{ name: 'parent.terminated' }]);
  });

  it('terminates while it runs by stopping first', () => {
    const host = oneVm();
    expect(runInPlace(host, { kind: 'parent.terminate' }).facts.events).toEqual([
      { name: 'parent.stopping' },
      { name: 'enclave.terminated', uid: 0, cause: 'parent_stopped' },
      { name: 'parent.stopped' },
      { name: 'parent.terminated' },
    ]);
    expect(host.tree.parent).toBe('terminated');
  });

  it.each([
    ['parent.boot', 'running', 'boot'],
    ['parent.stop', 'stopped', 'stop'],
    ['parent.terminate', 'terminated', 'terminate'],
    ['parent.crash', 'stopped', 'crash'],
  ] as const)('%s of one that is %s is refused, and writes nothing', (kind, from, event) => {
    const host = vmHost();
    host.tree.parent = from;
    const { effects, facts, refusal } = runInPlace(host, { kind });
    expect([effects, facts]).toEqual([[], {}]);
    expect(refusal).toMatchObject({
      layer: 'parent',
      codes: [],
      rule: 'lifecycle',
      message: `a parent VM that is ${from} cannot ${event}`,
      numbers: { from, event },
    });
  });
});
