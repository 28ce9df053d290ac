/** How often a trace is replayed for one time: a whole short one often, a late window once. */
import { describe, expect, it } from 'vitest';
import { racerEntry } from '../../bench/racers/racers.js';
import { replayNs } from '../../bench/replay.js';
import { traceOf } from '../../bench/trace-file.js';
import { workload } from '../../bench/workloads.js';

describe('one time of a trace', () => {
  const replays = async (operations: number, from = 0) => {
    const trace = traceOf(workload('a90', 1, operations));
    let opened = 0;
    const ours = await racerEntry('granule-aware').load();
    const open = (frames: number) => {
      opened++;
      return ours(frames);
    };
    expect(replayNs(trace, open, from)).toBeGreaterThan(0);
    return opened;
  };

  it('is of a short trace replayed until it is compiled', async () => {
    expect(await replays(1000)).toBe(50);
  });

  it('is of a late window replayed once: thirteen times took six minutes of @thi.ng/malloc', async () => {
    expect(await replays(1000, 900)).toBe(1);
  });

  it('is of a tiny trace replayed 200 times: to open 24 TiB 8,334 times took minutes', async () => {
    expect(await replays(6)).toBe(200);
  });
});
