/** What is wrong with plain data, as the words of an error. */
import { describe, expect, it } from 'vitest';
import { type FieldProblem, number, problemText } from '../../core/host/field-checks.js';

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
