/**
 * The bare loop with the rules against the host whose launches it stands beside: refused by the same rule,
 * or the same threads and frames, whatever runs already.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fortyEightCores, LAUNCH } from '../../bench/hot-path/forty-eight-cores.js';
import { RuledHost } from '../../bench/hot-path/ruled-launch.js';
import type { QingtianRequest } from '../../core/host/command.js';
import { runWhole } from '../../core/host/step.js';
import { scaledRuns } from '../seed.js';

/** What is mostly granted. */
const sound: fc.Arbitrary<QingtianRequest> = fc
  .record({
    vcpus: fc.constantFrom(2, 4, 6, 32),
    memoryMib: fc.constantFrom(128, 256, 512),
    cid: fc.constantFrom(4, 5, 6),
  })
  .map((asked) => ({ ...LAUNCH, ...asked }));
const { image } = LAUNCH;
/** Each is refused by a rule of its own, as long as nobody is in its way. */
const faults: readonly Partial<QingtianRequest>[] = [
  { cid: 3 },
  { cid: 2 ** 32 },
  { defaulted: ['cid'] },
  { image: { ...image, os: 'other' } },
  { image: { ...image, kind: 'container' } },
  { image: { ...image, sections: ['kernel'] } },
  { image: { ...image, bytes: 2 ** 28 } },
  ...[0, 7, 62, 64, 96].map((vcpus) => ({ vcpus })),
  ...[64, 501, 514].map((memoryMib) => ({ memoryMib })),
];
const faulty = fc
  .tuple(sound, fc.constantFrom(...faults))
  .map(([request, fault]) => ({ ...request, ...fault }));
const moves = fc.array(fc.oneof({ weight: 3, arbitrary: sound }, faulty, fc.nat(1)), {
  maxLength: 12,
});

describe('the bare loop with the rules', () => {
  it('refuses by the same rule as the host, or takes the same threads and frames', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(moves, (list) => {
        const host = fortyEightCores();
        const bare = new RuledHost();
        for (const move of list) {
          if (typeof move === 'number') {
            if (move >= bare.enclaves.length) continue;
            const { uid } = bare.enclaves[move];
            bare.terminate(uid);
            expect(runWhole(host, { kind: 'qingtian.stop', uid }).refusal).toBeUndefined();
          } else {
            const { refusal } = runWhole(host, { kind: 'qingtian.launch', request: move });
            expect(bare.launch(move)).toBe(refusal?.rule);
            met.add(refusal?.rule ?? 'none');
          }
          const [{ store }] = host.memory[0].pools;
          const theirs = host.tree.records.map(({ uid, vcpus, extents }) => {
            return [uid, vcpus, ...extents.map(({ handle }) => store.at(handle).start)];
          });
          const ours = bare.enclaves.map(({ uid, threads, handle }) => {
            return [uid, threads, bare.store.at(handle).start];
          });
          expect(ours).toEqual(theirs);
        }
      }),
      { numRuns: scaledRuns(60) },
    );
    expect([...met]).toEqual(expect.arrayContaining(['none', 'enclave-count', 'cid-free']));
  });
});
