/** A count with its noun: one of a thing takes no plural. */
import { describe, expect, it } from 'vitest';
import { counted, existing } from '../../core/units/counted.js';

describe('a count with its noun', () => {
  it.each([
    [0, '0 enclaves', '0 enclaves exist'],
    [1, '1 enclave', '1 enclave exists'],
    [2, '2 enclaves', '2 enclaves exist'],
    [11, '11 enclaves', '11 enclaves exist'],
  ])('%i', (count, noun, sentence) => {
    expect(counted(count, 'enclave')).toBe(noun);
    expect(existing(count, 'enclave')).toBe(sentence);
  });
});
