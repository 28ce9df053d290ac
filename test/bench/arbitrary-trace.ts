/**
 * Random small traces for the bench's own tests; some requests are for more than the node has.
 * Invariant: every free names a slot in use.
 */
import fc from 'fast-check';
import { ALIGNED, FREED, PROBE, type Trace } from '../../bench/trace-file.js';

interface Step {
  readonly frees: boolean;
  readonly pick: number;
  readonly size: number;
  readonly aligned: boolean;
  readonly probe: boolean;
}

const FRAMES = 4096;

const sizes = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 700 }) },
  { weight: 1, arbitrary: fc.constantFrom(FRAMES, FRAMES + 1, 2 ** 30, 2 ** 31 - 1) },
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    frees: fc.boolean(),
    pick: fc.nat(),
    size: sizes,
    aligned: fc.boolean(),
    probe: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120 },
);

/** A trace on a power of two frames, so that every racer can take it. */
export const arbitraryTrace: fc.Arbitrary<Trace> = steps.map((list) => {
  const words: number[] = [];
  const live: number[] = [];
  let slots = 0;
  for (const { frees, pick, size, aligned, probe } of list) {
    if (frees && live.length > 0) {
      const [slot] = live.splice(pick % live.length, 1);
      words.push(slot | FREED, 0);
      continue;
    }
    words.push(slots | (aligned ? ALIGNED : 0) | (probe ? PROBE : 0), size);
    live.push(slots++);
  }
  return {
    frames: FRAMES,
    operations: words.length / 2,
    slots: Math.max(1, slots),
    words: Int32Array.from(words),
  };
});
