/**
 * Runs before each test file: gives fast-check the run's seed and number of cases, and `expect` a
 * comparison of arrays of whole numbers byte by byte (vitest's own asks element by element, which takes
 * some hundred times as long: the snapshot of a node has a few hundred thousand).
 *
 * A failing property prints its seed, its path and the shrunk counterexample; the same seed in
 * HYPERCARVE_SEED replays it. `test/vitest.config.ts` prints the seed once at the start of a run.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { scaledRuns, seedFrom } from './seed.js';

fc.configureGlobal({ seed: seedFrom(process.env), numRuns: scaledRuns(100) });

const KINDS = [Uint8Array, Int32Array, Uint32Array] as const;

/** Of two arrays of whole numbers of one of these kinds; of anything else it says nothing. */
function sameBytes(a: unknown, b: unknown): boolean | undefined {
  for (const Kind of KINDS) {
    if (!(a instanceof Kind) || !(b instanceof Kind)) continue;
    return a.constructor === b.constructor
      ? Buffer.compare(bytesOf(a), bytesOf(b)) === 0
      : undefined;
  }
  return undefined;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

// Files of one worker share `expect`, which keeps every comparison that it was given.
const worker = globalThis as { comparesBytes?: boolean };
if (worker.comparesBytes !== true) {
  worker.comparesBytes = true;
  expect.addEqualityTesters([sameBytes]);
}
