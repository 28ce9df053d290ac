/** Random small traces for the bench's own tests. Invariant: every free names a slot in use. */
import fc from 'fast-check';
import { ALIGNED, FREED, PROBE, type Trace } from '../../bench/trace-file.js';

interface Step {
  readonly frees: boolean;
  readonly pick: number;
  readonly size: number;
  readonly aligned: boolean;
  readonly probe: boolean;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    frees: fc.boolean(),
    pick: fc.nat(),
    size: fc.integer({ min: 1, max: 700 }),
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
    frames: 4096,
    operations: words.length / 2,
    slots: Math.max(1, slots),
    words: Int32Array.from(words),
  };
});
