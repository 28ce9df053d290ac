/** The list of records and the lists of cores against a table by number. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coreAt, threadsOf, withCore } from '../../core/host/cores.js';
import { alone, union, without } from '../../core/host/lists.js';
import {
  newestFirst,
  putRecord,
  recordOf,
  removeRecord,
  theRecord,
  uidsOf,
} from '../../core/host/records.js';
import { type Enclave, newEnclave, type OwnedCore, SHARED_TASK } from '../../core/host/tree.js';
import { ExtentList } from '../../core/memory/extent-list.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';

const uid = fc.nat(12);
const change = fc.oneof(fc.record({ put: uid }), fc.record({ drop: uid }));

describe('records', () => {
  it('are found, listed and dropped as in a table by uid', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const tree: { records: Enclave[] } = { records: [] };
        const table = new Map<number, Enclave>();
        for (const one of changes) {
          if ('put' in one) {
            const record = newEnclave({ uid: one.put });
            putRecord(tree, record);
            table.set(one.put, record);
          } else {
            removeRecord(tree, one.drop);
            table.delete(one.drop);
          }
          const uids = [...table.keys()].sort((a, b) => a - b);
          expect(tree.records.map((record) => record.uid)).toEqual(uids);
          expect(uidsOf(tree)).toEqual(uids.reverse());
          expect(newestFirst(tree)).toEqual(uids.map((number) => table.get(number)));
          for (let number = 0; number <= 12; number++) {
            expect(recordOf(tree, number)).toBe(table.get(number));
          }
        }
      }),
    );
  });

  it('one that is not there is an error where it has to be', () => {
    expect(() => theRecord({ records: [] }, 3)).toThrow('there is no enclave 3');
  });
});

describe('owned cores', () => {
  it('are those of a table by index, ascending, none without threads', () => {
    const step = fc.record({ index: fc.nat(5), cpus: fc.array(fc.nat(9), { maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let cores: readonly OwnedCore[] = [];
        const table = new Map<number, readonly number[]>();
        for (const { index, cpus } of steps) {
          const before = [...cores];
          const next = withCore(cores, index, cpus);
          expect(cores).toEqual(before);
          cores = next;
          if (cpus.length > 0) table.set(index, cpus);
          else table.delete(index);
        }
        const rows = [...table].sort(([a], [b]) => a - b);
        expect(cores).toEqual(rows.map(([index, cpus]) => ({ index, cpus })));
        expect(threadsOf(cores)).toEqual(rows.flatMap(([, cpus]) => cpus));
        for (let index = 0; index <= 5; index++) {
          expect(coreAt(cores, index)).toEqual(table.get(index));
        }
      }),
    );
  });

  it('threads join and leave a core whoever its sibling is', () => {
    for (const [low, high] of [
      [0, 4],
      [0, 9],
      [0, 4],
      [3, 5],
    ]) {
      expect(union(alone(low), alone(high))).toEqual([low, high]);
      expect(union(alone(high), alone(low))).toEqual([low, high]);
      expect(without([low, high], [low])).toEqual([high]);
      expect(without([low, high], [high])).toEqual([low]);
      expect(without([low], [low])).toEqual([]);
    }
  });
});

it('what every task sees is of no task: processes are numbered from 0', () => {
  expect(SHARED_TASK).toBeLessThan(0);
});

describe('a list of extents', () => {
  it('is what the store says, whether the store can list or only tell', () => {
    const store = createExtentPool({ frames: 64, tag: 1, granuleFrames: 8 });
    for (const start of [0, 8, 24, 40]) store.allocAt(start, 5, start + 1);
    const told = [...store.extents()].map(({ start, frames, owner }) => [start, frames, owner]);
    const [quick, slow] = [new ExtentList(), new ExtentList()];
    const teller = Object.assign(Object.create(store), { listInto: undefined });
    for (let again = 0; again < 2; again++) {
      quick.fill(store);
      slow.fill(teller);
      for (const list of [quick, slow]) {
        const rows = Array.from({ length: list.count }, (_, i) => [
          list.starts[i],
          list.frames[i],
          list.owners[i],
        ]);
        expect(rows).toEqual(told);
      }
    }
  });
});
