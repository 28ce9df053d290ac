/** How often a trace is replayed for one time: a whole short one often, a late window once. */
import { describe, expect, it } from 'vitest';
import { racerEntry } from '../../bench/racers/racers.js';
import { replayNs } from '../../bench/replay.js';
import { traceOf } from '../../bench/trace-file.js';
import { workload } from '../../bench/workloads.js';

describe('one time of a trace', () => {
  const trace = traceOf(workload('a90', 1, 1000));
  const replays = async (from: number) => {
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
    expect(await replays(0)).toBe(50);
  });

  it('is of a late window replayed once: thirteen times took six minutes of @thi.ng/malloc', async () => {
    expect(await replays(900)).toBe(1);
  });
});
