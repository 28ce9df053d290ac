/** The bare searches choose as ours do: what they take is the time of the same choices, not of others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RacerName, racerEntry } from '../../bench/racers/racers.js';
import { placesOf } from '../../bench/replay.js';
import { prefixOf, type Trace, traceOf } from '../../bench/trace-file.js';
import { type WorkloadName, workload } from '../../bench/workloads.js';
import { scaledRuns } from '../seed.js';
import { arbitraryTrace } from './arbitrary-trace.js';

const PAIRS: readonly (readonly [ours: RacerName, bare: RacerName])[] = [
  ['granule-aware', 'bare granule-aware'],
  ['best-fit', 'bare best-fit'],
];
const WORKLOADS: readonly WorkloadName[] = ['a90', 'c16g', 'd24t', 'b_rand', 'e1t_fine'];

describe.each(PAIRS)('%s and %s', (ours, bare) => {
  const both = async () => Promise.all([ours, bare].map(async (name) => racerEntry(name).load()));

  it.each(WORKLOADS)('choose the same places on %s', async (name) => {
    const trace: Trace = prefixOf(traceOf(workload(name, 7, 4000)), 4000);
    const [one, other] = (await both()).map((open) => placesOf(trace, open).places);
    expect(one.some((place) => place > 0)).toBe(true);
    expect(other).toEqual(one);
  });

  it('choose the same places on any trace', async () => {
    const [one, other] = await both();
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        expect(placesOf(trace, other).places).toEqual(placesOf(trace, one).places);
      }),
      { numRuns: scaledRuns(60) },
    );
  });
});
