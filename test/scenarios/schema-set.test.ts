/** `--set path=value`, paths, and the suggestions: small pieces, law by law. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPath, isWithin, parsePath } from '../../scenarios/schema/path.js';
import { formatProblem } from '../../scenarios/schema/problem.js';
import { applySetting, parseSetting } from '../../scenarios/schema/set.js';
import { anyCharacter } from '../any-character.js';

/** The value after one setting, or the printed problem. */
function set(root: unknown, argument: string): unknown {
  const setting = parseSetting(argument);
  if ('problem' in setting) return formatProblem(setting.problem);
  const applied = applySetting(root, setting);
  return 'problem' in applied ? formatProblem(applied.problem) : applied.value;
}

describe('--set', () => {
  it.each([
    [{ a: 1 }, 'a=2', { a: 2 }],
    [{ a: 1 }, 'b=text', { a: 1, b: 'text' }],
    [{}, 'a.b.c=4GiB', { a: { b: { c: '4GiB' } } }],
    [{ l: [1, 2] }, 'l[0]=true', { l: [true, 2] }],
    [{ l: [1] }, 'l[1]={x: [a, "1-3"]}', { l: [1, { x: ['a', '1-3'] }] }],
    [{}, 'l[0].x=1', { l: [{ x: 1 }] }],
    [{ l: [1, 2, 3] }, 'l[1]=', { l: [1, 3] }],
    [{ a: 1, b: 2 }, 'a=', { b: 2 }],
    [{}, 'images["my.img"].size=5', { images: { 'my.img': { size: 5 } } }],
    [{}, 'm["a=b"]=c=d', { m: { 'a=b': 'c=d' } }],
  ])('%j with %s', (root, argument, expected) => {
    const before = JSON.stringify(root);
    expect(set(root, argument)).toEqual(expected);
    expect(JSON.stringify(root)).toBe(before);
  });

  it.each([
    [{}, 'seed', 'there is no "="'],
    [{}, '=1', 'is not a path'],
    [{}, 'a..b=1', 'is not a path'],
    [{}, 'a b=1', 'is not a path (write such as'],
    [{}, 'a.0.b=1', 'a.0.b" is not a path (write a[0].b)'],
    [{}, 'a[x]=1', 'is not a path (write such as'],
    [{}, 'a=[', 'not valid YAML'],
    [{}, 'a=*b', 'names no anchor'],
    [{}, 'a=\0', 'control character'],
    [{}, '__proto__.x=1', 'unknown key `__proto__`'],
    [{}, 'a={__proto__: {x: 1}}', 'unknown key `__proto__`'],
    [{ l: [1] }, 'l[2]=1', 'l[2]: the list has 1 entry; the next is [1]'],
    [{ l: [1] }, 'l.x=1', 'l.x: there is a list: write an index'],
    [{ a: 1 }, 'a.b=1', 'a.b: there is a single value'],
    [{ a: {} }, 'a[0]=1', 'a[0]: there is no list here'],
    [{}, `${'a.'.repeat(50_000)}a=1`, 'more than 32 steps'],
    [{}, `a=${'['.repeat(50_000)}`, '[…: nested more than 100 levels deep'],
  ])('%j refuses %s', (root, argument, words) => {
    const printed = String(set(root, argument));
    expect(printed).toContain(words);
    expect(printed.startsWith('--set ')).toBe(true);
  });
});

describe('paths', () => {
  const step = fc.oneof(fc.nat(999), fc.string({ unit: anyCharacter, minLength: 0, maxLength: 8 }));

  it('a printed path reads back as itself', () => {
    const path = fc.array(step, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(path, (p) => {
        expect(parsePath(formatPath(p))).toEqual(p);
      }),
    );
  });

  it('a path lies within its prefixes and no other', () => {
    expect(isWithin(['a', 0, 'b'], ['a', 0])).toBe(true);
    expect(isWithin(['a', 0], ['a', 0, 'b'])).toBe(false);
    expect(isWithin(['a', 0], ['a', 1])).toBe(false);
  });

  it.each(['', '.a', 'a.', 'a[', 'a[x]', 'a[0]b', '[1', 'ä'])('%j is no path', (text) => {
    expect(parsePath(text)).toBeUndefined();
  });
});
