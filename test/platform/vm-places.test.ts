/** Which threads, cores and frames a plain VM takes, on hosts where the order of things matters. */
import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { theRecord } from '../../core/host/records.js';
import { applyUndoable, decide, runInPlace, runWhole, undo } from '../../core/host/step.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import { lowestThreads, runsFor } from '../../core/platform/vm/capacity.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { must } from '../invariants/sound-hosts.js';
import { type SmallHost, vmHost } from '../kit/hosts.js';

/** Two nodes of 4 threads and 100 MiB, frames of 2 MiB. */
const SMALL: SmallHost = { coresPerNode: 2, memoryMibPerNode: 100 };
const ONE: CommandOf<'vm.launch'> = { kind: 'vm.launch', vcpus: 1, memoryMib: 2, nodes: 1 };

/** A host of these cores and nodes, 64 MiB each. */
function hostOf(cores: number[][], ...nodes: number[][]): Host {
  const described = describeHost({
    profile: vmProfile(),
    topology: { cores, nodes: nodes.map((cpus, id) => ({ id, cpus })) },
    memoryMib: nodes.map(() => 64),
  });
  if ('problems' in described) throw new Error(described.problems[0]?.message);
  return described.host;
}

const coresOf = (host: Host, uid: number) =>
  theRecord(host.tree, uid).cores.map(({ index, cpus }) => [index, ...cpus]);
const kindsOf = ({ effects }: Decision) => effects.map(({ kind }) => kind);

describe('vm: threads and cores', () => {
  it('the lowest free threads, or all there are', () => {
    const host = vmHost(SMALL);
    must(host, { ...ONE, vcpus: 1 });
    expect(lowestThreads(host, 0, 2)).toEqual([1, 4]);
    expect(lowestThreads(host, 0, 3)).toEqual([1, 4, 5]);
    expect(lowestThreads(host, 0, 99)).toEqual([1, 4, 5]);
    expect(lowestThreads(host, 0, 0)).toEqual([]);
  });

  it('all there are for a count above all, none for one that is below 1', () => {
    const host = vmHost(SMALL);
    for (const many of [4, 4.5, Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(lowestThreads(host, 0, many)).toEqual([0, 1, 4, 5]);
    }
    expect(lowestThreads(host, 0, -3)).toEqual([]);
    expect(lowestThreads(host, 0, 2.5)).toEqual([0, 1, 4]);
  });

  it('none of a core whose list is empty, whichever list that is', () => {
    const host = vmHost(SMALL);
    host.tree.pool.avail[0] = [];
    expect(lowestThreads(host, 0, 4)).toEqual([1, 5]);
  });

  it('none of the other node, whose cores lie between and are numbered past a word of marks', () => {
    const cores = Array.from({ length: 40 }, (_, core) => [core, core + 40]);
    const half = (node: number) => cores.filter((_, core) => core % 2 === node).flat();
    const host = hostOf(cores, half(0), half(1));
    const found = [0, 1].map((node) => lowestThreads(host, node, 99));
    expect(found).toEqual([half(0).sort((a, b) => a - b), half(1).sort((a, b) => a - b)]);
  });

  it('equal hosts have the same lists of whole cores from the start and after an end', () => {
    const one = vmHost(SMALL);
    const { avail } = vmHost(SMALL).tree.pool;
    for (const [core, cpus] of avail.entries()) expect(one.tree.pool.avail[core]).toBe(cpus);
    for (const command of [ONE, { kind: 'vm.terminate', uid: 0 } as const]) must(one, command);
    expect(one.tree.pool.avail[0]).toBe(avail[0]);
  });

  it('both threads of a host that has one core', () => {
    const host = hostOf([[0, 1]], [0, 1]);
    runWhole(host, { ...ONE, vcpus: 2 });
    expect(coresOf(host, 0)).toEqual([[0, 0, 1]]);
  });

  it('the same cores by one effect as spelled out, though one between them is taken', () => {
    const cores = [0, 1, 2, 3].map((core) => [2 * core, 2 * core + 1]);
    for (const run of [runInPlace, runWhole]) {
      const host = hostOf(cores, cores.flat());
      run(host, { ...ONE, vcpus: 2 });
      run(host, { ...ONE, vcpus: 2 });
      run(host, { kind: 'vm.terminate', uid: 0 });
      run(host, { ...ONE, vcpus: 5 });
      expect(coresOf(host, 2)).toEqual([
        [0, 0, 1],
        [2, 4, 5],
        [3, 6],
      ]);
    }
  });

  it('cores of four threads, whole or in part', () => {
    const host = vmHost({ ...SMALL, threadsPerCore: 4, numbering: 'adjacent', nodes: 1 });
    must(host, { ...ONE, vcpus: 7 });
    expect(coresOf(host, 0)).toEqual([
      [0, 0, 1, 2, 3],
      [1, 4, 5, 6],
    ]);
    must(host, ONE);
    expect(coresOf(host, 1)).toEqual([[1, 7]]);
  });

  it('by ascending core, though CPUs are numbered the other way round', () => {
    const host = hostOf(
      [
        [2, 3],
        [0, 1],
      ],
      [0, 1, 2, 3],
    );
    must(host, { ...ONE, vcpus: 3 });
    expect(theRecord(host.tree, 0).vcpus).toEqual([0, 1, 2]);
    expect(coresOf(host, 0)).toEqual([
      [0, 2],
      [1, 0, 1],
    ]);
  });

  it('by ascending core over two nodes that have every second one', () => {
    const host = hostOf(
      [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    );
    must(host, { ...ONE, vcpus: 6, memoryMib: 8, nodes: 2 });
    expect(theRecord(host.tree, 0).vcpus).toEqual([0, 1, 2, 3, 4, 6]);
    expect(coresOf(host, 0)).toEqual([
      [0, 0, 1],
      [1, 2, 3],
      [2, 4],
      [3, 6],
    ]);
  });

  it('none of a node that gives memory alone', () => {
    const host = vmHost(SMALL);
    must(host, { ...ONE, vcpus: 2, memoryMib: 150, blind: true, on: [1, 0] });
    expect(coresOf(host, 0)).toEqual([
      [2, 2],
      [3, 3],
    ]);
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual([25, 0]);
  });
});

describe('vm: frames', () => {
  it('one run by the policy of the store where there is one, else the longest first', () => {
    const store = createExtentPool({ tag: 0, frames: 24, granuleFrames: 4 });
    for (const at of [3, 10, 17]) store.allocAt(at, 1, 9);
    // Free: 0-2, 4-9, 11-16, 18-23.
    const [small] = runsFor(store, 3);
    expect(small).toBe(store.find(3, 1));
    const [middle] = runsFor(store, 5);
    expect(middle).toBe(store.find(5, 1));
    expect(runsFor(store, 8)).toEqual([4, 6, 11, 2]);
    expect(runsFor(store, 21)).toEqual([4, 6, 11, 6, 18, 6, 0, 3]);
    expect(runsFor(store, 0)).toEqual([]);
  });

  it('two nodes with memory, though a lower one has threads only', () => {
    const host = vmHost({ ...SMALL, nodes: 3 });
    must(host, { ...ONE, memoryMib: 96, on: [0] });
    must(host, { ...ONE, vcpus: 2, memoryMib: 40, nodes: 2 });
    expect(theRecord(host.tree, 1).extents.map(({ node }) => node)).toEqual([1, 2]);
  });

  it('a blind VM may name more nodes than there are', () => {
    expect(runInPlace(vmHost(SMALL), { ...ONE, vcpus: 5, nodes: 5, blind: true }).refusal).toBe(
      undefined,
    );
  });

  it.each([
    [{ vcpus: 9 }, ['vm-vcpus', 'vm-node-fit']],
    [{ memoryMib: 300 }, ['vm-memory', 'vm-node-fit']],
  ])('a blind VM that is too large in one thing does not fit: %j', (request, rules) => {
    const host = vmHost(SMALL);
    const verdicts = host.profile.diagnose(host, { ...ONE, ...request, blind: true }) ?? [];
    const refusing = verdicts.filter(({ outcome }) => outcome.verdict === 'refuse');
    expect(refusing.map(({ rule }) => rule)).toEqual(rules);
  });
});

describe('vm: the effects of a life', () => {
  it('spelled out one by one, or one for each launch and end', () => {
    const host = vmHost(SMALL);
    expect(kindsOf(runInPlace(host, { ...ONE, vcpus: 2 }))).toEqual([
      'set-counter',
      'add-enclave',
      'take-core',
      'take-core',
      'claim',
    ]);
    const ended = runInPlace(host, { kind: 'vm.terminate', uid: 0 });
    expect(kindsOf(ended)).toEqual([
      'return-core',
      'return-core',
      'scrub',
      'release',
      'drop-enclave',
    ]);
    expect(kindsOf(runWhole(host, ONE))).toEqual(['admit']);
    expect(kindsOf(runWhole(host, { kind: 'vm.crash', uid: 1 }))).toEqual(['dismiss']);
  });

  it('frames are claimed only where the VM has some', () => {
    const host = vmHost(SMALL);
    must(host, { ...ONE, vcpus: 4, on: [0] });
    const { effects } = runInPlace(host, { ...ONE, vcpus: 1, memoryMib: 10, blind: true });
    const claims = effects.filter(({ kind }) => kind === 'claim');
    expect(claims).toMatchObject([{ node: 0 }]);
  });

  it('a boot can be undone', () => {
    const host = vmHost(SMALL);
    must(host, { ...ONE, vcpus: 3 });
    must(host, { kind: 'parent.stop' });
    applyUndoable(host, [{ kind: 'set-online', cpu: 5, to: 0 }]);
    const before = structuredClone(host.tree);
    const mark = applyUndoable(host, decide(host, { kind: 'parent.boot' }).effects);
    expect(host.tree.parent).toBe('running');
    undo(host, mark);
    expect(host.tree).toEqual(before);
  });
});

/** A record as far as its place goes. */
function placeOf({ tree, memory }: Host, uid: number) {
  const record = tree.records.find((one) => one.uid === uid);
  if (record === undefined) throw new Error(`no VM ${uid}`);
  const { node, vcpus, cores, memoryBytes, request, extents } = record;
  return {
    node,
    vcpus,
    cores: cores.map(({ index, cpus }) => [index, ...cpus]),
    mib: memoryBytes / 1024 ** 2,
    request,
    frames: extents.map((one) => [one.node, memory[one.node].base.at(one.handle).frames]),
  };
}

describe('vm: its place in full', () => {
  it('threads by ascending id, cores whole and in part, over two nodes', () => {
    const host = vmHost(SMALL);
    must(host, { ...ONE, vcpus: 6, memoryMib: 21, nodes: 2 });
    expect(placeOf(host, 0)).toEqual({
      node: -1,
      vcpus: [0, 1, 2, 3, 4, 6],
      cores: [
        [0, 0, 4],
        [1, 1],
        [2, 2, 6],
        [3, 3],
      ],
      // 10.5 MiB a node, in frames of 2 MiB.
      mib: 24,
      request: { vcpus: 6, memoryMib: 21, imageBytes: 0 },
      frames: [
        [0, 6],
        [1, 6],
      ],
    });
    must(host, { ...ONE, vcpus: 1, memoryMib: 3 });
    expect(placeOf(host, 1)).toMatchObject({ node: 0, vcpus: [5], cores: [[1, 5]], mib: 4 });
    must(host, { kind: 'vm.terminate', uid: 0 });
    must(host, { ...ONE, vcpus: 3 });
    expect(placeOf(host, 2)).toMatchObject({
      vcpus: [0, 1, 4],
      cores: [
        [0, 0, 4],
        [1, 1],
      ],
    });
  });

  it('a proposed order of nodes does not change who has what', () => {
    const host = vmHost(SMALL);
    must(host, { ...ONE, vcpus: 2, memoryMib: 8, nodes: 2, on: [1, 0] });
    expect(placeOf(host, 0)).toMatchObject({
      vcpus: [0, 2],
      frames: [
        [0, 2],
        [1, 2],
      ],
    });
  });

  it('of three nodes the lowest two that fit', () => {
    const host = vmHost({ ...SMALL, nodes: 3 });
    must(host, { ...ONE, vcpus: 4, on: [1] });
    must(host, { ...ONE, vcpus: 2, memoryMib: 4, nodes: 2 });
    expect(placeOf(host, 1)).toMatchObject({
      vcpus: [0, 4],
      frames: [
        [0, 1],
        [2, 1],
      ],
    });
  });

  it('blind: threads of one node and memory of another, each where it is free', () => {
    const host = vmHost(SMALL);
    must(host, { ...ONE, vcpus: 4, on: [0] });
    must(host, { ...ONE, vcpus: 3, memoryMib: 98, blind: true });
    expect(placeOf(host, 1)).toMatchObject({
      node: -1,
      vcpus: [2, 3, 6],
      cores: [
        [2, 2, 6],
        [3, 3],
      ],
      mib: 98,
      frames: [[0, 49]],
    });
    must(host, { ...ONE, vcpus: 1, memoryMib: 2, blind: true });
    expect(placeOf(host, 2)).toMatchObject({ node: 1, vcpus: [7], frames: [[1, 1]] });
  });

  it('memory in pieces: the longest first, one extent each', () => {
    const host = vmHost(SMALL);
    for (let i = 0; i < 4; i++) must(host, { ...ONE, memoryMib: 24 });
    for (const uid of [0, 2]) must(host, { kind: 'vm.terminate', uid });
    must(host, { ...ONE, memoryMib: 40 });
    expect(placeOf(host, 4).frames).toEqual([
      [0, 12],
      [0, 8],
    ]);
  });

  it('after a boot all CPUs are for VMs again, were they online or not', () => {
    const host = vmHost(SMALL);
    const { online, pool } = structuredClone(host.tree);
    expect(online).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(pool).toMatchObject({ threadsPerCore: 2, parentCores: 4, node: -1, text: '' });
    must(host, { ...ONE, vcpus: 3 });
    must(host, { kind: 'parent.stop' });
    must(host, { kind: 'parent.boot' });
    expect(host.tree).toMatchObject({ online, pool, records: [] });
  });
});
