/**
 * The QingTian steps: what each takes, and that every way out gives all of it back.
 */

import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner } from '../../core/host/owner.js';
import { theRecord, uidsOf } from '../../core/host/records.js';
import { applyUndoable, decide, runInPlace, undo } from '../../core/host/step.js';
import { launchSteps } from '../../core/platform/qingtian/launch.js';
import { STAGE_RULES, type StageId } from '../../core/platform/qingtian/step-rules.js';
import { requestOf } from '../../scenarios/conform/qingtian.js';
import { hostOf, picture, prepared, SEED, SIXTEEN, take } from './qingtian-hosts.js';

const STAGES = Object.keys(STAGE_RULES) as StageId[];
const ARGS = { cid: 16, cpus: 4, mem: 256 };

function soundMemory(host: Host): void {
  for (const memory of host.memory) expect(memory.verifyIndex()).toEqual([]);
}

/** A picture in which the next enclave id does not count. */
function holdings(host: Host): unknown {
  const { counters, ...tree } = (picture(host) as { tree: Host['tree'] }).tree;
  return { ...(picture(host) as object), tree: { ...tree, pinned: counters.pinned } };
}

describe('QingTian reservation', () => {
  it('Q28 holds: a reservation takes CPUs and pages from the parent, and stopping returns them', () => {
    const host = hostOf();
    const before = picture(host);
    take(host, 'reserve', { hugepage_size: 2, memory_mib: 1024, cpu_count: 4 });
    expect(host.tree.pool).toMatchObject({
      avail: [
        [2, 3],
        [4, 5],
      ],
      text: '2-5',
      threadsPerCore: 2,
    });
    expect(host.tree.online.filter((online) => online === 1)).toHaveLength(12);
    expect(host.memory[0].base.freeFrames).toBe(3584);
    expect(host.memory[0].pools[0].store.freeFrames).toBe(512);
    expect(take(host, 'unreserve').refusal).toBeUndefined();
    expect(picture(host)).toEqual(before);
    soundMemory(host);
  });

  it('Q29 refused: fragmentation with enough bytes free says wanted and got, and takes nothing', () => {
    const nodes = [
      {
        cpus: '0-7',
        memoryMib: 8192,
        freeMib: [
          [0, 512],
          [1024, 1024],
          [3000, 900],
        ],
      },
    ] as const;
    const host = hostOf({ nodes });
    const before = picture(host) as { memory: unknown };
    const { refusal, facts } = take(host, 'reserve', {
      hugepage_size: 1024,
      memory_mib: 2048,
      cpu_count: 2,
    });
    expect(refusal).toMatchObject({ rule: 'pool-contiguity', numbers: { wanted: 2, got: 1 } });
    expect(facts.events?.[0]).toEqual({
      name: 'pool.reserve.partial',
      detail: { wanted: 2, got: 1 },
    });
    expect((picture(host) as { memory: unknown }).memory).toEqual(before.memory);
    expect(host.tree.online).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(host.tree.reservation.state).toBe('failed');
  });

  it('Q29 holds: a restart sees the memory of the pool it returns first', () => {
    const host = hostOf();
    take(host, 'reserve', { hugepage_size: 2, memory_mib: 7680, cpu_count: 2 });
    const again = { hugepage_size: 1024, memory_mib: 7168, cpu_count: 4 };
    expect(take(host, 'reserve', again).refusal).toBeUndefined();
    expect(host.memory[0].pools[0].store.freeFrames).toBe(0);
    expect(host.memory[0].pools[1].store.freeFrames).toBe(3584);
    expect(host.tree.pool.text).toBe('2-5');
    soundMemory(host);
  });

  it('Q23 holds: a pool on many nodes takes equal shares, as far as each node has them', () => {
    const nodes = [
      { cpus: '0-7', memoryMib: 1024 },
      { cpus: '8-15', memoryMib: 8192 },
    ];
    const host = hostOf({ nodes, options: { poolNodes: 'many' } });
    take(host, 'reserve', { hugepage_size: 2, memory_mib: 4096, cpu_list: '2-3,8-9' });
    const free = host.memory.map((memory) => memory.pools[0].store.freeFrames * 2);
    expect(free).toEqual([1024, 3072]);
    soundMemory(host);
  });
});

describe('QingTian launch', () => {
  it('Q01 Q07 Q26 holds: a running enclave owns whole cores and pages nobody else has', () => {
    const host = prepared();
    take(host, 'launch', ARGS);
    const enclave = theRecord(host.tree, 0);
    expect(enclave).toMatchObject({
      state: 'running',
      cores: [
        { index: 0, cpus: [2, 3] },
        { index: 1, cpus: [4, 5] },
      ],
      vcpus: [2, 3, 4, 5],
      memoryBytes: 268_435_456,
      donated: [0, 268_435_456],
    });
    expect(host.tree.pool.avail.slice(0, 3)).toEqual([[], [], [6, 7]]);
    const [extent] = enclave.extents;
    expect(host.memory[0].pools[0].store.at(extent.handle)).toMatchObject({
      frames: 128,
      owner: enclaveOwner(0),
    });
    soundMemory(host);
  });

  it('Q01 Q07 refused: a second enclave gets neither the cores nor the pages of the first', () => {
    const host = prepared();
    take(host, 'launch', { ...ARGS, cpus: 12 });
    expect(take(host, 'launch', { ...ARGS, cid: 17 }).refusal?.rule).toBe('pool-cpus');
  });

  it('Q32 holds: a crash returns everything, scrubbed, and only a new start brings it back', () => {
    const host = prepared();
    const before = holdings(host);
    take(host, 'launch', ARGS);
    const { effects, facts } = take(host, 'crash', { uid: 0 });
    expect(facts.events?.map(({ name }) => name)).toContain('operator.action_required');
    const kinds = effects.map(({ kind }) => kind);
    expect(kinds.indexOf('scrub')).toBeLessThan(kinds.indexOf('release'));
    expect(host.tree.dirty).toEqual([]);
    expect(holdings(host)).toEqual(before);
    expect(take(host, 'launch', ARGS).facts.uid).toBe(1);
  });

  it('Q32 refused: no step continues an enclave that crashed', () => {
    const host = prepared();
    take(host, 'launch', ARGS);
    take(host, 'crash', { uid: 0 });
    for (const op of [
      'map',
      'add-memory',
      'load-image',
      'add-cpu',
      'start',
      'heartbeat',
      'crash',
    ]) {
      expect(take(host, op, { uid: 0 }).refusal?.rule).toBe('lifecycle');
    }
  });

  it.each(STAGES)('N12 refused: a failing step %s returns all that was taken', (failing) => {
    const host = prepared();
    const before = holdings(host);
    const { refusal } = take(host, 'launch', { ...ARGS, failing });
    expect(refusal?.rule).toBe(`step-${failing}`);
    expect(holdings(host)).toEqual(before);
    soundMemory(host);
  });

  it('N12 holds: every step of a launch and its undo are exact', () => {
    const host = prepared();
    const steps = launchSteps(requestOf(SEED, ARGS));
    let turn = steps.next();
    let taken = 0;
    while (turn.done !== true) {
      const before = picture(host);
      const bytes = host.memory[0].snapshot();
      const decision = decide(host, turn.value);
      const mark = applyUndoable(host, decision.effects);
      undo(host, mark);
      expect(picture(host)).toEqual(before);
      expect(host.memory[0].snapshot()).toEqual(bytes);
      turn = steps.next({ decision: runInPlace(host, turn.value) });
      taken++;
    }
    expect(taken).toBe(7);
    expect(turn.value.last.facts.events?.at(-1)).toEqual({ name: 'enclave.running', uid: 0 });
  });

  it('Q29 holds: scattered pages become several extents, given back last first', () => {
    const nodes = [
      {
        cpus: '0-15',
        memoryMib: 8192,
        freeMib: [
          [0, 200],
          [1000, 200],
          [2000, 2000],
        ],
      },
    ] as const;
    const host = hostOf({ nodes });
    take(host, 'reserve', { hugepage_size: 2, memory_mib: 440, cpu_count: 4 });
    const before = holdings(host);
    take(host, 'launch', { ...ARGS, mem: 420 });
    expect(theRecord(host.tree, 0).extents).toHaveLength(3);
    expect(theRecord(host.tree, 0).donated).toEqual(
      [0, 200, 1000, 200, 2000, 20].map((mib) => mib * 1_048_576),
    );
    take(host, 'stop', { uid: 0 });
    expect(holdings(host)).toEqual(before);
    soundMemory(host);
  });

  it('N22 holds: two enclaves of different shapes run side by side', () => {
    const host = prepared();
    take(host, 'launch', { cid: 16, cpus: 2, mem: 128 });
    take(host, 'launch', { cid: 17, cpus: 6, mem: 512, debug: true });
    expect(uidsOf(host.tree)).toEqual([1, 0]);
    expect(theRecord(host.tree, 1).vcpus).toEqual([4, 5, 6, 7, 8, 9]);
  });
});

describe('QingTian parent VM', () => {
  it.each([
    ['parent.stop', 'stopped', 'parent_stopped'],
    ['parent.terminate', 'terminated', 'parent_stopped'],
    ['parent.crash', 'stopped', 'parent_crashed'],
  ] as const)('Q27 holds: %s ends each enclave before the parent', (op, state, cause) => {
    const host = prepared();
    const fresh = picture(hostOf()) as { memory: unknown };
    take(host, 'launch', { cid: 16, cpus: 2, mem: 128 });
    take(host, 'launch', { cid: 17, cpus: 4, mem: 256 });
    take(host, 'define', { cid: 18, cpus: 2, mem: 128 });
    const { effects, facts } = take(host, op);
    const ended = facts.events?.filter(({ name }) => name === 'enclave.terminated');
    expect(ended).toEqual([
      { name: 'enclave.terminated', uid: 1, cause },
      { name: 'enclave.terminated', uid: 0, cause },
    ]);
    const last = effects.at(-1);
    expect(last).toMatchObject({ kind: 'set-parent', to: state });
    expect(host.tree).toMatchObject({ parent: state, records: [], dirty: [] });
    expect(host.tree.reservation.state).toBe('inactive');
    expect((picture(host) as { memory: unknown }).memory).toEqual(fresh.memory);
    soundMemory(host);
  });

  it('Q27 refused: nothing starts or is reserved while the parent is down', () => {
    const host = hostOf();
    take(host, 'parent.stop');
    const conf = { hugepage_size: 2, memory_mib: 256, cpu_count: 2 };
    expect(take(host, 'reserve', conf).refusal?.rule).toBe('parent-running');
    expect(take(host, 'launch', ARGS).refusal?.rule).toBe('parent-running');
    expect(host.tree.reservation.state).toBe('inactive');
  });

  it('Q27 holds: undo takes a stopped parent back with all its enclaves', () => {
    const host = prepared(SIXTEEN);
    take(host, 'launch', ARGS);
    take(host, 'define', { ...ARGS, cid: 17 });
    const before = picture(host);
    const bytes = host.memory[0].snapshot();
    const decision = decide(host, { kind: 'parent.stop' });
    undo(host, applyUndoable(host, decision.effects));
    expect(picture(host)).toEqual(before);
    expect(host.memory[0].snapshot()).toEqual(bytes);
  });
});
