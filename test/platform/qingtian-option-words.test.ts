/** What is wrong with an option, word for word: a number in quotes is told as the text that it is. */
import { describe, expect, it } from 'vitest';
import { optionProblems } from '../../core/platform/qingtian/options.js';

const ALLOWED = 'allowed: a whole number from 1, or none';

describe('an option of QingTian', () => {
  it.each<[number | string | boolean, string]>([
    ['4', 'the text "4"'],
    ['-12', 'the text "-12"'],
    ['12', 'the text "12"'],
    ['4 or 5', '4 or 5'],
    ['about 4', 'about 4'],
    ['all', 'all'],
    [0, '0'],
    [true, 'true'],
  ])('%j is told', (value, told) => {
    expect(optionProblems({ maxEnclaves: value })).toEqual([
      `option maxEnclaves is ${told}; ${ALLOWED}`,
    ]);
  });

  it('of a right value is told nothing', () => {
    expect(optionProblems({ maxEnclaves: 4 })).toEqual([]);
    expect(optionProblems({ maxEnclaves: 'none' })).toEqual([]);
  });
});
