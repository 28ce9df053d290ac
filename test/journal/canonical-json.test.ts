/** Canonical JSON is what JSON.stringify writes of the same value with its keys put in order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../core/journal/codec.js';
import { anyCharacter } from '../any-character.js';

/** The same, asked of JSON.stringify value by value. */
function naively(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: anyCharacter }),
    fc.double(),
    fc.constantFrom(0, -0, 1e21, 1e-7, Number.NaN, Number.POSITIVE_INFINITY),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie('tree')),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('10', '9', '01', '4294967295', '__proto__', 'a')),
      tie('tree'),
    ),
  ),
}));

describe('canonical JSON', () => {
  it('keys ascend at every depth, lists keep their order, bigints end in n', () => {
    const value = { b: [{ z: 1, y: null }, 'x', true], a: { d: 2n ** 63n, c: undefined }, '': 0 };
    expect(canonicalJson(value)).toBe(
      '{"":0,"a":{"d":"9223372036854775808n"},"b":[{"y":null,"z":1},"x",true]}',
    );
  });

  it('a value without keys is itself', () => {
    for (const value of [null, 5, 'text', false, []]) {
      expect(canonicalJson(value)).toBe(JSON.stringify(value));
    }
  });

  it('is that of JSON.stringify with the keys in order', () => {
    fc.assert(
      fc.property(fc.array(tree), (value) => {
        expect(canonicalJson(value)).toBe(naively(value));
      }),
    );
  });

  it('does not depend on the order in which fields were written', () => {
    const shuffled = fc
      .dictionary(fc.string(), fc.integer())
      .chain((fields) =>
        fc
          .shuffledSubarray(Object.keys(fields), { minLength: Object.keys(fields).length })
          .map((keys) => [fields, Object.fromEntries(keys.map((key) => [key, fields[key]]))]),
      );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(canonicalJson(other)).toBe(canonicalJson(one));
      }),
    );
  });

  it('is nested a thousand deep at most, lists and objects alike', () => {
    const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
      let value: unknown = 1;
      for (let i = 0; i < depth; i++) value = wrap(value);
      return value;
    };
    for (const wrap of [(inner: unknown) => [inner], (a: unknown) => ({ a })]) {
      expect(canonicalJson(nested(1000, wrap))).toBe(naively(nested(1000, wrap)));
      expect(() => canonicalJson(nested(1001, wrap))).toThrow(
        new RangeError('nested more than 1000 deep'),
      );
    }
  });

  it('numbers of a list come first, by number; what JSON has no word for is left out, or null', () => {
    const value = { b: undefined, a: [undefined, Number.NaN], 10: 1n, 9: -0, '01': null };
    expect(canonicalJson(value)).toBe('{"9":0,"10":"1n","01":null,"a":[null,null]}');
    expect(canonicalJson({ '!': 1, 0: 2 })).toBe('{"0":2,"!":1}');
    expect(canonicalJson({})).toBe('{}');
    expect(canonicalJson([])).toBe('[]');
    expect(canonicalJson(undefined)).toBe('null');
  });
});
