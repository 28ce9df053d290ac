/** The lists of the state tree as effects change them: threads as bags, cores as a table by index. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coreAt, threadsOf, withCore } from '../../core/host/cores.js';
import {
  alone,
  insertAll,
  NO_THREADS,
  removeAt,
  removeFrom,
  removeSpan,
  union,
  without,
} from '../../core/host/lists.js';
import type { OwnedCore } from '../../core/host/tree.js';

const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);
const threads = fc.array(fc.nat({ max: 12 }), { maxLength: 6 }).map(ascending);

/** How often each stands in a list. */
function bagOf(list: readonly number[]): Map<number, number> {
  const bag = new Map<number, number>();
  for (const one of list) bag.set(one, (bag.get(one) ?? 0) + 1);
  return bag;
}

describe('lists of threads', () => {
  it('a union has every thread of both, ascending, and writes neither', () => {
    fc.assert(
      fc.property(threads, threads, (have, add) => {
        const [first, second] = [[...have], [...add]];
        expect(union(have, add)).toEqual(ascending([...have, ...add]));
        expect([have, add]).toEqual([first, second]);
      }),
    );
    expect(union(undefined, [4, 7])).toEqual([4, 7]);
  });

  it('what is left has one less of each that goes, in the order it had', () => {
    fc.assert(
      fc.property(threads, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (have, goes) => {
        const drop = have.filter((_, i) => goes[i]);
        const before = [...have];
        const left = without(have, drop);
        expect(left).toEqual(ascending(left));
        expect(bagOf([...left, ...drop])).toEqual(bagOf(ascending([...have])));
        expect(have).toEqual(before);
      }),
    );
  });

  it('a union undoes a removal, so that cores come and go without a trace', () => {
    fc.assert(
      fc.property(threads, threads, (have, add) => {
        expect(without(union(have, add), add)).toEqual(have);
      }),
    );
  });

  it('of a core with two threads either may go', () => {
    expect([without([3, 11], [3]), without([3, 11], [11])]).toEqual([[11], [3]]);
    expect([without([3, 3], [3]), without([3, 11], [3, 11])]).toEqual([[3], NO_THREADS]);
  });

  it('of a core with more threads one may come and go, too', () => {
    expect(union([1, 5], [3])).toEqual([1, 3, 5]);
    expect(union([3], [1, 5])).toEqual([1, 3, 5]);
    expect(without([1, 3, 5], [3])).toEqual([1, 5]);
    expect(without([1, 3, 5], [5, 1])).toEqual([3]);
  });

  it('lists that nobody writes are shared: a pair that came together either way, one thread, none', () => {
    expect(union([11], [3])).toBe(union([3], [11]));
    expect(union([3], [10])).toEqual([3, 10]);
    expect(union([3], [11])).toEqual([3, 11]);
    expect(alone(5)).toBe(alone(5));
    expect([alone(0), alone(5), alone(2)]).toEqual([[0], [5], [2]]);
    expect(without([3], [3])).toBe(NO_THREADS);
    expect(without([3, 11], [3])).toBe(alone(11));
    const core = [3, 11];
    expect(union(NO_THREADS, core)).toBe(core);
  });

  it('one place is taken out of a list; of a value that is not there, the last', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1 }), fc.nat(99), (list, at) => {
        const position = at % list.length;
        const [place, value] = [[...list], [...list]];
        removeAt(place, position);
        expect(place).toEqual(list.filter((_, i) => i !== position));
        removeFrom(value, list[position]);
        const first = list.indexOf(list[position]);
        expect(value).toEqual(list.filter((_, i) => i !== first));
      }),
    );
    const list = [4, 5, 6];
    removeFrom(list, 9);
    expect(list).toEqual([4, 5]);
  });

  it('a span is taken out of a list, and put in again where it was', () => {
    const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (let position = 0; position <= letters.length; position++) {
      for (let count = 0; position + count <= letters.length; count++) {
        const list = [...letters];
        const span = letters.slice(position, position + count);
        removeSpan(list, position, count);
        expect(list).toEqual(letters.filter((one) => !span.includes(one)));
        insertAll(list, position, span);
        expect([list, span]).toEqual([letters, letters.slice(position, position + count)]);
      }
    }
  });
});

describe('the cores of an enclave', () => {
  const changes = fc.array(fc.tuple(fc.nat({ max: 7 }), threads), { maxLength: 12 });

  it('are a table by index, listed ascending, without an index that has no thread', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const table = new Map<number, readonly number[]>();
        let cores: readonly OwnedCore[] = [];
        for (const [index, cpus] of steps) {
          const before = structuredClone(cores);
          const next = withCore(cores, index, cpus);
          expect(cores).toEqual(before);
          table.delete(index);
          if (cpus.length > 0) table.set(index, cpus);
          cores = next;
        }
        const expected = [...table].sort(([a], [b]) => a - b);
        expect(cores).toEqual(expected.map(([index, cpus]) => ({ index, cpus })));
        expect(threadsOf(cores)).toEqual(expected.flatMap(([, cpus]) => cpus));
        for (let index = 0; index < 9; index++) {
          expect(coreAt(cores, index)).toEqual(table.get(index));
        }
      }),
    );
  });
});
