/** Plain VMs: what fits where, what is refused and why, and that an end returns everything. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { decide, runInPlace } from '../../core/host/step.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { runsFor } from '../../core/platform/vm/capacity.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { type SmallHost, vmHost } from '../kit/hosts.js';

type Launch = Extract<Command, { readonly kind: 'vm.launch' }>;

/** Two nodes of 4 threads and 100 MiB, frames of 2 MiB. */
const SMALL: SmallHost = { coresPerNode: 2, memoryMibPerNode: 100 };

function launch(host: Host, request: Partial<Launch>) {
  return runInPlace(host, { kind: 'vm.launch', vcpus: 1, memoryMib: 2, nodes: 1, ...request });
}

const BOUNDS: readonly (readonly [string, Partial<Launch>, string | undefined])[] = [
  ['no vCPU', { vcpus: 0 }, 'vm-shape'],
  ['one vCPU', { vcpus: 1 }, undefined],
  ['no memory', { memoryMib: 0 }, 'vm-shape'],
  ['one MiB', { memoryMib: 1 }, undefined],
  ['half a vCPU', { vcpus: 1.5 }, 'vm-shape'],
  ['no node', { nodes: 0 }, 'vm-shape'],
  ['all threads of a node', { vcpus: 4 }, undefined],
  ['one thread more than a node has', { vcpus: 5 }, 'vm-node-fit'],
  ['all threads of both nodes', { vcpus: 8, nodes: 2 }, undefined],
  ['one thread more than the host has', { vcpus: 9, blind: true }, 'vm-vcpus'],
  ['all threads of the host, blind', { vcpus: 8, blind: true }, undefined],
  ['an odd number over two nodes', { vcpus: 3, nodes: 2 }, 'vm-even-split'],
  ['an odd number over two nodes, blind', { vcpus: 5, nodes: 2, blind: true }, undefined],
  ['all memory of a node', { memoryMib: 100 }, undefined],
  ['one MiB more than a node has', { memoryMib: 101 }, 'vm-node-fit'],
  ['all memory of both nodes', { vcpus: 2, memoryMib: 200, nodes: 2 }, undefined],
  ['all memory of the host, blind', { memoryMib: 200, blind: true }, undefined],
  ['one MiB more than the host has', { memoryMib: 201, blind: true }, 'vm-memory'],
  ['more nodes than the host has', { vcpus: 3, nodes: 3 }, 'vm-nodes'],
  ['a node that is not there', { on: [2] }, 'vm-nodes'],
  ['one node named twice', { vcpus: 2, nodes: 2, on: [1, 1] }, 'vm-nodes'],
  ['the second node', { on: [1] }, undefined],
];

describe('vm: what a launch may ask', () => {
  it.each(BOUNDS)('%s', (_, request, rule) => {
    const host = vmHost(SMALL);
    expect(launch(host, request).refusal?.rule).toBe(rule);
    expect(checkInvariants(host)).toEqual([]);
  });

  it('names the numbers and the remedy of a refusal', () => {
    const { refusal } = launch(vmHost(SMALL), { vcpus: 9, blind: true });
    expect(refusal?.numbers).toEqual({ vcpus: 9, free: 8 });
    expect(refusal?.remedy).not.toBe('');
  });

  it('refuses what no choice of nodes fits though the host has enough (stranded capacity)', () => {
    const host = vmHost(SMALL);
    launch(host, { vcpus: 3, on: [0] });
    launch(host, { vcpus: 3, on: [1] });
    expect(launch(host, { vcpus: 2 }).refusal).toMatchObject({
      rule: 'vm-node-fit',
      message: expect.stringMatching(/^no node fits: free threads 1, 1, free MiB 98, 98$/),
    });
    expect(launch(host, { vcpus: 2, blind: true }).refusal).toBeUndefined();
  });

  it('refuses launches while the host is down, and offers every thread again after a boot', () => {
    const host = vmHost(SMALL);
    launch(host, { vcpus: 4 });
    runInPlace(host, { kind: 'parent.stop' });
    expect(launch(host, {}).refusal?.rule).toBe('vm-host-runs');
    runInPlace(host, { kind: 'parent.boot' });
    expect(launch(host, { vcpus: 8, nodes: 2 }).refusal).toBeUndefined();
  });

  it('a boot takes offline what is online, and nothing else', () => {
    const host = vmHost(SMALL);
    runInPlace(host, { kind: 'parent.stop' });
    host.tree.online = [1, 1, 1, 1, 1, 0, 1, 1];
    const { effects } = decide(host, { kind: 'parent.boot' });
    const taken = effects.flatMap((one) => (one.kind === 'set-online' ? [[one.cpu, one.to]] : []));
    expect(taken.sort()).toEqual([0, 1, 2, 3, 4, 6, 7].map((cpu) => [cpu, 0]));
  });

  it('says what diagnose finds, row by row', () => {
    const host = vmHost(SMALL);
    const command: Launch = { kind: 'vm.launch', vcpus: 9, memoryMib: 300, nodes: 1, blind: true };
    const verdicts = host.profile.diagnose(host, command) ?? [];
    const refusing = verdicts.filter(({ outcome }) => outcome.verdict === 'refuse');
    expect(refusing.map(({ rule }) => rule)).toEqual(['vm-vcpus', 'vm-memory', 'vm-node-fit']);
    expect(verdicts.find(({ rule }) => rule === 'vm-even-split')?.outcome.verdict).toBe(
      'not-applicable',
    );
  });
});

describe('vm: where a VM lies', () => {
  it('splits vCPUs and memory evenly, lowest threads first', () => {
    const host = vmHost(SMALL);
    launch(host, { vcpus: 4, memoryMib: 20, nodes: 2 });
    const [vm] = host.tree.records;
    expect(vm.vcpus).toEqual([0, 1, 2, 3]);
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual([45, 45]);
  });

  it('a blind VM fills the first node and spills into the next', () => {
    const host = vmHost(SMALL);
    launch(host, { vcpus: 5, memoryMib: 120, blind: true });
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual([0, 40]);
    expect(theRecord(host.tree, 0).vcpus).toEqual([0, 1, 2, 4, 5]);
  });

  it('rounds memory up to whole frames', () => {
    const host = vmHost(SMALL);
    launch(host, { memoryMib: 3 });
    expect(theRecord(host.tree, 0).memoryBytes).toBe(4 * 1024 * 1024);
  });

  it('takes as few runs as the free space allows', () => {
    const store = createExtentPool({ tag: 0, frames: 20, granuleFrames: 4 });
    store.allocAt(3, 1, 9);
    store.allocAt(10, 1, 9);
    expect(runsFor(store, 9)).toEqual([11, 9]);
    expect(runsFor(store, 10)).toEqual([11, 9, 4, 1]);
    expect(runsFor(store, 18)).toEqual([11, 9, 4, 6, 0, 3]);
    expect(runsFor(store, 19)).toEqual([]);
  });
});

describe('vm: the end', () => {
  it.each(['vm.terminate', 'vm.crash'] as const)('%s returns threads and frames', (kind) => {
    const host = vmHost(SMALL);
    const empty = { tree: structuredClone(host.tree.pool), free: freeFrames(host) };
    launch(host, { vcpus: 3, memoryMib: 51 });
    expect(freeFrames(host)).not.toEqual(empty.free);
    expect(runInPlace(host, { kind, uid: 0 }).refusal).toBeUndefined();
    expect(host.tree.pool).toEqual(empty.tree);
    expect(freeFrames(host)).toEqual(empty.free);
    expect(host.tree.dirty).toEqual([]);
    expect(runInPlace(host, { kind, uid: 0 }).refusal?.rule).toBe('vm-unknown');
  });
});

describe('vm: options', () => {
  it('has none, and says so', () => {
    const described = describeHost({ profile: vmProfile(), type: 'm5.large', options: { x: 1 } });
    expect('problems' in described && described.problems).toEqual([
      { path: 'options', message: 'vm has no option "x"' },
    ]);
  });
});

describe('vm: against counting', () => {
  it('accepts exactly what counts of free threads and frames allow', () => {
    const request = fc.record({
      vcpus: fc.integer({ min: 1, max: 5 }),
      memoryMib: fc.integer({ min: 1, max: 70 }).map((frames) => 2 * frames),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        const host = vmHost(SMALL);
        const threads = [4, 4];
        const frames = [50, 50];
        const alive: { uid: number; node: number; vcpus: number; frames: number }[] = [];
        for (const { vcpus, memoryMib, ends } of requests) {
          const needed = memoryMib / 2;
          const node = [0, 1].find((n) => threads[n] >= vcpus && frames[n] >= needed);
          const { facts, refusal } = launch(host, { vcpus, memoryMib });
          expect(refusal === undefined).toBe(node !== undefined);
          if (node !== undefined) {
            threads[node] -= vcpus;
            frames[node] -= needed;
            alive.push({ uid: facts.uid ?? -1, node, vcpus, frames: needed });
          }
          const first = ends ? alive.shift() : undefined;
          if (first === undefined) continue;
          runInPlace(host, { kind: 'vm.terminate', uid: first.uid });
          threads[first.node] += first.vcpus;
          frames[first.node] += first.frames;
        }
        expect(freeFrames(host)).toEqual(frames);
      }),
    );
  });
});

function freeFrames({ memory }: Host): number[] {
  return memory.map(({ base }) => base.freeFrames);
}
