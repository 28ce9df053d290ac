/** Descriptions of a parent against the memory and CPUs of the host that they give. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeHost, type HostDescription, type MemoryLayout } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { step } from '../../core/host/step.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { FREE } from '../../core/memory/extent-store.js';
import type { PolicyName } from '../../core/memory/free-index.js';
import { HOLE, PARENT } from '../../core/memory/node-memory.js';
import { profileIds } from '../../core/platform/names.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { findProfile } from '../../core/platform/registry.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { buildTopology } from '../../core/topology/topology.js';
import { scaledRuns } from '../seed.js';

const SPEC = {
  cores: [
    [0, 1],
    [2, 3],
    [4, 5],
  ],
  nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4, 5] }],
};
const EIGHT_GIB = { profile: qingtianProfile(), topology: SPEC, memoryMib: [8192] };

const GIB_KIB = 1024 ** 2;

function hostOf(description: HostDescription): Host {
  const described = describeHost(description);
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  return described.host;
}

function problemsOf(description: HostDescription): unknown {
  const described = describeHost(description);
  return 'problems' in described ? described.problems : [];
}

/** [start, length] in MiB of the runs with an owner on the node at a position. */
function runsMib({ memory }: Host, node: number, wanted: number): number[][] {
  return [...memory[node].base.extents()]
    .filter(({ owner }) => owner === wanted)
    .map(({ start, frames }) => [start * 2, frames * 2]);
}

function ownedMib(description: HostDescription): Record<number, number> {
  const mib: Record<number, number> = {};
  for (const { owner, frames } of hostOf(description).memory[0].base.extents()) {
    mib[owner] = (mib[owner] ?? 0) + frames * 2;
  }
  return mib;
}

describe('description: memory', () => {
  it('a fresh x86 parent has its memory around the PCI hole', () => {
    expect(ownedMib(EIGHT_GIB)).toEqual({ [FREE]: 8192, [HOLE]: 1024 });
  });

  it('places for extents are chosen by the policy asked for, in the node and in its page pools', () => {
    const place = (extentPolicy?: PolicyName) => {
      const gib = (count: number) => count * GIB_KIB;
      const free = [
        [0, gib(4)],
        [gib(6), gib(2)],
        [gib(9), gib(1) / 2],
        [gib(10), gib(1)],
      ] as const;
      const layout = { kind: 'explicit', freeKib: [free] } as const;
      const { memory } = hostOf({ ...EIGHT_GIB, extentPolicy, layout, memoryMib: [12_288] });
      const [{ store }] = memory[0].pools;
      store.free(store.covering(0).handle);
      store.allocAt(512, 1, 9);
      store.allocAt(700, 1, 9);
      // 128 frames of 2 MiB, and a whole granule: in GiB; what the pool has below frame 700, in frames.
      const gibOf = (frames: number) => memory[0].base.find(frames, 1) / 512;
      return [gibOf(128), gibOf(512), store.find(100, 1)];
    };
    expect(place('first-fit')).toEqual([0, 0, 0]);
    expect(place('best-fit')).toEqual([9, 10, 513]);
    expect(place('granule-aware')).toEqual(place());
    expect(place()).toEqual([9, 10, 513]);
  });

  it('a policy for extents that there is not is a problem of the description', () => {
    const extentPolicy = 'worst-fit' as PolicyName;
    expect(problemsOf({ ...EIGHT_GIB, extentPolicy })).toEqual([
      {
        path: 'extentPolicy',
        message: 'no policy for extents "worst-fit": known are granule-aware, best-fit, first-fit',
      },
    ]);
  });

  it('an explicit free list leaves the rest of the installed memory, and no more, in use', () => {
    const layout = { kind: 'explicit', freeKib: [[[0, 4096 * 1024]]] } as const;
    expect(ownedMib({ ...EIGHT_GIB, layout })).toEqual({ [FREE]: 4096, [PARENT]: 4096 });
  });

  it('an explicit free list beyond the installed memory is a problem', () => {
    const layout = { kind: 'explicit', freeKib: [[[0, 9216 * 1024]]] } as const;
    expect(describeHost({ ...EIGHT_GIB, layout })).toHaveProperty('problems.length', 1);
  });
});

describe('description: holes', () => {
  const gib = (start: number, length: number) => [start * GIB_KIB, length * GIB_KIB] as const;

  it('given holes are all there are, and lengthen the address line by their size', () => {
    const host = hostOf({ ...EIGHT_GIB, holesKib: [[gib(5, 2), gib(1, 1)]] });
    expect(runsMib(host, 0, HOLE)).toEqual([
      [1024, 1024],
      [5120, 2048],
    ]);
    expect(runsMib(host, 0, FREE)).toEqual([
      [0, 1024],
      [2048, 3072],
      [7168, 4096],
    ]);
    expect(checkInvariants(host)).toEqual([]);
  });

  it('an empty list means none, the PCI hole included', () => {
    expect(ownedMib({ ...EIGHT_GIB, holesKib: [[]] })).toEqual({ [FREE]: 8192 });
  });

  it('a free list counts the addresses of the holes; what is neither is the parent’s', () => {
    const layout = { kind: 'explicit', freeKib: [[gib(2, 2), gib(8, 1)]] } as const;
    const host = hostOf({ ...EIGHT_GIB, layout, holesKib: [[gib(1, 1)]] });
    expect(runsMib(host, 0, HOLE)).toEqual([[1024, 1024]]);
    expect(runsMib(host, 0, PARENT)).toEqual([
      [0, 1024],
      [4096, 4096],
    ]);
  });

  it('a page is never taken across a hole', () => {
    const holesKib = [[[2048, 2048] as const]];
    const host = hostOf({ ...EIGHT_GIB, profile: nitroProfile(), memoryMib: [2046], holesKib });
    const command = {
      kind: 'nitro.write-hugepages',
      node: 0,
      pageKib: GIB_KIB,
      text: '2',
    } as const;
    expect(step(host, command).decision.facts).toMatchObject({ pages: 1 });
  });

  it.each([
    ['that overlap', [gib(1, 2), gib(2, 1)], '0.1', 'overlaps the hole 1 GiB to 3 GiB'],
    ['outside the node', [gib(9, 1)], '0.0', 'end at 9 GiB'],
    ['of half a frame', [[1024, 2048]], '0.0', 'whole frames of 2 MiB'],
    ['of no length', [gib(1, 0)], '0.0', 'empty'],
    ['of half a KiB', [[0.5, 2048]], '0.0', 'whole KiB'],
  ] as const)('holes %s are named', (_, holes, at, words) => {
    expect(problemsOf({ ...EIGHT_GIB, holesKib: [holes] })).toEqual([
      { path: `holesKib.${at}`, message: expect.stringContaining(words) },
    ]);
  });

  it('a host of neither a type nor a topology is named', () => {
    expect(problemsOf({ profile: nitroProfile() })).toEqual([
      { path: 'topology', message: 'give a catalogue type, or a topology with memory per node' },
    ]);
  });

  it('a profile that there is not, as a program without types may pass on, is named', () => {
    // A name that is no literal, as it would come from a file or a flag.
    const profile = findProfile('qingtain') as HostDescription['profile'];
    expect(problemsOf({ ...EIGHT_GIB, profile })).toEqual([
      {
        path: 'profile',
        message: 'there is no such profile',
        suggestion: `findProfile knows ${profileIds().join(', ')}`,
      },
    ]);
    expect(profileIds().join(', ')).toMatch(/^qingtian, .*, nitro, /);
  });

  it('a node of more frames than a store counts is named with the most there can be', () => {
    // 2^31 - 2^15 - 1 frames of 2 MiB.
    const most = 4_294_901_758;
    expect(problemsOf({ ...EIGHT_GIB, memoryMib: [most + 2] })).toEqual([
      {
        path: 'memoryMib.0',
        message: expect.stringMatching(/MiB on a node: at most 4294901758 fit/),
      },
    ]);
  });

  it('lists that do not match the nodes, a free range in a hole, holes of a type are named', () => {
    expect(problemsOf({ ...EIGHT_GIB, holesKib: [] })).toMatchObject([{ path: 'holesKib' }]);
    const layout = { kind: 'explicit', freeKib: [[gib(0, 2)]] } as const;
    expect(problemsOf({ ...EIGHT_GIB, layout, holesKib: [[gib(1, 1)]] })).toEqual([
      {
        path: 'layout.0',
        message: expect.stringContaining('reaches into the hole at 1048576 KiB'),
      },
    ]);
    const ofType = { profile: nitroProfile(), type: 'm5.xlarge', holesKib: [[]] };
    expect(problemsOf(ofType)).toMatchObject([{ path: 'holesKib' }]);
  });

  it('installed memory is conserved, wherever holes lie and however long the parent ran', () => {
    const cuts = fc.uniqueArray(fc.nat({ max: 2048 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(cuts, fc.nat({ max: 30 }), fc.integer(), (unsorted, days, seed) => {
        const at = unsorted.sort((a, b) => a - b);
        const holes = at.flatMap((start, i) =>
          i % 2 === 0 && i + 1 < at.length
            ? [[start * 2048, (at[i + 1] - start) * 2048] as const]
            : [],
        );
        const host = hostOf({
          ...EIGHT_GIB,
          memoryMib: [4096],
          holesKib: [holes],
          layout: { kind: 'uptime', days, seed },
        });
        const sum = (owner: number) =>
          runsMib(host, 0, owner).reduce((mib, [, length]) => mib + length, 0);
        expect(sum(FREE) + sum(PARENT)).toBe(4096);
        expect(runsMib(host, 0, HOLE).flat()).toEqual(
          holes.flatMap(([start, length]) => [start / 1024, length / 1024]),
        );
        expect(host.memory[0].verifyIndex()).toEqual([]);
      }),
      { numRuns: scaledRuns(100) },
    );
  });
});

describe('description: a node without memory', () => {
  const spec = {
    cores: SPEC.cores,
    nodes: [
      { id: 0, cpus: [0, 1] },
      { id: 1, cpus: [2, 3, 4, 5] },
    ],
  };
  const profiles = [qingtianProfile(), nitroProfile(), vmProfile()] as const;

  it.each(profiles)('is a node of CPUs whose memory owns nothing: $id', (profile) => {
    const host = hostOf({ profile, topology: spec, memoryMib: [0, 8192] });
    expect(host.memory[0].base.frames).toBe(0);
    // Firmware and the PCI hole are where memory begins.
    expect(runsMib(host, 1, HOLE)).toEqual([[3072, 1024]]);
    expect(host.parent.memoryMib).toBe(8192);
    expect(checkInvariants(host)).toEqual([]);
    expect(host.memory[0].fork().snapshot()).toEqual(new Uint8Array(0));
  });

  it('gives no page whatever is written to its count file, and says so by success', () => {
    const host = hostOf({ profile: nitroProfile(), topology: spec, memoryMib: [0, 8192] });
    const command = { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '8' } as const;
    expect(step(host, command).decision).toMatchObject({ facts: { pages: 0 }, effects: [] });
  });

  it('can serve no enclave: a pool of its CPUs finds its memory nowhere', () => {
    const options = { poolNodes: 'one' };
    const wide = {
      cores: [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
      nodes: [
        { id: 0, cpus: [0, 1] },
        { id: 1, cpus: [2, 3, 4, 5, 6, 7] },
      ],
    };
    const at = (memoryMib: number[]) =>
      step(hostOf({ profile: qingtianProfile(), topology: wide, memoryMib, options }), {
        kind: 'qingtian.reserve',
        conf: { hugepageSizeMib: 1024, memoryMib: 1024, cpuCount: 4 },
      }).decision.refusal?.rule;
    expect(at([0, 8192])).toBeUndefined();
    expect(at([8192, 0])).toBe('pool-memory-free');
  });

  it('a host without any memory is refused', () => {
    expect(problemsOf({ profile: vmProfile(), topology: spec, memoryMib: [0, 0] })).toEqual([
      { path: 'memoryMib', message: 'no node has memory' },
    ]);
  });
});

describe('description: CPUs', () => {
  it('a built topology describes the same parent as its spec, offline CPUs included', () => {
    const built = buildTopology({ ...SPEC, offline: [3] });
    if ('problems' in built) throw new Error(built.problems[0].message);
    const described = describeHost({ ...EIGHT_GIB, topology: built.topology });
    if ('problems' in described) throw new Error(JSON.stringify(described.problems));
    expect(described.host.tree.online).toEqual([1, 1, 1, 0, 1, 1]);
  });
});

describe('description: found bugs', () => {
  it.each<[string, unknown]>([
    ['layout.kind', { kind: 'nope' }],
    ['layout.days', { kind: 'uptime', days: 1e8, seed: 1 }],
    ['layout.days', { kind: 'uptime', days: Number.NaN, seed: 1 }],
    ['layout.seed', { kind: 'uptime', days: 3 }],
    ['layout.seed', { kind: 'uptime', days: 3, seed: 1.5 }],
    ['layout.freeKib', { kind: 'explicit' }],
    ['layout.freeKib', { kind: 'explicit', freeKib: [] }],
    ['layout.freeKib', { kind: 'explicit', freeKib: [[], [[0, 2048]]] }],
  ])('%s of %j is a problem, not a guessed host or an endless one', (path, layout) => {
    expect(problemsOf({ ...EIGHT_GIB, layout: layout as MemoryLayout })).toMatchObject([
      { path, message: expect.stringMatching(/\w/) },
    ]);
  });

  it('a node larger than a store can be is a problem, not a throw', () => {
    expect(problemsOf({ ...EIGHT_GIB, memoryMib: [2 ** 40] })).toMatchObject([
      { path: 'memoryMib.0', message: expect.stringContaining('at most') },
    ]);
  });
});
