/** Any character: whole ones only, from both ends of Unicode, and shrunk as fast-check's own are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from './any-character.js';

describe('any character', () => {
  it('is one whole character, below the halves or above', () => {
    const all = fc.sample(anyCharacter, { seed: 1, numRuns: 2000 });
    expect(all.filter((one) => [...one].length !== 1 || /\p{Cs}/u.test(one))).toEqual([]);
    const points = all.map((one) => one.codePointAt(0) ?? 0);
    expect([Math.min(...points) < 0xd800, Math.max(...points) > 0x10_0000]).toEqual([true, true]);
  });

  it('is what an example of a test may have in it; halves and other values are not', () => {
    for (const one of ['\0', 'a', '\ud7ff', '\ue000', '😀', '\u{10ffff}']) {
      expect(anyCharacter.canShrinkWithoutContext(one), one).toBe(true);
    }
    for (const one of ['', 'ab', '\ud800', '\udfff', 5, undefined]) {
      expect(anyCharacter.canShrinkWithoutContext(one as string)).toBe(false);
    }
  });
});
