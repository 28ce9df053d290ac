/** "Did you mean …": the known word closest to an unknown one. */
import { describe, expect, it } from 'vitest';
import { nearestWord, nearestWords, suggestWord } from '../../core/units/nearest-word.js';

describe('suggestions', () => {
  it.each([
    ['cpucount', 'cpuCount'],
    ['reservaton', 'reservation'],
    ['mem', 'memory'],
    ['cpuLits', 'cpuList'],
    ['placement', undefined],
    ['b', undefined],
    ['x'.repeat(10_000), undefined],
  ])('%s → %s', (word, expected) => {
    expect(nearestWord(word, ['cpuCount', 'cpuList', 'memory', 'reservation'])).toBe(expected);
  });

  it('several, nearest first; what stands before a dot may be missing', () => {
    const known = ['vcpu-total', 'nitro.page-node', 'vcpu-even', 'vcpu-event', 'memory-max'];
    expect(nearestWords('vcpu-evn', known, 3)).toEqual(['vcpu-even', 'vcpu-event']);
    expect(nearestWords('vcpu-evn', known, 1)).toEqual(['vcpu-even']);
    expect(nearestWords('page-nod', known, 3)).toEqual(['nitro.page-node']);
    expect(nearestWords('zzz', known, 3)).toEqual([]);
  });

  it('lists what is known when nothing is near, and nothing when nothing is known', () => {
    expect(suggestWord('zzz', ['a', 'b'])).toBe('known: `a`, `b`');
    expect(suggestWord('zzz', [])).toBeUndefined();
  });
});
