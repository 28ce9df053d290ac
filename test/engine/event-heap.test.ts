/** The agenda against a list that is sorted anew for each question. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHeap, RANK } from '../../scenarios/engine/event-heap.js';

describe('engine: the agenda', () => {
  it('gives moments by time, then rank, then order of arrival', () => {
    const moment = fc.record({ time: fc.nat(5), rank: fc.constantFrom(0, 1, 2) });
    const turn = fc.option(moment, { nil: undefined, freq: 3 });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 80 }), (turns) => {
        const heap = new EventHeap();
        let naive: { time: number; rank: number; item: number }[] = [];
        for (const [item, push] of turns.entries()) {
          if (push !== undefined) {
            heap.push(push.time, push.rank, item);
            naive.push({ ...push, item });
          } else if (naive.length > 0) {
            naive = naive.toSorted((a, b) => a.time - b.time || a.rank - b.rank || a.item - b.item);
            const first = naive.shift();
            expect([heap.nextTime, heap.nextRank, heap.nextItem]).toEqual([
              first?.time,
              first?.rank,
              first?.item,
            ]);
            heap.pop();
          }
          expect(heap.size).toBe(naive.length);
        }
      }),
    );
  });

  it('grows beyond its first capacity and says when it is empty', () => {
    const heap = new EventHeap();
    for (let i = 5000; i > 0; i--) heap.push(i, RANK.end, i);
    for (let i = 1; i <= 5000; i++) {
      expect(heap.nextItem).toBe(i);
      heap.pop();
    }
    expect(heap.nextTime).toBe(Number.POSITIVE_INFINITY);
    expect(() => heap.pop()).toThrow('empty');
  });
});
