/**
 * Derived facts of Nitro: each number is reached by the reservation script and nitro-cli, and one
 * step more is refused.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runProgram } from '../../core/host/program.js';
import { derivedLines } from '../../core/platform/derived.js';
import {
  derivedFacts,
  largestImageBytes,
  MEMORY_PER_IMAGE,
  mostOf,
  parentKeepsAtLeast,
} from '../../core/platform/nitro/derived.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { nitroSurface } from '../../scenarios/run/nitro-surface.js';
import { scaledRuns } from '../seed.js';

interface Parent {
  readonly cores: number;
  readonly threadsPerCore: 1 | 2;
  readonly memoryMib: readonly number[];
  readonly offline?: number;
}

/** `cores` on each node, siblings numbered side by side. */
function parentOf({ cores, threadsPerCore, memoryMib, offline }: Parent, profile = nitroProfile()) {
  const perNode = cores * threadsPerCore;
  const cpus = (node: number) => Array.from({ length: perNode }, (_, i) => node * perNode + i);
  const all = Array.from({ length: cores * memoryMib.length }, (_, core) =>
    Array.from({ length: threadsPerCore }, (_, thread) => core * threadsPerCore + thread),
  );
  const described = describeHost({
    profile,
    topology: {
      cores: all,
      nodes: memoryMib.map((_, id) => ({ id, cpus: cpus(id) })),
      offline: offline === undefined ? [] : [offline],
    },
    memoryMib,
  });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  return described.host;
}

/** Two cores of one thread on one node, with pages of these sizes in KiB. */
function hostOfPages(pageSizesKib: readonly number[], memoryMib: number): Host {
  const described = describeHost({
    profile: nitroProfile(),
    topology: { cores: [[0], [1]], nodes: [{ id: 0, cpus: [0, 1] }], pageSizesKib },
    memoryMib: [memoryMib],
  });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  return described.host;
}

interface Asked {
  readonly count: number;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly imageBytes?: number;
}

/** Enclaves of one shape that run after a reservation made for just them, on a fresh parent. */
function running(host: Host, { count, vcpus, memoryMib, imageBytes = 1 }: Asked): number {
  const surface = nitroSurface();
  const pool = { memory: memoryMib * count, cpuCount: vcpus * count };
  runProgram(host, surface.reserve(host, pool));
  const image = { bytes: imageBytes, sections: [], os: 'linux', kind: 'eif' } as const;
  const ask = { image, vcpus, memoryMib, debug: false, heartbeat: true, together: false };
  return Array.from({ length: count }).filter(
    (_, i) => runProgram(host, surface.launch(host, { ...ask, name: `e${i}` })).ok,
  ).length;
}

const parents = fc.record({
  cores: fc.integer({ min: 1, max: 6 }),
  threadsPerCore: fc.constantFrom(1 as const, 2 as const),
  memoryMib: fc.array(fc.constantFrom(0, 62, 64, 127, 128, 200, 300), {
    minLength: 1,
    maxLength: 2,
  }),
});
const someMemory = parents.filter(({ memoryMib }) => memoryMib.some((mib) => mib > 0));

describe('Nitro derived facts', () => {
  it('N22 holds: the most enclaves a parent holds can be had, and not one more', () => {
    fc.assert(
      fc.property(someMemory, (parent) => {
        const { enclaves } = mostOf(parentOf(parent));
        const asked = { vcpus: parent.threadsPerCore, memoryMib: 64 };
        const run = (count: number) => running(parentOf(parent), { ...asked, count });
        if (enclaves > 0) expect(run(enclaves)).toBe(enclaves);
        expect(run(enclaves + 1)).toBeLessThan(enclaves + 1);
      }),
      { numRuns: scaledRuns(60) },
    );
  });

  it('N11 holds: one enclave can have all vCPUs or all memory counted, and not one step more', () => {
    fc.assert(
      fc.property(someMemory, (parent) => {
        const { enclaves, vcpus, memoryMib } = mostOf(parentOf(parent));
        fc.pre(enclaves > 0);
        const { threadsPerCore } = parent;
        const run = (cpus: number, mib: number) =>
          running(parentOf(parent), { count: 1, vcpus: cpus, memoryMib: mib });
        expect([run(threadsPerCore, 64), run(threadsPerCore, 62)]).toEqual([1, 0]);
        expect([run(vcpus, 64), run(vcpus + threadsPerCore, 64)]).toEqual([1, 0]);
        expect([run(threadsPerCore, memoryMib), run(threadsPerCore, memoryMib + 2)]).toEqual([
          1, 0,
        ]);
      }),
      { numRuns: scaledRuns(40) },
    );
  });

  it('N11 refused: an image one byte above its quarter of the memory', () => {
    const parent: Parent = { cores: 2, threadsPerCore: 2, memoryMib: [512] };
    for (const memoryMib of [64, 300]) {
      const bytes = largestImageBytes(memoryMib);
      expect(bytes * MEMORY_PER_IMAGE).toBe(memoryMib * 2 ** 20);
      const run = (imageBytes: number) =>
        running(parentOf(parent), { count: 1, vcpus: 2, memoryMib, imageBytes });
      expect([run(bytes), run(bytes + 1)]).toEqual([1, 0]);
    }
  });

  it('the largest memory stops at the ranges the hypervisor takes, large pages first', () => {
    const host = parentOf({ cores: 2, threadsPerCore: 1, memoryMib: [3000] });
    const narrow = (maxRanges: number): Host => ({
      ...host,
      hypervisor: { ...host.hypervisor, maxRanges },
    });
    expect(mostOf(narrow(65_536)).memoryMib).toBe(3000);
    expect(mostOf(narrow(3)).memoryMib).toBe(2 * 1024 + 2);
    expect(mostOf(narrow(1)).memoryMib).toBe(1024);
  });

  it('the hypervisor’s number of enclaves bounds theirs, unless it is permissive', () => {
    const host = parentOf({ cores: 6, threadsPerCore: 1, memoryMib: [1024] });
    const under = (kind: Host['hypervisor']['kind']) =>
      mostOf({ ...host, hypervisor: { ...host.hypervisor, kind } }).enclaves;
    expect([under('isolating'), under('permissive')]).toEqual([4, 5]);
  });

  it('where no enclave fits, there is nothing to have of anything', () => {
    const nothing = { enclaves: 0, vcpus: 0, memoryMib: 0 };
    expect(mostOf(parentOf({ cores: 1, threadsPerCore: 2, memoryMib: [1024] }))).toEqual(nothing);
    expect(mostOf(parentOf({ cores: 4, threadsPerCore: 2, memoryMib: [62] }))).toEqual(nothing);
  });

  it('pages of three sizes: the smallest says how many enclaves, large ones are filled up by it', () => {
    const MIB = 1024;
    const host = hostOfPages([2 * MIB, 32 * MIB, 1024 * MIB], 1024 + 2 * 32 + 6);
    expect(mostOf(host)).toMatchObject({ memoryMib: 1024 + 2 * 32 + 6, enclaves: 1 });
    const narrow = { ...host, hypervisor: { ...host.hypervisor, maxRanges: 4 } };
    expect(mostOf(narrow).memoryMib).toBe(1024 + 2 * 32 + 2);
  });

  it('pages that are no multiple of 2 MiB count for nothing', () => {
    expect(mostOf(hostOfPages([64, 2048], 256))).toMatchObject({ enclaves: 1, memoryMib: 256 });
    expect(mostOf(hostOfPages([64], 256))).toEqual({ enclaves: 0, vcpus: 0, memoryMib: 0 });
  });

  it('the smallest core says how many vCPUs an enclave must take', () => {
    const described = describeHost({
      profile: nitroProfile(),
      topology: { cores: [[0], [1, 2]], nodes: [{ id: 0, cpus: [0, 1, 2] }] },
      memoryMib: [1024],
    });
    if ('problems' in described) throw new Error(JSON.stringify(described.problems));
    expect(derivedLines(derivedFacts(described.host))[1]).toMatch(/^1 to 2 vCPUs per enclave/);
  });

  it('N24 holds: what the parent keeps is CPU 0’s core and every other node', () => {
    expect(parentKeepsAtLeast(parentOf({ cores: 3, threadsPerCore: 2, memoryMib: [64] }))).toBe(2);
    const two: Parent = { cores: 3, threadsPerCore: 2, memoryMib: [64, 64] };
    expect(parentKeepsAtLeast(parentOf(two))).toBe(6);
    // A sibling that is offline keeps its core out of the count.
    expect(parentKeepsAtLeast(parentOf({ ...two, offline: 7 }))).toBe(7);
  });

  it('says it in words, says that nothing fits, and says that plain VMs have no such facts', () => {
    const host = parentOf({ cores: 4, threadsPerCore: 2, memoryMib: [1024] });
    expect(derivedLines(derivedFacts(host))).toEqual([
      'at most 3 enclaves at once, all on one NUMA node',
      '2 to 6 vCPUs per enclave; the parent keeps at least 2',
      '64 MiB to 1 GiB per enclave',
      'image at most 16 MiB in 64 MiB, 256 MiB in 1 GiB',
    ]);
    const tight = parentOf({ cores: 1, threadsPerCore: 2, memoryMib: [1024] });
    expect(derivedLines(derivedFacts(tight))).toEqual(['no enclave fits this parent']);
    const unsupported = describeHost({ profile: nitroProfile(), type: 'm5.large' });
    if ('problems' in unsupported) throw new Error('m5.large is in the catalogue');
    expect(derivedLines(derivedFacts(unsupported.host))[0]).toMatch(/^no enclave: /);
    const plain = parentOf({ cores: 1, threadsPerCore: 2, memoryMib: [1024] }, vmProfile());
    expect(derivedLines(plain.profile.derivedFacts(plain))[0]).toMatch(/^not applicable: /);
  });
});
