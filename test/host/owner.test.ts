/** Owner codes in words, both ways. */
import { describe, expect, it } from 'vitest';
import {
  describeOwner,
  enclaveOwner,
  HELD,
  isEnclaveOwner,
  ownerNumber,
  SCRUBBED,
  taskOwner,
} from '../../core/host/owner.js';
import { FREE } from '../../core/memory/extent-store.js';

describe('owner codes', () => {
  it.each([0, 1, 7, 4_194_304])('tasks and enclaves of number %i are told apart', (number) => {
    expect(describeOwner(taskOwner(number), false)).toBe(`task ${number}`);
    expect(describeOwner(enclaveOwner(number), false)).toBe(`enclave ${number}`);
    expect([taskOwner(number), enclaveOwner(number)].map(isEnclaveOwner)).toEqual([false, true]);
    expect([taskOwner(number), enclaveOwner(number)].map(ownerNumber)).toEqual([number, number]);
  });

  it('codes below theirs are nobody of the two', () => {
    for (let code = -3; code < taskOwner(0); code++) {
      expect(isEnclaveOwner(code), String(code)).toBe(false);
      expect(describeOwner(code, true)).not.toMatch(/task|enclave/);
    }
    expect(describeOwner(FREE, true)).toBe('pool');
    expect(describeOwner(FREE, false)).toBe('free');
    expect(describeOwner(SCRUBBED, false)).toBe('scrubbed');
    expect(describeOwner(HELD, false)).toBe('held');
  });
});
