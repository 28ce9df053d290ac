/**
 * Groups of moves say what their moves say one by one, whether they share answers well or badly.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT, MOVED, REFUSED } from '../../core/explore/model.js';
import { type MoveAnswers, MoveGroups } from '../../core/explore/move-groups.js';
import { expectSame } from '../expect-same.js';

const MOVES = 12;
const PLACES = 3;
const FACETS = 1 + PLACES;

/** Move m is of place m mod 4 - 1 (-1 = none), and reads the first facet and that place's. */
function answersOf(values: Int32Array): MoveAnswers & { count: number } {
  const placeOfMove = (move: number) => Math.floor(move / 3) - 1;
  const readForMove = (move: number) => (placeOfMove(move) < 0 ? [0] : [1 + placeOfMove(move), 0]);
  return {
    asked: 0,
    count: 0,
    placeOfMove(move) {
      if (move >= MOVES) throw new Error(`there is no move ${move}`);
      return placeOfMove(move);
    },
    readForMove,
    move(move) {
      this.count++;
      const sum = readForMove(move).reduce((all, facet) => 31 * all + values[facet], move);
      return [ABSENT, REFUSED, MOVED, MOVED + 1 + (sum % 5)][sum % 4];
    },
  };
}

function onebyone(answers: MoveAnswers) {
  const all = Array.from({ length: MOVES }, (_, move) => [move, answers.move(move)] as const);
  const moved = all.filter(([, answer]) => answer >= MOVED);
  return { moved, refused: all.filter(([, answer]) => answer === REFUSED).length };
}

function lookedAt({ moves, answers, count, refused }: MoveGroups) {
  return { moved: Array.from({ length: count }, (_, i) => [moves[i], answers[i]]), refused };
}

describe('move groups', () => {
  // Few values are met again and again; many make every group's answers new, so that it is cut.
  it.each([
    ['few', 4, 4],
    ['many', 3000, 12],
  ])('over %s values of a facet, say what their moves say', (_, most, groups) => {
    const values = new Int32Array(FACETS);
    const answers = answersOf(values);
    const naive = answersOf(values);
    const looked = new MoveGroups(answers, MOVES, values);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(most), { minLength: FACETS, maxLength: FACETS }), {
          minLength: 400,
          maxLength: 500,
          size: 'max',
        }),
        (states) => {
          for (const state of states) {
            values.set(state);
            looked.look();
            expectSame(lookedAt(looked), onebyone(naive));
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(looked.groupCount).toBe(groups);
  });

  it('stay whole where most looks find an answer, however many are learnt', () => {
    const values = new Int32Array(FACETS);
    const looked = new MoveGroups(answersOf(values), MOVES, values);
    for (let i = 0; i < 40_000; i++) {
      values.fill(i % 8 === 0 ? i : 0);
      looked.look();
    }
    expect(looked.groupCount).toBe(1 + PLACES);
  });

  it('look at moves one by one while most answers are new', () => {
    const values = new Int32Array(FACETS);
    const answers = answersOf(values);
    const eager = { ...answers, asked: 0 };
    const looked = new MoveGroups(eager, MOVES, values);
    for (let i = 0; i < 10_000; i++) {
      eager.asked++;
      looked.look();
    }
    expect(looked.groupCount).toBe(0);
  });

  it('ask single moves no more once all answers are shared', () => {
    const values = new Int32Array(FACETS);
    const answers = answersOf(values);
    const looked = new MoveGroups(answers, MOVES, values);
    for (let i = 0; i < 5000; i++) looked.look();
    expect(looked.groupCount).toBe(1 + PLACES);
    const { count } = answers;
    for (let i = 0; i < 100; i++) looked.look();
    expect(answers.count).toBe(count);
    // One block for each group, of one facet or two, each of 16 slots at first.
    expect(looked.bytes).toBe(4 * 16 * (2 + PLACES * 3));
  });

  it('begin only after as many states in a row as are counted', () => {
    const values = new Int32Array(FACETS);
    const looked = new MoveGroups(answersOf(values), MOVES, values);
    expect([looked.groupCount, looked.bytes]).toEqual([0, 0]);
    for (let i = 0; i < 4095; i++) looked.look();
    expect(looked.groupCount).toBe(0);
    looked.look();
    expect(looked.groupCount).toBe(1 + PLACES);
  });

  it('begin late, too, once hardly anything is asked any more', () => {
    const values = new Int32Array(FACETS);
    const eager = { ...answersOf(values), asked: 1_000_000 };
    const looked = new MoveGroups(eager, MOVES, values);
    const lookOften = (asked: number) => {
      for (let i = 0; i < 4096; i++) {
        if (i < asked) eager.asked++;
        looked.look();
      }
      return looked.groupCount;
    };
    // One question in eight states is too many, one less is not; what was asked at first counts once.
    expect([lookOften(0), lookOften(512)]).toEqual([0, 0]);
    expect(lookOften(511)).toBe(1 + PLACES);
  });
});
