/** Parts of a whole in per cent: rounded, never "all" or "nothing" of what is not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentText } from '../../reports/terminal/percent.js';

describe('per cent', () => {
  it.each([
    [2, 3, 1, '66.7'],
    [1, 8, 1, '12.5'],
    [1, 3, 0, '33'],
    [5, 8, 0, '63'],
    [0, 7, 1, '0.0'],
    [7, 7, 1, '100.0'],
    [1, 5000, 1, '<0.1'],
    [4999, 5000, 1, '>99.9'],
    [999, 1000, 0, '>99'],
    [1, 1000, 0, '<1'],
    [3, 0, 1, ''],
  ] as const)('%i of %i with %i decimals is "%s"', (part, total, decimals, text) => {
    expect(percentText(part, total, decimals)).toBe(text);
  });

  it('is within half a unit of the truth, and says so where it is at an end', () => {
    const whole = fc.integer({ min: 1, max: 100_000_000 });
    fc.assert(
      fc.property(whole, fc.nat(), fc.constantFrom(0, 1), (total, drawn, decimals) => {
        const part = drawn % (total + 1);
        const text = percentText(part, total, decimals);
        const truth = (100 * part) / total;
        const half = (decimals === 1 ? 0.05 : 0.5) + 1e-9;
        if (text.startsWith('<')) expect(truth > 0 && truth < half).toBe(true);
        else if (text.startsWith('>')) expect(truth < 100 && truth >= 100 - half).toBe(true);
        else expect(Math.abs(Number(text) - truth)).toBeLessThanOrEqual(half);
      }),
    );
  });
});
