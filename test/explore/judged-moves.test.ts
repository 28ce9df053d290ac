/**
 * What is remembered of moves that change nothing: by which note, and for how long. The questions are
 * stood in for by a table of answers, since no real one differs by a note where nothing is changed.
 */
import { describe, expect, it } from 'vitest';
import type { Asking } from '../../core/explore/asking.js';
import { createFacets, type Facets } from '../../core/explore/facets.js';
import { createHostKeys } from '../../core/explore/host-keys.js';
import { LegalMoves } from '../../core/explore/legal-moves.js';
import { LostByMove } from '../../core/explore/lost-by-move.js';
import { LOSSES } from '../../core/explore/questions.js';
import { wholeScope } from './tiny-scopes.js';

const QUESTION = 1;
const WRONG = 5;

type Judge = Pick<LegalMoves, 'isBroken' | 'load'>;

const JUDGES: readonly (readonly [name: string, make: (made: Made) => Judge])[] = [
  [
    'legality',
    ({ asking, facets, keys, values }) => new LegalMoves(asking, facets, keys.layout, values),
  ],
  ...LOSSES.map(({ words, groups }, at): (typeof JUDGES)[number] => [
    `loss ${at}`,
    ({ asking, facets, keys, values }) => {
      const loss = { words, groups, question: QUESTION };
      return new LostByMove(asking, facets, keys.layout, values, loss);
    },
  ]),
];

type Made = ReturnType<typeof made>;

/** One question, which is broken by this note alone. */
function made(wrong: number, read: (facets: Facets) => readonly number[] = () => []) {
  const keys = createHostKeys(wholeScope('nitro-2x2x2x2').build(), 2);
  const facets = createFacets(keys);
  const values = new Int32Array(facets.ofBoth);
  const asked: number[] = [];
  const asking = {
    isTrue(question: number) {
      if (question === QUESTION) asked.push(values[facets.note]);
      return question === QUESTION && values[facets.note] === wrong;
    },
    readForQuestion: () => read(facets),
  } as unknown as Asking;
  return { asked, asking, facets, keys, values };
}

/** What is said of moves that change nothing, by their notes. */
function judged({ facets, values }: Made, judge: Judge, notes: readonly number[]): boolean[] {
  return notes.map((note) => {
    values[facets.note] = note;
    return judge.isBroken(0, () => {});
  });
}

describe.each(JUDGES)('%s of a move that changes nothing', (_, make) => {
  it.each<[string, number, number[], number[]]>([
    ['a note behind none', WRONG, [0, 0, WRONG, 0], [0, WRONG]],
    ['a note behind another', WRONG, [WRONG, WRONG, 6, 6, WRONG], [WRONG, 6]],
    ['none behind a note', 0, [WRONG, 0, 0, WRONG], [WRONG, 0]],
  ])('%s is asked for by itself, once', (_name, wrong, notes, asked) => {
    const one = made(wrong);
    expect(judged(one, make(one), notes)).toEqual(notes.map((note) => note === wrong));
    expect(one.asked).toEqual(asked);
  });

  it('is the same in another state that looks alike, and is not asked for again', () => {
    const one = made(WRONG);
    const judge = make(one);
    expect(judged(one, judge, [0])).toEqual([false]);
    judge.load();
    expect(judged(one, judge, [0, WRONG])).toEqual([false, true]);
    expect(one.asked).toEqual([0, WRONG]);
  });
});

describe('a loss', () => {
  it('that is asked of which places are taken, and compares nothing that tells it, is an error', () => {
    const judge = ({ asking, facets, keys, values }: Made, at: number) =>
      new LostByMove(asking, facets, keys.layout, values, { ...LOSSES[at], question: QUESTION });
    const one = made(WRONG, ({ order }) => [order]);
    expect(judged(one, judge(one, 0), [0])).toEqual([false]);
    expect(() => judged(one, judge(one, 1), [0])).toThrow(
      `question ${QUESTION} reads facet ${one.facets.order}`,
    );
  });
});
