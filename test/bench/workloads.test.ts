/** The seeded workloads: the mix that was agreed, and the very streams that the kept figures are of. */
import { createHash } from 'node:crypto';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { ALIGNED, encodeTrace, FREED, PROBE, traceOf } from '../../bench/trace-file.js';
import { enclaveFrames, WORKLOADS, type WorkloadName, workload } from '../../bench/workloads.js';

const GIB = 512;

/** Percent of requests of one size, in MiB. */
const SINGLE: readonly (readonly [mib: number, percent: number])[] = [
  [64, 14],
  [128, 12],
  [256, 13],
  [512, 14],
  [768, 4],
  [1024, 10],
  [2048, 7],
  [3072, 2],
  [4096, 5],
  [6144, 1],
  [8192, 2.5],
  [12_288, 0.5],
  [16_384, 1.2],
  [32_768, 0.6],
  [65_536, 0.4],
  [131_072, 0.2],
  [262_144, 0.1],
];
/** Percent that are uniform between two sizes, both included. */
const UNIFORM = [
  { from: 64, to: 1024, percent: 12 },
  { from: 1024, to: 16_384, percent: 0.5 },
];

/** What comes to one size from the uniform ranges over it. */
function fromRanges(mib: number): number {
  return UNIFORM.filter(({ from, to }) => mib >= from && mib <= to).reduce(
    (sum, { from, to, percent }) => sum + percent / ((to - from) / 2 + 1),
    0,
  );
}

describe('the enclave mix', () => {
  const DRAWS = 4_000_000;
  const counts = new Map<number, number>();
  const random = xoroshiro128plus(7);
  for (let i = 0; i < DRAWS; i++) {
    const mib = 2 * enclaveFrames(random);
    counts.set(mib, (counts.get(mib) ?? 0) + 1);
  }
  const percent = (count: number) => (100 * count) / DRAWS;

  it.each(SINGLE)('%d MiB: %d percent of requests', (mib, listed) => {
    const expected = listed + fromRanges(mib);
    // Four standard deviations of so many draws.
    const error = 4 * Math.sqrt((expected * (100 - expected)) / DRAWS);
    expect(Math.abs(percent(counts.get(mib) ?? 0) - expected)).toBeLessThan(error);
  });

  it.each(UNIFORM)(
    'uniform from $from to $to MiB: $percent percent',
    ({ from, to, percent: listed }) => {
      const single = new Set(SINGLE.map(([mib]) => mib));
      const isOnly = (mib: number) => mib > from && mib < to && !single.has(mib);
      const between = [...counts].filter(([mib]) => isOnly(mib));
      const sizes = Array.from({ length: (to - from) / 2 + 1 }, (_, i) => from + 2 * i);
      const expected = (listed * sizes.filter(isOnly).length) / sizes.length;
      const counted = percent(between.reduce((sum, [, count]) => sum + count, 0));
      expect(Math.abs(counted - expected)).toBeLessThan(4 * Math.sqrt((100 * expected) / DRAWS));
    },
  );

  it('has no other sizes', () => {
    const listed = new Set(SINGLE.map(([mib]) => mib));
    const strangers = [...counts.keys()].filter((mib) => !listed.has(mib) && fromRanges(mib) === 0);
    expect(strangers).toEqual([]);
    const sum = [...SINGLE.map(([, share]) => share), ...UNIFORM.map(({ percent: p }) => p)];
    expect(sum.reduce((all, share) => all + share, 0)).toBeCloseTo(100, 9);
  });
});

describe('a workload', () => {
  const shape = (name: WorkloadName, operations?: number) => {
    const trace = traceOf(workload(name, 1, operations));
    const words = Array.from({ length: trace.operations }, (_, i) => trace.words[2 * i]);
    const sizes = Array.from({ length: trace.operations }, (_, i) => trace.words[2 * i + 1]);
    return { ...trace, words, sizes };
  };

  it.each<[WorkloadName, gib: number, offered: number]>([
    ['a70', 1024, 70],
    ['a90', 1024, 90],
    ['c16g', 16, 90],
    ['d24t', 24 * 1024, 90],
    ['e1t_fine', 1024, 90],
  ])('%s: a node of %d GiB, offered percent: %d', (name, gib, offered) => {
    expect(WORKLOADS[name]).toMatchObject({ kind: 'churn', frames: gib * GIB, offered });
    const { words, sizes, frames } = shape(name, 100_000);
    const held = new Map<number, number>();
    let volume = 0;
    let most = 0;
    for (const [i, word] of words.entries()) {
      const slot = word & 0xffffff;
      if ((word & FREED) !== 0) volume -= held.get(slot) ?? 0;
      else {
        volume += sizes[i];
        held.set(slot, sizes[i]);
      }
      most = Math.max(most, volume);
    }
    expect(frames).toBe(gib * GIB);
    expect(most).toBeLessThanOrEqual((frames * offered) / 100);
    expect(most).toBeGreaterThan((frames * (offered - 1)) / 100);
  });

  it('of 16 GiB asks for 4 GiB at most, the fine one for 1 to 64 frames', () => {
    expect(Math.max(...shape('c16g', 50_000).sizes)).toBe(4 * GIB);
    const fine = shape('e1t_fine', 50_000).sizes.filter((size) => size > 0);
    expect([Math.min(...fine), Math.max(...fine)]).toEqual([1, 64]);
  });

  it('asks 1G alignment for half of the whole GiBs, and for no others', () => {
    const { words, sizes } = shape('a90', 300_000);
    const asked = words.flatMap((word, i) =>
      sizes[i] > 0 ? [{ isWhole: sizes[i] % GIB === 0, isAligned: (word & ALIGNED) !== 0 }] : [],
    );
    const whole = asked.filter(({ isWhole }) => isWhole);
    const aligned = whole.filter(({ isAligned }) => isAligned);
    expect(aligned.length / whole.length).toBeCloseTo(0.5, 2);
    expect(asked.filter(({ isWhole, isAligned }) => isAligned && !isWhole)).toEqual([]);
  });

  it.each<WorkloadName>(['b_mix', 'b_rand'])(
    '%s: half of a full node freed, then 512 probes',
    (name) => {
      const { words, sizes } = shape(name);
      const [asks, frees] = [
        words.filter((word) => (word & (FREED | PROBE)) === 0).length,
        words.filter((word) => (word & FREED) !== 0).length,
      ];
      expect(frees / asks).toBeCloseTo(0.5, name === 'b_mix' ? 2 : 1);
      const probes = words.flatMap((word, i) => ((word & PROBE) !== 0 ? [sizes[i]] : []));
      expect(probes).toEqual(Array.from({ length: 512 }, () => GIB));
    },
  );

  it.each<[WorkloadName, hash: string]>([
    ['a70', 'a88924a9a53602e0'],
    ['a90', '7056b424e23cf43e'],
    ['c16g', '522515734fa5078a'],
    ['d24t', '6624873a41646db5'],
    ['b_mix', '3389dd3ab2ea2741'],
    ['b_rand', 'ec686df5126217f1'],
    ['e1t_fine', '31e1ab0265a3e79e'],
  ])('%s of seed 1 is the very stream that the kept figures are of', (name, hash) => {
    const bytes = encodeTrace(traceOf(workload(name, 1, 20_000)));
    expect(createHash('sha256').update(bytes).digest('hex').slice(0, 16)).toBe(hash);
  });
});
