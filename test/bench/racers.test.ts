/** Every racer is lawful on random traces, so that a table never shows a wrong allocator's speed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { programOf } from '../../bench/contestant.js';
import { judge } from '../../bench/judge.js';
import { buildWasm } from '../../bench/native-build.js';
import { RACERS, type RacerName, racerEntry } from '../../bench/racers/racers.js';
import { placesOf } from '../../bench/replay.js';
import { scaledRuns } from '../seed.js';
import { arbitraryTrace } from './arbitrary-trace.js';

/** Those that this machine can build. */
const NAMES = (Object.keys(RACERS) as RacerName[]).filter((name) => {
  const { needs } = racerEntry(name);
  // A bare search with a burden needs a process of its own (bare.test).
  return !/floor|bare .*,/.test(name) && (needs === undefined || 'program' in buildWasm(needs));
});
/** These promise to take whatever fits; the others round up or put headers in between. */
const EXACT: readonly RacerName[] = [
  'granule-aware',
  'best-fit',
  'first-fit',
  'granule-aware, by records',
  'granule-aware, by records in one block',
  'best-fit, by records',
  'best-fit, by records in one block',
  'bare granule-aware',
  'bare best-fit',
  'npm sorted-btree best fit',
  'sorted array',
  'word bitmap',
];

describe.each(NAMES)('%s', (name) => {
  it('overlaps nothing, keeps alignment and bounds, and refuses only what does not fit', async () => {
    const entry = racerEntry(name);
    const open = await entry.load(...programOf(name));
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        const verdict = judge(trace, placesOf(trace, open).places, entry);
        expect(verdict.breach).toBe(undefined);
        if (EXACT.includes(name)) expect(verdict.falseRefusals).toBe(0);
      }),
      { numRuns: scaledRuns(60) },
    );
  });
});
