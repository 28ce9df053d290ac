/** The harness itself: one seed, replayable, refused when it is unknown where it matters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SEED, runsFactorFrom, scaledRuns, seedFrom } from './seed.js';

describe('the seed of the property tests', () => {
  it('is the fixed default on a developer machine', () => {
    expect(seedFrom({})).toBe(DEFAULT_SEED);
    expect(seedFrom({ CI: 'false', HYPERCARVE_SEED: '' })).toBe(DEFAULT_SEED);
  });

  it('is what HYPERCARVE_SEED says', () => {
    expect(seedFrom({ HYPERCARVE_SEED: '-7' })).toBe(-7);
    expect(seedFrom({ HYPERCARVE_SEED: '42', CI: 'true' })).toBe(42);
  });

  it('must be given where CI is set', () => {
    expect(() => seedFrom({ CI: 'true' })).toThrow(/HYPERCARVE_SEED is not/);
  });

  it.each(['abc', '1.5', '2147483648', '1e3', ' 7'])('refuses the malformed seed "%s"', (text) => {
    expect(() => seedFrom({ HYPERCARVE_SEED: text })).toThrow(/32-bit integer/);
  });

  it('reaches fast-check: a failing property reports this very seed', () => {
    const found = fc.check(fc.property(fc.nat(), (n) => n < 0));
    expect(found.failed).toBe(true);
    expect(found.seed).toBe(seedFrom(process.env));
  });
});

describe('the number of cases', () => {
  it('is multiplied by HYPERCARVE_RUNS and never falls to zero', () => {
    expect(scaledRuns(300, {})).toBe(300);
    expect(scaledRuns(300, { HYPERCARVE_RUNS: '10' })).toBe(3000);
    expect(scaledRuns(3, { HYPERCARVE_RUNS: '0.01' })).toBe(1);
  });

  it.each(['0', '-1', 'many'])('refuses the factor "%s"', (text) => {
    expect(() => runsFactorFrom({ HYPERCARVE_RUNS: text })).toThrow(/above 0/);
  });

  it('reaches fast-check', () => {
    expect(fc.readConfigureGlobal().numRuns).toBe(scaledRuns(100));
  });
});

describe('arrays of whole numbers, compared byte by byte', () => {
  it('are told apart by content, length and kind, wherever they lie in a buffer', () => {
    expect(new Uint8Array([1, 2])).toEqual(new Uint8Array([1, 2]));
    expect(new Uint8Array([1, 2])).not.toEqual(new Uint8Array([1, 3]));
    expect(new Uint8Array([1, 2])).not.toEqual(new Uint8Array([1]));
    expect(new Int32Array([1, 2])).not.toEqual(new Uint32Array([1, 2]));
    expect([new Int32Array([1, 2]).subarray(1)]).toEqual([new Int32Array([2])]);
    expect([{ words: new Int32Array([1, 2]) }]).not.toEqual([{ words: new Int32Array([1, 4]) }]);
  });
});
