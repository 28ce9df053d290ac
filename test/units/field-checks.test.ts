/** What is wrong with the fields of plain data, each check by itself, and the words of an error. */
import { describe, expect, it } from 'vitest';
import {
  anything,
  type Check,
  type FieldProblem,
  flag,
  isMapping,
  listOf,
  mapping,
  number,
  oneOf,
  optional,
  problemsIn,
  problemText,
  should,
  shouldCount,
  text,
  whole,
} from '../../core/units/field-checks.js';

const wordsOf = (check: Check, value: unknown) => check(value).map(problemText);

describe('a check of one value', () => {
  it.each<
    [
      name: string,
      check: Check,
      right: readonly unknown[],
      wrong: readonly unknown[],
      words: string,
    ]
  >([
    ['text', text, ['', 'a'], [1, null, undefined, []], 'should be a text'],
    ['flag', flag, [true, false], [0, 'true', null], 'should be true or false'],
    ['number', number, [0, -1.5, Number.NaN], [null, {}, 1n], 'should be a number'],
    ['whole', whole, [0, 2 ** 53 - 1], [-1, 0.5, 2 ** 53, 1n], 'should be a whole number from 0'],
    ['oneOf', oneOf('a', 'b'), ['a', 'b'], ['c', 'A', 0, ['a']], 'should be a or b'],
    ['should', should('odd', (n) => n === 1), [1], [2, '1'], 'should be odd'],
  ])('%s', (_, check, right, wrong, words) => {
    for (const value of right) expect(check(value)).toEqual([]);
    for (const value of wrong) expect(wordsOf(check, value)).toEqual([words]);
  });

  it('anything is right for the one, nothing at all for the optional one', () => {
    for (const value of [undefined, null, 5, 'a']) expect(anything(value)).toEqual([]);
    expect(optional(text)(undefined)).toEqual([]);
    expect(wordsOf(optional(text), null)).toEqual(['should be a text']);
  });

  it('a text that would be no right number either is told plainly', () => {
    expect(wordsOf(whole, '-1')).toEqual(['should be a whole number from 0, not a text']);
    expect(wordsOf(whole, '1')).toEqual([
      'should be a whole number from 0, not a text (write 1 without quotes)',
    ]);
    const even = shouldCount('even', (n) => Number(n) % 2 === 0);
    expect(wordsOf(even, '3')).toEqual(['should be even, not a text']);
    expect(wordsOf(even, '12345678901234567')).toEqual(['should be even, not a text']);
    expect(wordsOf(even, '0.12345678901234567')).toEqual(['should be even, not a text']);
    expect(wordsOf(even, '1234567890123456')).toHaveLength(1);
    expect(wordsOf(even, '1234567890123456')[0]).toContain('without quotes');
    expect(wordsOf(number, '0.1234567890123456')[0]).toContain('without quotes');
  });
});

describe('a check of lists and mappings', () => {
  const cores = mapping({ cores: listOf(whole, 'a list of CPUs'), name: optional(text) });

  it('tells each problem with the keys that lead there', () => {
    expect(cores({ cores: [0, 'x', 2] })).toEqual([
      { path: ['cores', '1'], message: 'should be a whole number from 0, not a text' },
    ]);
    expect(cores({ cores: [0], name: 5 })).toEqual([
      { path: ['name'], message: 'should be a text' },
    ]);
    expect(cores({ cores: [], name: 'a' })).toEqual([]);
  });

  it('a hole in a list is a problem, and what is no list is told as what it should be', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tried.
    expect(wordsOf(listOf(text, 'a list'), ['a', , 'b'])).toEqual(['1 should be a text']);
    expect(wordsOf(cores, { cores: { length: 1 } })).toEqual(['cores should be a list of CPUs']);
  });

  it('what is no mapping is told with the fields that it should have', () => {
    for (const value of [null, undefined, [], 'cores', 5]) {
      expect(isMapping(value)).toBe(false);
      expect(wordsOf(cores, value)).toEqual(['should be a mapping of cores, name']);
    }
    expect(isMapping({})).toBe(true);
  });

  it('fields that nobody reads come first, with the known one that is near', () => {
    expect(cores({ coers: [], cores: 1, memoryMib: 2 })).toEqual([
      {
        stray: true,
        path: ['coers'],
        message: 'is no field here; there are: cores, name',
        suggestion: 'did you mean cores?',
      },
      { stray: true, path: ['memoryMib'], message: 'is no field here; there are: cores, name' },
      { path: ['cores'], message: 'should be a list of CPUs' },
    ]);
    expect(wordsOf(mapping({}), { a: 1 })).toEqual(['a is no field here; there are: none']);
  });

  it('a field of the prototype is none of the value', () => {
    const heir: Record<string, unknown> = Object.create({ cores: [], stray: 1 });
    expect(problemsIn(heir, { cores: listOf(whole, 'a list') }).map(problemText)).toEqual([
      'cores should be a list',
    ]);
    expect(wordsOf(mapping({ a: anything }), { toString: 1 })).toHaveLength(1);
  });
});

describe('a number written as a text', () => {
  it.each([
    ['4', true],
    ['42', true],
    ['-1.25', true],
    ['1.', false],
    ['1.x', false],
    ['x4', false],
    ['4x', false],
    ['', false],
  ])('"%s" is told without its quotes: %s', (text, isTold) => {
    const [problem] = number(text);
    expect(problem.message).toBe('should be a number, not a text');
    expect(problem.suggestion).toBe(isTold ? `write ${text} without quotes` : undefined);
  });
});

describe('a problem in words', () => {
  it.each<[FieldProblem, string]>([
    [
      { path: ['conf', 'memoryMib'], message: 'should be a text' },
      'conf.memoryMib should be a text',
    ],
    // Of the value itself: no place before the words, and no blank.
    [{ path: [], message: 'should be a mapping' }, 'should be a mapping'],
    [{ path: ['a'], message: 'is no field', suggestion: 'try b' }, 'a is no field (try b)'],
  ])('%j', (problem, words) => {
    expect(problemText(problem)).toBe(words);
  });
});
