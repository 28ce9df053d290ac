/** The order of turns, and who replays how much of a trace: what makes times of one race comparable. */
import { describe, expect, it } from 'vitest';
import { windowOf } from '../../bench/race.js';
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
