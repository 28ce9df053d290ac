/** The referee: unlawful places are found, and its counts are those of a slower way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../bench/judge.js';
import { Occupancy } from '../../bench/occupancy.js';
import { ALIGNED, FREED, GRANULE, PROBE, type Trace, traceOf } from '../../bench/trace-file.js';
import { workload } from '../../bench/workloads.js';

function trace(frames: number, ...operations: readonly (readonly [number, number])[]): Trace {
  const words = Int32Array.from(operations.flat());
  return { frames, operations: operations.length, slots: 8, words };
}

describe('judge: planted faults', () => {
  const two = trace(1024, [0, 10], [1, 10]);

  it('control: lawful places are valid', () => {
    expect(judge(two, Int32Array.from([0, 10]))).toMatchObject({ valid: true, acceptedFrames: 20 });
  });

  it('an overlap by one frame', () => {
    expect(judge(two, Int32Array.from([0, 9])).breach).toMatch(/operation 1: \[9, \+10\) is held/);
  });

  it('one frame beyond the node', () => {
    expect(judge(two, Int32Array.from([0, 1015])).valid).toBe(false);
    expect(judge(two, Int32Array.from([0, 1014])).valid).toBe(true);
  });

  it('an aligned request off its granule', () => {
    const aligned = trace(2048, [0 | ALIGNED, GRANULE]);
    expect(judge(aligned, Int32Array.from([1])).breach).toMatch(/not aligned/);
    expect(judge(aligned, Int32Array.from([GRANULE])).valid).toBe(true);
  });

  it('a refusal although the very place exists', () => {
    const full = trace(1024, [0, 1000], [1, 24], [0 | FREED, 0], [2, 1000]);
    expect(judge(full, Int32Array.from([0, 1000, -1, -1])).falseRefusals).toBe(1);
    expect(judge(full, Int32Array.from([12, 0, -1, -1])).falseRefusals).toBe(1);
    expect(judge(full, Int32Array.from([24, 0, -1, 24]))).toMatchObject({ falseRefusals: 0 });
  });

  it('a request of more than the node: asked, not accepted, and rightly refused', () => {
    const large = trace(1024, [0, 2 ** 31 - 1], [1 | ALIGNED, 1025], [0 | FREED, 0], [2, 24]);
    expect(judge(large, Int32Array.from([-1, -1, -1, 0]))).toMatchObject({
      requests: 3,
      acceptedRequests: 1,
      requestedFrames: 2 ** 31 - 1 + 1025 + 24,
      acceptedFrames: 24,
      falseRefusals: 0,
      valid: true,
    });
    expect(judge(large, Int32Array.from([0, -1, -1, 0])).valid).toBe(false);
  });

  it('unusable@1G: nothing when granules are whole, all when each is spoilt', () => {
    const spoilt = trace(1024, [0, 1], [1, 1]);
    expect(judge(spoilt, Int32Array.from([5, 600])).unusable1G).toBe(1);
    const whole = trace(1024, [0, 256], [1, 256]);
    expect(judge(whole, Int32Array.from([0, 256])).unusable1G).toBe(0);
  });
});

describe('judge: probes that the free memory would serve in one piece', () => {
  const backed = (frames: number, operations: readonly (readonly [number, number])[]) => {
    const places = operations.map(([word], i) => ((word & (PROBE | FREED)) === 0 ? i : -1));
    return judge(trace(frames, ...operations), Int32Array.from(places)).probesBacked;
  };
  const probe = (slot: number, frames = GRANULE) => [slot | PROBE | ALIGNED, frames] as const;

  it('are bounded by what is free at the first one, where probes come last', () => {
    expect(backed(4 * GRANULE, [[0, 1], probe(1), probe(2), probe(3), probe(4)])).toBe(3);
    expect(backed(4 * GRANULE, [[0, 1], probe(1)])).toBe(1);
    expect(backed(4 * GRANULE, [[0, 1]])).toBe(0);
    expect(
      backed(4 * GRANULE, [[0, 1], [0 | FREED, 0], ...[1, 2, 3, 4].map((s) => probe(s))]),
    ).toBe(4);
  });

  it('are counted from the smallest one', () => {
    const sizes = [3 * GRANULE, GRANULE, 2 * GRANULE, 1];
    expect(
      backed(4 * GRANULE, [[0, 1], ...sizes.map((frames, slot) => probe(slot + 1, frames))]),
    ).toBe(3);
    expect(
      backed(
        4 * GRANULE,
        sizes.slice(1).map((frames, slot) => probe(slot, frames)),
      ),
    ).toBe(3);
  });

  it('are not bounded by it where a free or a request follows a probe', () => {
    expect(backed(4 * GRANULE, [[0, 1], probe(1), [0 | FREED, 0], probe(2)])).toBe(null);
    expect(backed(4 * GRANULE, [probe(1), [0, 1]])).toBe(null);
    expect(backed(4 * GRANULE, [probe(1), [1 | PROBE | FREED, 0]])).toBe(null);
  });

  it('are bounded in the workloads that the bench probes with', () => {
    for (const name of ['b_mix', 'b_rand'] as const) {
      const one = traceOf(workload(name, 1));
      const words = [...one.words.keys()].filter((at) => at % 2 === 0).map((at) => one.words[at]);
      const first = words.findIndex((word) => (word & PROBE) !== 0);
      expect(words.slice(first).every((word) => (word & (PROBE | FREED)) === PROBE)).toBe(true);
      expect(words.length - first).toBe(512);
    }
  });
});

describe('occupancy', () => {
  const FRAMES = 3 * GRANULE + 40;
  const claims = fc.array(
    fc.tuple(fc.nat({ max: FRAMES - 1 }), fc.integer({ min: 1, max: 600 }), fc.boolean()),
    { maxLength: 30 },
  );

  it('counts and fits as a plain array of booleans does', () => {
    fc.assert(
      fc.property(claims, fc.integer({ min: 1, max: 1100 }), (list, wanted) => {
        const held: boolean[] = Array.from({ length: FRAMES }, () => false);
        const occupancy = new Occupancy(FRAMES);
        for (const [start, frames, gives] of list) {
          const end = start + frames;
          const lawful = end <= FRAMES && !held.slice(start, end).includes(true);
          expect(occupancy.take(start, frames)).toBe(lawful);
          if (!lawful) continue;
          if (gives) occupancy.giveBack(start, frames);
          else held.fill(true, start, end);
        }
        expect(occupancy.freeFrames).toBe(held.filter((one) => !one).length);
        expect(occupancy.freeGranules).toBe(naiveGranules(held));
        for (const align of [1, GRANULE]) {
          expect(occupancy.fits(wanted, align)).toBe(naiveFits(held, wanted, align));
        }
      }),
    );
  });
});

function naiveGranules(held: readonly boolean[]): number {
  let granules = 0;
  for (let start = 0; start + GRANULE <= held.length; start += GRANULE) {
    if (!held.slice(start, start + GRANULE).includes(true)) granules++;
  }
  return granules;
}

function naiveFits(held: readonly boolean[], frames: number, align: number): boolean {
  for (let start = 0; start + frames <= held.length; start += align) {
    if (!held.slice(start, start + frames).includes(true)) return true;
  }
  return false;
}
