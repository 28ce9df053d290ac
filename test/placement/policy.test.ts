/**
 * Placement on one parent: what a policy is shown, what first fit makes of it, and the launch that a
 * proposal means.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInPlace } from '../../core/host/step.js';
import { firstFit } from '../../core/placement/first-fit.js';
import { PolicyFault } from '../../core/placement/guarded-policy.js';
import { placedLaunch } from '../../core/placement/place.js';
import { hostView, type PlacementPolicy } from '../../core/placement/policy.js';
import { must } from '../invariants/sound-hosts.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';
import { hostShapes, placementAsks } from '../kit/topologies.js';
import { scaledRuns } from '../seed.js';
import { uneven } from './uneven-host.js';

const asks = fc.array(placementAsks(), { minLength: 1, maxLength: 30 });

describe('a policy proposes, the host disposes', () => {
  it('first fit: every proposal is accepted, and nothing that fits is missed', () => {
    fc.assert(
      fc.property(hostShapes(), asks, (shape, list) => {
        const host = vmHost(shape);
        for (const ask of list) {
          const fits = hostView(host).nodes.some(
            ({ freeThreads, freeMib }) => freeThreads >= ask.vcpus && freeMib >= ask.memoryMib,
          );
          const command = placedLaunch(host, firstFit, ask);
          expect(command !== undefined).toBe(fits);
          if (command === undefined) continue;
          const { refusal } = runInPlace(host, command);
          expect(refusal?.rule ?? 'vm-shape').toBe('vm-shape');
        }
      }),
      { numRuns: scaledRuns(50) },
    );
  });

  it('a policy that writes to its view fails loudly', () => {
    const host = vmHost();
    const writes: PlacementPolicy = {
      name: 'writes',
      propose: (view) => {
        Object.assign(view.nodes[0], { freeMib: 1 });
        return undefined;
      },
    };
    const asked = () => placedLaunch(host, writes, { vcpus: 2, memoryMib: 128 });
    expect(asked).toThrow(PolicyFault);
    expect(asked).toThrow(expect.objectContaining({ cause: expect.any(TypeError) }));
  });

  it('a view shows the pool where there is one, and the parent where there is none', () => {
    const host = qingtianHost();
    expect(hostView(host).nodes.map(({ freeMib }) => freeMib)).toEqual([2048, 2048]);
    const conf = { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 4 };
    runInPlace(host, { kind: 'qingtian.reserve', conf });
    expect(hostView(host).nodes[0]).toEqual({
      node: 0,
      freeThreads: 4,
      freeMib: 512,
      largestRunMib: 512,
      pageKib: 2048,
    });
    expect(hostView(host).nodes[1]).toMatchObject({ freeThreads: 0, freeMib: 0 });
    expect(hostView(nitroHost()).platform).toBe('nitro');
  });

  it('a proposal is a launch of what was asked on the node proposed; none is no launch', () => {
    const host = vmHost();
    const ask = { vcpus: 3, memoryMib: 300 };
    const onSecond: PlacementPolicy = { name: 'second', propose: ({ nodes }) => nodes[1] };
    expect(placedLaunch(host, onSecond, ask)).toEqual({
      kind: 'vm.launch',
      vcpus: 3,
      memoryMib: 300,
      nodes: 1,
      on: [1],
    });
    const nowhere: PlacementPolicy = { name: 'nowhere', propose: () => undefined };
    expect(placedLaunch(host, nowhere, ask)).toBeUndefined();
  });

  // Found bug: told as "Cannot read properties of null", or as nodes "" that are not different ones.
  it.each<readonly [unknown, string]>([
    [null, 'null, where nowhere is `undefined`'],
    [3, 'a number'],
    [Promise.resolve({ node: 0 }), 'a promise; a policy answers at once'],
    [{}, 'an object without a number as its `node`'],
    [{ nodes: [0] }, 'an object without a number as its `node`'],
    [{ node: '1' }, 'an object without a number as its `node`'],
    [{ node: Number.NaN }, '`node: NaN` (the host has nodes 0, 1)'],
    [{ node: 0.5 }, '`node: 0.5` (the host has nodes 0, 1)'],
  ])('an answer that is no proposal is told with the ask: %j', (answer, words) => {
    const mine: PlacementPolicy = { name: 'mine', propose: () => answer as { node: number } };
    const asked = () => placedLaunch(vmHost(), mine, { vcpus: 1, memoryMib: 300 });
    expect(asked).toThrow(PolicyFault);
    expect(asked).toThrow(
      expect.objectContaining({
        message: `propose of "mine" returned ${words} for an ask of 1 vCPU, 300 MiB`,
      }),
    );
  });

  it('what comes of a promise that was answered troubles nobody', () => {
    const late = async () => {
      throw new Error('late');
    };
    const mine = { name: 'mine', propose: late } as unknown as PlacementPolicy;
    const asked = () => placedLaunch(vmHost(), mine, { vcpus: 1, memoryMib: 300 });
    expect(asked).toThrow('a promise; a policy answers at once');
  });

  it('what a policy throws is told with the ask, and is the cause', () => {
    const thrown = new RangeError('no best');
    const throws = () => {
      throw thrown;
    };
    for (const answer of [throws, () => Object.defineProperty({}, 'node', { get: throws })]) {
      const mine = { name: 'mine', propose: answer } as unknown as PlacementPolicy;
      const asked = () => placedLaunch(vmHost(), mine, { vcpus: 2, memoryMib: 64 });
      expect(asked).toThrow('propose of "mine" threw "no best" for an ask of 2 vCPUs, 64 MiB');
      expect(asked).toThrow(expect.objectContaining({ name: 'PolicyFault', cause: thrown }));
    }
  });
});

/** Free threads and MiB of two nodes; the ask; the node that first fit takes. */
const FIRST: readonly (readonly [string, Pairs, readonly [number, number], number | undefined])[] =
  [
    [
      'the first of two that have it',
      [
        [4, 512],
        [4, 512],
      ],
      [4, 512],
      10,
    ],
    [
      'the second when the first lacks a thread',
      [
        [3, 512],
        [4, 512],
      ],
      [4, 512],
      20,
    ],
    [
      'the second when the first lacks a MiB',
      [
        [4, 511],
        [4, 512],
      ],
      [4, 512],
      20,
    ],
    [
      'none when one has the threads and the other the memory',
      [
        [4, 0],
        [0, 512],
      ],
      [4, 512],
      undefined,
    ],
  ];

type Pairs = readonly (readonly [number, number])[];

describe('first fit', () => {
  it.each(FIRST)('takes %s', (_, free, [vcpus, memoryMib], node) => {
    const nodes = free.map(([freeThreads, freeMib], i) => {
      return { node: 10 * (i + 1), freeThreads, freeMib, largestRunMib: freeMib, pageKib: 0 };
    });
    const view = { platform: 'vm', enclaves: 0, nodes };
    const proposal = firstFit.propose(view, { vcpus, memoryMib });
    expect(proposal).toEqual(node === undefined ? undefined : { node });
    expect(firstFit.name).toBe('first-fit');
  });
});

describe('what a policy is shown of a parent', () => {
  it('nodes by id with whole free cores; a core that a VM shares is nobody’s', () => {
    const host = uneven();
    expect(hostView(host)).toEqual({
      platform: 'vm',
      enclaves: 0,
      nodes: [
        { node: 1, freeThreads: 3, freeMib: 1024, largestRunMib: 1024, pageKib: 0 },
        { node: 5, freeThreads: 2, freeMib: 2048, largestRunMib: 2048, pageKib: 0 },
      ],
    });
    must(host, { kind: 'vm.launch', vcpus: 1, memoryMib: 256, nodes: 1, on: [5] });
    expect(hostView(host)).toMatchObject({ enclaves: 1, nodes: [{}, { freeThreads: 0 }] });
    // Both threads of core 0 are taken, CPU 4 is a core by itself.
    must(host, { kind: 'vm.launch', vcpus: 2, memoryMib: 256, nodes: 1, on: [1] });
    expect(hostView(host)).toMatchObject({ enclaves: 2, nodes: [{ freeThreads: 1 }, {}] });
  });

  it('free memory and its longest run, in MiB, where memory lies in pieces', () => {
    const host = vmHost({ nodes: 1, memoryMibPerNode: 1024 });
    const uid = must(host, { kind: 'vm.launch', vcpus: 1, memoryMib: 256, nodes: 1 }).facts.uid;
    must(host, { kind: 'vm.launch', vcpus: 1, memoryMib: 128, nodes: 1 });
    must(host, { kind: 'vm.terminate', uid: uid ?? -1 });
    const [node] = hostView(host).nodes;
    expect([node.freeMib, node.largestRunMib, node.pageKib]).toEqual([896, 640, 0]);
  });

  it('before a pool is set: cores all online in the parent, never that of CPU 0', () => {
    const host = qingtianHost();
    expect(hostView(host).nodes.map(({ freeThreads }) => freeThreads)).toEqual([6, 8]);
    must(host, { kind: 'parent.set-online', cpu: 1, online: false });
    // Its core has another thread, online, which is no whole core.
    expect(hostView(host).nodes.map(({ freeThreads }) => freeThreads)).toEqual([4, 8]);
  });

  it('pools of one page size and of two: what is free in all, the longest run of any', () => {
    const host = nitroHost({ nodes: 1, pageSizesKib: [2048, 65_536] });
    const write = { kind: 'nitro.write-hugepages', node: 0 } as const;
    must(host, { ...write, pageKib: 2048, text: '5' });
    const small = { freeMib: 10, largestRunMib: 10, pageKib: 2048 };
    expect(hostView(host).nodes[0]).toMatchObject(small);
    must(host, { ...write, pageKib: 65_536, text: '2' });
    const both = { freeMib: 138, largestRunMib: 128, pageKib: 0 };
    expect(hostView(host).nodes[0]).toMatchObject(both);
  });

  it('a node without pages has nothing once any node of the parent has some', () => {
    const host = nitroHost({ pageSizesKib: [2048, 65_536] });
    const bare = { freeMib: 2048, largestRunMib: 2048, pageKib: 0 };
    expect(hostView(host).nodes).toMatchObject([bare, bare]);
    must(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 65_536, text: '1' });
    const nothing = { freeMib: 0, largestRunMib: 0, pageKib: 0 };
    const page = { freeMib: 64, largestRunMib: 64, pageKib: 65_536 };
    expect(hostView(host).nodes).toMatchObject([nothing, page]);
  });

  it('is frozen in all its parts', () => {
    const view = hostView(vmHost());
    expect([view, view.nodes, view.nodes[0]].every(Object.isFrozen)).toBe(true);
  });
});
