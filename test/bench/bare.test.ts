/**
 * The bare searches choose as ours do, and so do ours without a part and the twin as WebAssembly, where it can
 * be built: what they take is the time of the same choices, not of others.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { programOf, RacerProcess } from '../../bench/contestant.js';
import { buildWasm, type NativePolicy } from '../../bench/native-build.js';
import { burden } from '../../bench/racers/bare/burden.js';
import { type RacerName, racerEntry } from '../../bench/racers/racers.js';
import { placesOf } from '../../bench/replay.js';
import { encodeTrace, type Trace, traceOf } from '../../bench/trace-file.js';
import { type WorkloadName, workload } from '../../bench/workloads.js';
import { scaledRuns } from '../seed.js';
import { arbitraryTrace } from './arbitrary-trace.js';

const POLICIES: readonly NativePolicy[] = ['granule-aware', 'best-fit'];
const WORKLOADS: readonly WorkloadName[] = ['a90', 'c16g', 'd24t', 'b_rand', 'e1t_fine'];

describe.each(POLICIES)('%s, stripped, bare and as WebAssembly', (policy) => {
  const rivals: RacerName[] = [
    `bare ${policy}`,
    `${policy}, by records`,
    `${policy}, by records in one block`,
  ];
  if ('program' in buildWasm(policy)) rivals.push(`wasm ${policy}`);

  /** Ours first. */
  const all = async () => {
    const names: RacerName[] = [policy, ...rivals];
    return Promise.all(names.map(async (name) => racerEntry(name).load(...programOf(name))));
  };

  it.each(WORKLOADS)('chooses the same places on %s', async (name) => {
    const trace: Trace = traceOf(workload(name, 7, 2500));
    const [ours, ...others] = (await all()).map((open) => placesOf(trace, open).places);
    expect(ours.some((place) => place > 0)).toBe(true);
    for (const places of others) expect(places).toEqual(ours);
  });

  it('chooses the same places on any trace', async () => {
    const opened = await all();
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        const [ours, ...others] = opened.map((open) => placesOf(trace, open).places);
        for (const places of others) expect(places).toEqual(ours);
      }),
      { numRuns: scaledRuns(40) },
    );
  });

  it('burdened with a part of what ours does it still chooses the same places', {
    timeout: 180_000,
  }, async () => {
    const trace = traceOf(workload('a90', 7, 2500));
    const folder = mkdtempSync(join(tmpdir(), 'hypercarve-bare-'));
    const file = join(folder, 'trace.bin');
    writeFileSync(file, encodeTrace(trace));
    const { places } = placesOf(trace, await racerEntry(policy).load());
    for (const part of ['checked', 'in a field', 'counted in a field'] as const) {
      const racer = await RacerProcess.start(`bare ${policy}, ${part}`);
      await racer.load(file);
      await racer.places(trace.operations, `${file}.places`);
      racer.end();
      const kept = readFileSync(`${file}.places`);
      const seen = new Int32Array(kept.buffer, kept.byteOffset, kept.byteLength / 4);
      expect(seen).toEqual(places);
    }
    rmSync(folder, { recursive: true });
    // One kind a process: it is taken into the code.
    expect(() => burden({ checked: true })).toThrow(/loaded with .*before/);
  });

  it('as WebAssembly replays a trace in one call as call by call', async () => {
    const built = buildWasm(policy);
    if ('skipped' in built) return;
    const trace = traceOf(workload('c16g', 7, 1500));
    const more = Int32Array.from([...trace.words, 0, 20]);
    const longer = { ...trace, operations: trace.operations + 1, words: more };
    const { places } = placesOf(longer, await racerEntry(policy).load());
    const twin = (await racerEntry(`wasm ${policy}, one call`).load(built.program))(trace.frames);
    twin.wholeReplay?.(trace)();
    expect(twin.startOf(twin.alloc(20, 1))).toBe(places.at(-1));
  });
});
