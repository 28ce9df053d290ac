/** What is wrong with plain data, as the words of an error. */
import { describe, expect, it } from 'vitest';
import { type FieldProblem, problemText } from '../../core/host/field-checks.js';

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
