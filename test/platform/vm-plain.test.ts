/**
 * The quick way of a plain VM against the slow one: the lowest threads with their cores on hosts whose
 * CPUs are numbered in any way, and the launch that is found without a walk over the rows.
 *
 * The naive twin asks each CPU by itself and every row by its verdict.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace, runWhole } from '../../core/host/step.js';
import { coresOfLowest, countFreeThreads, lowestOn } from '../../core/platform/vm/capacity.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { plainPart } from '../../core/platform/vm/split.js';
import { type SmallHost, vmHost } from '../kit/hosts.js';
import { scaledRuns } from '../seed.js';

type Launch = CommandOf<'vm.launch'>;

/** Cores of one to four threads, numbered in blocks, side by side or at random; one or two nodes. */
const anyHost = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 40 }),
    order: fc.constantFrom('blocks', 'adjacent', 'random' as const),
    keys: fc.array(fc.nat(), { minLength: 160, maxLength: 160 }),
    nodeOf: fc.array(fc.nat(1), { minLength: 40, maxLength: 40 }),
  })
  .map(({ sizes, order, keys, nodeOf }) => {
    const seats = sizes.flatMap((size, core) =>
      Array.from({ length: size }, (_, thread) => ({ core, thread })),
    );
    if (order === 'blocks') seats.sort((a, b) => a.thread - b.thread || a.core - b.core);
    if (order === 'random') {
      const key = new Map(seats.map((seat, i) => [seat, keys[i]]));
      seats.sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0));
    }
    const cores = sizes.map((_, core) =>
      seats.flatMap((seat, cpu) => (seat.core === core ? [cpu] : [])),
    );
    const on = (id: number) => cores.filter((_, core) => nodeOf[core] === id).flat();
    return hostOf(cores, [on(0), on(1)]);
  });

function hostOf(cores: number[][], nodes: number[][]): Host {
  const described = describeHost({
    profile: vmProfile(),
    topology: { cores, nodes: nodes.map((cpus, id) => ({ id, cpus })) },
    memoryMib: nodes.map(() => 256),
  });
  if ('problems' in described) throw new Error(described.problems[0]?.message);
  return described.host;
}

/** Launches of so many vCPUs, or the end of one that runs. */
const life = fc.oneof(fc.record({ vcpus: fc.integer({ min: 1, max: 9 }) }), fc.nat(20));

function live(host: Host, lives: readonly ({ vcpus: number } | number)[]): void {
  for (const one of lives) {
    const { records } = host.tree;
    if (typeof one !== 'number') {
      runWhole(host, { kind: 'vm.launch', vcpus: one.vcpus, memoryMib: 2, nodes: 1 });
    } else if (records.length > 0) {
      runInPlace(host, { kind: 'vm.terminate', uid: records[one % records.length].uid });
    }
  }
}

function naiveLowest({ topology, tree }: Host, node: number, count: number): number[] {
  const isFree = (cpu: number) => tree.pool.avail.some((cpus) => cpus.includes(cpu));
  return [...topology.nodes[node].cpus]
    .sort((a, b) => a - b)
    .filter(isFree)
    .slice(0, count);
}

function naiveCores({ topology }: Host, threads: readonly number[]) {
  return topology.cores.flatMap((of, index) => {
    const cpus = of.filter((cpu) => threads.includes(cpu));
    return cpus.length === 0 ? [] : [{ index, cpus }];
  });
}

describe('vm: the lowest threads, quick and slow', () => {
  it('are the same with their cores, however CPUs are numbered', () => {
    const seen = { atOnce: 0, gathered: 0 };
    fc.assert(
      fc.property(anyHost, fc.array(life, { maxLength: 12 }), fc.nat(30), (host, lives, count) => {
        live(host, lives);
        for (const node of [0, 1]) {
          const { threads, cores } = lowestOn(host, node, count);
          expect(threads).toEqual(naiveLowest(host, node, count));
          seen[cores === undefined ? 'gathered' : 'atOnce']++;
          expect(cores ?? coresOfLowest(host, threads)).toEqual(naiveCores(host, threads));
          expect(coresOfLowest(host, threads)).toEqual(naiveCores(host, threads));
          expect(countFreeThreads(host, node)).toBe(naiveLowest(host, node, Infinity).length);
        }
      }),
      { numRuns: scaledRuns(300) },
    );
    expect(Math.min(seen.atOnce, seen.gathered)).toBeGreaterThan(scaledRuns(300) / 60);
  });
});

/** Two nodes of 4 threads and 100 MiB, frames of 2 MiB. */
const SMALL: SmallHost = { coresPerNode: 2, memoryMibPerNode: 100 };

const anyLaunch: fc.Arbitrary<Launch> = fc.record({
  kind: fc.constant('vm.launch'),
  vcpus: fc.constantFrom(1, 1, 1, 2, 2, 2, 3, 4, 5, 0, 1.5, Number.NaN),
  memoryMib: fc.constantFrom(2, 2, 2, 3, 3, 5, 5, 60, 100, 102, 0, 0.5, Number.POSITIVE_INFINITY),
  nodes: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2, 0),
  blind: fc.constantFrom(undefined, undefined, undefined, false, false, true),
  on: fc.constantFrom([0], [0], [0], [0], [1], [1], [1], [7], [], [0, 1], undefined),
});

describe('vm: a launch that passes at once', () => {
  it('is none on a host that does not run, though it kept its threads', () => {
    const host = vmHost(SMALL);
    const ask: Launch = { kind: 'vm.launch', vcpus: 1, memoryMib: 2, nodes: 1, on: [0] };
    expect(plainPart(host, ask)).toMatchObject({ threads: [0] });
    host.tree.parent = 'stopped';
    expect(plainPart(host, ask)).toBeUndefined();
    expect(runWhole(host, ask).refusal?.rule).toBe('vm-host-runs');
  });

  it('is none where two nodes are named, though either has room', () => {
    const ask: Launch = { kind: 'vm.launch', vcpus: 1, memoryMib: 2, nodes: 1, on: [0, 1] };
    expect(plainPart(vmHost(SMALL), ask)).toBeUndefined();
    expect(runWhole(vmHost(SMALL), ask).refusal).toBeUndefined();
  });

  it('is one that no row refuses, and every such one of a single node named', () => {
    const seen = { plain: 0, refused: 0 };
    fc.assert(
      fc.property(anyLaunch, fc.array(life, { maxLength: 4 }), fc.nat(9), (ask, lives, down) => {
        const host = vmHost(SMALL);
        live(host, lives);
        if (down === 0) runInPlace(host, { kind: 'parent.stop' });
        const verdicts = host.profile.diagnose(host, ask) ?? [];
        const refuses = verdicts.some(({ outcome }) => outcome.verdict === 'refuse');
        const isSimple = ask.nodes === 1 && ask.blind !== true && ask.on?.length === 1;
        const part = plainPart(host, ask);
        expect(part !== undefined).toBe(isSimple && !refuses);
        if (part !== undefined) {
          seen.plain++;
          expect(part.threads).toEqual(naiveLowest(host, part.node, ask.vcpus));
          expect(part).toMatchObject({ node: ask.on?.[0], frames: Math.ceil(ask.memoryMib / 2) });
        } else if (isSimple) seen.refused++;
      }),
      { numRuns: scaledRuns(600) },
    );
    expect(Math.min(seen.plain, seen.refused)).toBeGreaterThan(scaledRuns(600) / 60);
  });
});
