/** "Did you mean …": the known word closest to an unknown one. */
import { describe, expect, it } from 'vitest';
import {
  nearestWord,
  nearestWords,
  suggestWord,
  wordsBeside,
} from '../../core/units/nearest-word.js';

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

  it.each<[why: string, word: string, known: string, isNear: boolean]>([
    ['the start of one', 'memo', 'memory-limit', true],
    ['two letters are too few for a start', 'me', 'memory', false],
    ['one and more behind it', 'memoryLimitFoo', 'memory', true],
    ['one behind other letters', 'fooLimitmemory', 'memory', false],
    ['two of seven letters missing', 'bcdef', 'abcdefg', true],
    ['one letter of three', 'cat', 'car', true],
    ['two letters of three', 'cot', 'car', false],
    ['one letter of two', 'ab', 'ac', false],
    ['all its letters, in another order', 'fedcba', 'abcdef', true],
    ['as many other letters', 'ghijkl', 'abcdef', false],
    ['two letters in another order', 'ba', 'ab', false],
    ['what stands behind the dot', 'vm', 'nitro.vm', true],
    ['what stands behind a dot at the front', 'a', '.a', true],
    ['three letters of four behind the same dot', 'nitro.poll', 'nitro.pull', true],
    ['half the letters behind the same dot', 'parent.start', 'parent.stop', false],
    ['the same in another case', 'PARENT.START', 'parent.stop', false],
    ['as many letters, a slip before the dot', 'parant.stop', 'parent.stop', true],
    ['its start, up to the dot and more', 'parent.st', 'parent.stop', true],
    ['eighty letters, one of them wrong', `${'x'.repeat(79)}y`, 'x'.repeat(80), true],
    ['more than eighty', 'x'.repeat(81), 'x'.repeat(81), false],
  ])('%s: %s for %s: %s', (_, word, known, isNear) => {
    expect(nearestWord(word, [known])).toBe(isNear ? known : undefined);
  });

  it('several, nearest first; what stands before a dot may be missing', () => {
    const known = ['vcpu-total', 'nitro.page-node', 'vcpu-even', 'vcpu-event', 'memory-max'];
    expect(nearestWords('vcpu-evn', known, 3)).toEqual(['vcpu-even', 'vcpu-event']);
    expect(nearestWords('vcpu-evn', known, 1)).toEqual(['vcpu-even']);
    expect(nearestWords('page-nod', known, 3)).toEqual(['nitro.page-node']);
    expect(nearestWords('zzz', known, 3)).toEqual([]);
    expect(nearestWords('abcdef', ['abcdxx', 'abcdex'], 3)).toEqual(['abcdex', 'abcdxx']);
  });

  it('lists what agrees up to the last dot when nothing is near', () => {
    const known = ['parent.boot', 'parent.stop', 'nitro.a.b', 'nitro.a', 'boot'];
    expect(wordsBeside('parent.start', known)).toEqual(['parent.boot', 'parent.stop']);
    expect(wordsBeside('Parent.', known)).toEqual(['parent.boot', 'parent.stop']);
    expect(wordsBeside('nitro.a.xyz', known)).toEqual(['nitro.a.b']);
    expect(wordsBeside('start', [...known, 'stark'])).toEqual([]);
    expect(suggestWord('parent.start', known)).toBe('known: `parent.boot`, `parent.stop`');
  });

  it('lists what is known when nothing is near, and nothing when nothing is known', () => {
    expect(suggestWord('zzz', ['a', 'b'])).toBe('known: `a`, `b`');
    expect(suggestWord('zzz', [])).toBeUndefined();
    expect(suggestWord('mem', ['memory'])).toBe('did you mean `memory`?');
    const dozen = Array.from({ length: 12 }, (_, i) => `${i}`);
    const listed = dozen.map((name) => `\`${name}\``).join(', ');
    expect(suggestWord('zzz', dozen)).toBe(`known: ${listed}`);
    expect(suggestWord('zzz', [...dozen, '12'])).toBe(`known: ${listed}, …`);
  });
});
