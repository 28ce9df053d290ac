/** Why a target is not met: every one that is missed has a line, of figures that were measured. */
import { describe, expect, it } from 'vitest';
import type { Measured } from '../../bench/hot-path/measure.js';
import type { Limits } from '../../bench/limits.js';
import { reasonsText, targetsText } from '../../bench/print.js';
import type { Entry, Race } from '../../bench/race.js';
import { type Results, targetsOf } from '../../bench/targets.js';

const spread = (median: number) => {
  return { minimum: median, median, p99: median, p999: median, spread: 0 };
};

function entry(name: string, group: Entry['group'], netNs: number): Entry {
  const shared = { ns: spread(netNs), netNs, netMinimumNs: netNs, operations: 1 };
  return { name, group, ...shared, bytes: 0, bytesPerExtent: 0 };
}

function raced(workload: Race['workload'], ours: number): Race {
  const entries = [
    entry('granule-aware', 'ours', ours),
    entry('best-fit', 'ours', ours),
    entry('npm @thi.ng/malloc', 'npm', 1000),
    entry('npm malloc', 'npm', 210),
    entry('native granule-aware', 'native', 50),
    entry('native best-fit', 'native', 50),
  ];
  return { workload, frames: 512, seeds: [1], operations: 1, rounds: 1, floorNs: 1, entries };
}

const hotPath: Measured[] = [
  ['snapshot, 24 TiB', 90_000],
  ['a bare copy into fresh memory, 24 TiB', 80_000],
  ['a bare copy of as many bytes, 24 TiB', 20_000],
  ['launch + terminate, in place', 1200],
  ['launch + terminate, a bare loop', 300],
].map(([name, ns]) => ({ name: String(name), ns: spread(Number(ns)) }));

const counted = (name: string, instructions: number) => {
  return { name, instructions, jumps: 9, checks: 7, distinct: 5 };
};

const limits: Limits = {
  times: [
    {
      name: 'native granule-aware, without inlining',
      netNs: 1,
      netMinimumNs: 1,
      timesNative: 1.35,
    },
  ],
  steps: [
    counted('granule-aware', 900),
    counted('the replay loop alone, JavaScript', 100),
    counted('native granule-aware', 300),
  ],
  growth: [
    { name: 'granule-aware', netMinimumNs: [50, 60], instructions: [900, 700] },
    { name: 'native granule-aware, fastest', netMinimumNs: [50, 55], instructions: undefined },
  ],
  copies: [],
  launch: [{ name: 'decide', instructions: 5000 }],
};

const bare: Results = { races: [raced('a90', 100), raced('d24t', 120)], hotPath };

function reasonOf(results: Results, sentence: RegExp): string | undefined {
  return targetsOf(results).find((target) => sentence.test(target.sentence))?.reason;
}

describe('reasons', () => {
  it('each target that is measured and missed has one, no other has', () => {
    for (const target of targetsOf(bare)) {
      const { value, bound, sense } = target;
      const isMissed = value !== undefined && (sense === 'at-most' ? value > bound : value < bound);
      expect([target.sentence, target.reason !== undefined]).toEqual([target.sentence, isMissed]);
    }
  });

  it.each<[RegExp, RegExp]>([
    [
      /npm packages/,
      /npm malloc takes 210 ns, so the bound asks for 95.5 ns .* takes 100.0 ns, the C twin takes 50.0 ns, so it meets/,
    ],
    [/@thi.ng.*24 TiB/, /asks for 0.3 ns .*so not even it meets/],
    [/^snapshot at 24 TiB, ns/, /20.0 us into memory at hand and 80.0 us into fresh .* 1.13 times/],
    [/launch/, /bare loop .* takes 300 ns .* so 900 ns of 1200/],
    [/1G-aware: times/, /--limits/],
  ])('%s: %s', (sentence, says) => {
    expect(reasonOf(bare, sentence)).toMatch(says);
  });

  it('probes: what is free sets a bound, and of that a share is served', () => {
    const probed = (name: string, probesServed: number): Entry => {
      const counts = { requests: 1, acceptedRequests: 1, requestedFrames: 1, acceptedFrames: 1 };
      const probes = { probes: 512, probesServed, probesBacked: 470 };
      const quality = { ...counts, ...probes, unusable1G: 0, falseRefusals: 0, valid: true };
      return { ...entry(name, 'ours', 1), quality };
    };
    const entries = [probed('granule-aware', 440), probed('best-fit', 400)];
    const races = [raced('a90', 100), { ...raced('b_mix', 1), entries }];
    const results = { ...bare, races };
    expect(reasonOf(results, /probes/)).toMatch(
      /470 of 512 \(0.918\).*0.936 of those.*best-fit serves 0.781 of all/,
    );
    const rival = targetsOf(results).find(({ sentence }) => /probes/.test(sentence))?.rival;
    expect(rival).toEqual({ who: 'free memory in one piece', value: 470 / 512 });
  });

  it('what the limits counted is told where it was counted', () => {
    const full = { ...bare, limits };
    expect(reasonOf(full, /1G-aware: times/)).toMatch(
      /executes 800 .* twin 300 .*3.0 times.* 1.35/,
    );
    expect(reasonOf(full, /24 TiB \/ at 1 TiB/)).toMatch(
      /minima it is 1.20, the twin's 1.10; instructions go from 900 to 700/,
    );
    expect(reasonOf(full, /launch/)).toContain('of 5000 instructions: decide 5000, 0 others 0');
    const text = targetsText(targetsOf(full));
    expect(text).toContain('and why:');
    expect(text).toContain(reasonsText(targetsOf(full)));
  });
});
