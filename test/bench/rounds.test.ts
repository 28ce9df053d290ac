/** The order of turns, and who replays how much of a trace: what makes times of one race comparable. */
import { describe, expect, it } from 'vitest';
import type { Contestant, Window } from '../../bench/contestant.js';
import { timeHeat, windowOf } from '../../bench/heat.js';
import { singleNs } from '../../bench/replay.js';
import { takeTurns } from '../../bench/rounds.js';
import { traceOf } from '../../bench/trace-file.js';
import { WORKLOADS, type WorkloadName, workload } from '../../bench/workloads.js';

describe('rounds', () => {
  it('everyone takes a turn in each, and whoever began comes last in the next', async () => {
    const seen: string[] = [];
    await takeTurns(['a', 'b', 'c'], { warmUps: 2, counted: 3 }, async (one, round) => {
      seen.push(`${round}${one}`);
    });
    expect(seen.join(' ')).toBe('-2a -2b -2c -1b -1c -1a 0c 0a 0b 1a 1b 1c 2b 2c 2a');
  });

  it('a turn ends before the next begins', async () => {
    let running = 0;
    await takeTurns(['a', 'b'], { warmUps: 0, counted: 2 }, async () => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
    });
    expect(running).toBe(0);
  });
});

describe('a window instead of the whole trace', () => {
  const SLOW = ['npm @thi.ng/malloc', 'word bitmap'];
  const OTHERS = ['granule-aware', 'native granule-aware', 'floor', 'npm malloc', 'sorted array'];
  const spared = (workloadName: WorkloadName, operations = 200_000) => {
    const spec = WORKLOADS[workloadName];
    const frames = spec.kind === 'churn' ? spec.frames : 1024 * 512;
    return [...SLOW, ...OTHERS].filter((name) => windowOf(name, { frames, operations }));
  };

  it('is for the slow on 24 TiB, where a whole replay takes minutes', () => {
    expect(spared('d24t')).toEqual(SLOW);
    expect(windowOf(SLOW[0], { frames: 24 * 1024 * 512, operations: 200_000 })).toEqual({
      from: 26_000,
      operations: 30_000,
    });
    expect(spared('d24t', 30_000)).toEqual([]);
  });

  it.each<WorkloadName>(['a70', 'a90', 'c16g', 'b_mix', 'b_rand', 'e1t_fine'])(
    'is for nobody on %s',
    (name) => {
      expect(spared(name, 1_000_000)).toEqual([]);
    },
  );
});

describe('the times of a heat', () => {
  const said: string[] = [];
  /** Each replay takes one nanosecond an operation more than the last; a floor of its own takes 0.5. */
  const pretended = (name: string, firstNs: number): Contestant => {
    const started = new Map<number, number>();
    const replayNs = async ({ from, operations }: Window) => {
      const replays = started.get(from) ?? 0;
      started.set(from, replays + 1);
      said.push(`${name}${from > 0 ? '*' : ''}`);
      return (firstNs + replays) * (operations - from);
    };
    const shared = { name, load: async () => undefined, replayNs, end: () => undefined };
    if (!name.startsWith('native')) return shared;
    return { ...shared, floorNs: async ({ from, operations }) => 0.5 * (operations - from) };
  };
  const heat = (names: readonly string[], frames: number) => {
    said.length = 0;
    const all = names.map((name) => pretended(name, name.startsWith('npm') ? 30_000 : 10));
    return timeHeat(all, { frames, operations: 100_000 }, 3);
  };

  it('are of three rounds after two that warm up, everyone on the whole trace', async () => {
    const names = ['floor', 'granule-aware', 'npm @thi.ng/malloc', 'native granule-aware'];
    const { whole, part } = await heat(names, 1024 * 512);
    expect(part).toBe(undefined);
    expect(Object.fromEntries(whole.times)).toEqual({
      floor: [12, 13, 14],
      'granule-aware': [12, 13, 14],
      'npm @thi.ng/malloc': [30_002, 30_003, 30_004],
      'native granule-aware': [12, 13, 14],
    });
    expect(whole.nativeFloor).toEqual([0.5, 0.5, 0.5]);
    expect(said.filter((_, i) => i % 4 === 0)).toEqual([...names, names[0]]);
  });

  it('of a window are of one turn of the slow, and of those he is compared with in every round', async () => {
    const names = ['floor', 'granule-aware', 'buddy', 'npm @thi.ng/malloc', 'native granule-aware'];
    const { whole, part } = await heat(names, 24 * 1024 * 512);
    expect([...whole.times.keys()].toSorted()).toEqual(
      ['buddy', 'floor', 'granule-aware', 'native granule-aware'].toSorted(),
    );
    expect(part?.window).toEqual({ from: 26_000, operations: 30_000 });
    // Twelve replays a turn, of which the first two turns warm up: the mean of the 25th to the 36th, and so on.
    const fast = [10 + 24 + 5.5, 10 + 36 + 5.5, 10 + 48 + 5.5];
    expect(Object.fromEntries(part?.times ?? [])).toEqual({
      floor: fast,
      'granule-aware': fast,
      'npm @thi.ng/malloc': [30_000],
      'native granule-aware': fast,
    });
    expect(part?.nativeFloor).toEqual([0.5, 0.5, 0.5]);
    expect(said.filter((one) => one.startsWith('npm'))).toEqual(['npm @thi.ng/malloc*']);
  });

  it('of a window that is short are of two turns', async () => {
    said.length = 0;
    const slow = pretended('npm @thi.ng/malloc', 100);
    const { part } = await timeHeat([slow], { frames: 24 * 1024 * 512, operations: 100_000 }, 3);
    expect(part?.times.get(slow.name)).toEqual([100, 101]);
  });
});

describe('the time of a single operation', () => {
  it('is the least of 3 replays', () => {
    const trace = traceOf(workload('c16g', 1, 50));
    let opened = 0;
    const open = () => {
      opened++;
      return { alloc: () => 1, free: () => undefined, startOf: () => 0, bytes: 0 };
    };
    expect(singleNs(trace, open)).toHaveLength(50);
    expect(opened).toBe(3);
  });
});
