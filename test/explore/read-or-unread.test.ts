/** What makes a field count as read, and which pairs of states are looked at: on a model made by hand. */
import { describe, expect, it } from 'vitest';
import { createComponents } from '../../core/explore/components.js';
import { BASE, CPUS, layoutOf } from '../../core/explore/host-keys.js';
import { ABSENT, MOVED, REFUSED, type Tried } from '../../core/explore/model.js';
import type { RememberingModel } from '../../core/explore/remembering-model.js';
import type { Search } from '../../core/explore/search.js';
import { fieldUses } from '../../core/explore/unread-fields.js';
import { createVisited } from '../../core/explore/visited.js';

const LAYOUT = layoutOf(1, 1);
const PLACE = LAYOUT.firstPlace;

/** What a move does in a state: how it ends, what is said of it, and the words that it changes. */
interface Answer {
  readonly tried: Tried;
  readonly decision?: unknown;
  readonly to?: Words;
}

/** Words of a key by their place; those left out are 0. */
type Words = Readonly<Record<number, number>>;

type MoveByHand = (key: Int32Array) => Answer;

interface ByHand {
  /** Contents of the word of the parent, and of the place. */
  readonly parents?: readonly object[];
  readonly enclaves?: readonly object[];
  /** In the order they were found. */
  readonly states: readonly Words[];
  readonly moves?: readonly MoveByHand[];
  readonly canonize?: (key: Int32Array) => void;
}

/** "field of whose: pairs, unread". */
function usesOf({
  parents = [],
  enclaves = [],
  states,
  moves = [],
  canonize = () => {},
}: ByHand): string[] {
  const visited = createVisited(LAYOUT.words);
  for (const words of states) visited.insert(keyOf(words));
  const here = keyOf({});
  let last: Answer = { tried: ABSENT };
  const source = {
    keys: {
      layout: LAYOUT,
      registers: {
        ...{ base: register(parents), enclaves: register(enclaves) },
        ...{ cpus: register([]), nodes: register([]), mappings: register([]) },
      },
    },
    moves: moves.length,
    load: (key: Int32Array) => here.set(key),
    take(move: number) {
      const answer = moves[move](here);
      // As a model does: of a move that is none nothing is decided, and the last decision stays.
      if (answer.tried === ABSENT) last = { ...last, tried: ABSENT };
      else last = answer;
      return answer.tried;
    },
    decision: () => last.decision,
    encode: (key: Int32Array) => key.set(keyOf(last.to ?? {}, here)),
    takeBack: () => {},
  };
  const model = { words: LAYOUT.words, source, canonize } as unknown as RememberingModel;
  return fieldUses(model, { visited } as Search).map(
    ({ field, whose, pairs, read }) => `${field} of ${whose}: ${pairs}${read ? '' : ', unread'}`,
  );
}

function register(parts: readonly object[]) {
  const components = createComponents<object>();
  for (const [number, part] of parts.entries()) components.numberOf(`${number}`, () => part);
  return components;
}

function keyOf(words: Words, from?: Int32Array): Int32Array {
  const key = from?.slice() ?? new Int32Array(LAYOUT.words);
  for (const [word, number] of Object.entries(words)) key[Number(word)] = number;
  return key;
}

const isFirst = (key: Int32Array) => key[BASE] === 0;
const bounds = (count: number) => Array.from({ length: count }, (_, bound) => ({ bound }));
const statesOf = (count: number) => Array.from({ length: count }, (_, n) => ({ [BASE]: n }));
const TWO = { parents: bounds(2), states: statesOf(2) };

describe('a field is read', () => {
  it.each<[string, MoveByHand]>([
    ['by whether there is a move', (key) => ({ tried: isFirst(key) ? ABSENT : REFUSED })],
    [
      'by the rule that refuses',
      (key) => refused({ refusal: { rule: isFirst(key) ? 'one' : 'two' } }),
    ],
    ['by what a refusal says', (key) => refused({ refusal: { message: `${key[BASE]}` } })],
    ['by a number returned', (key) => refused({ facts: { rc: key[BASE] } })],
    ['by what a poll says', (key) => refused({ facts: { poll: key[BASE] } })],
    ['by which of two words a move changes', (key) => moved({ [CPUS]: key[BASE] })],
    ['by another field that a move leads to', (key) => moved({ [BASE]: 2 + key[BASE] })],
  ])('%s', (_, move) => {
    const parents = [
      ...bounds(2),
      { bound: 0, parent: 'running' },
      { bound: 0, parent: 'stopped' },
    ];
    expect(usesOf({ ...TWO, parents, moves: [move] })).toEqual(['bound of the parent: 1']);
  });

  it('by one move of many, after others that say the same', () => {
    const same: MoveByHand = () => refused({ refusal: { rule: 'same' } });
    const reads: MoveByHand = (key) => refused({ facts: { rc: key[BASE] } });
    expect(usesOf({ ...TWO, moves: [same, same, reads] })).toEqual(['bound of the parent: 1']);
  });

  it('by the enclave that a move leaves, or takes away', () => {
    const enclaves = [
      { uid: 0, cid: 4 },
      { uid: 0, cid: 5 },
    ];
    const states = [{ [PLACE]: 1 }, { [PLACE]: 2 }];
    const ends: MoveByHand = (key) => (key[PLACE] === 1 ? moved({ [PLACE]: 0 }) : moved({}));
    expect(usesOf({ enclaves, states, moves: [ends] })).toEqual(['cid of an enclave: 1']);
  });
});

describe('a field is not read', () => {
  it.each<[string, MoveByHand]>([
    ['by a move that is none in either state', () => ({ tried: ABSENT })],
    ['by one that leaves it as it is', (key) => moved({ [BASE]: key[BASE] })],
    ['by one that changes it alone', (key) => moved({ [BASE]: 1 - key[BASE] })],
    ['by one that changes what is beside it', () => moved({ [CPUS]: 1 })],
  ])('%s', (_, move) => {
    expect(usesOf({ ...TWO, moves: [move] })).toEqual(['bound of the parent: 1, unread']);
  });

  it('by an enclave that comes or goes whatever it says', () => {
    const enclaves = [
      { uid: 0, cid: 4 },
      { uid: 0, cid: 5 },
    ];
    const states = [{ [PLACE]: 1 }, { [PLACE]: 2 }, {}];
    const ends: MoveByHand = () => moved({ [PLACE]: 0 });
    expect(usesOf({ enclaves, states, moves: [ends] })).toEqual(['cid of an enclave: 1, unread']);
  });

  it('by what was decided before a move that is none', () => {
    const first: MoveByHand = (key) => refused({ refusal: { rule: key[CPUS] === 1 ? 'a' : 'b' } });
    const none: MoveByHand = () => ({ tried: ABSENT });
    expect(usesOf({ ...TWO, moves: [first, none] })).toEqual(['bound of the parent: 1, unread']);
  });
});

describe('pairs of states', () => {
  it('are each looked at once, in whatever order the states were found', () => {
    const [first, second] = TWO.states;
    const unread = ['bound of the parent: 1, unread'];
    expect(usesOf({ ...TWO, states: [first, second] })).toEqual(unread);
    expect(usesOf({ ...TWO, states: [second, first] })).toEqual(unread);
  });

  it('are looked at until one is told apart', () => {
    const parents = bounds(9);
    const move: MoveByHand = (key) => refused({ facts: { rc: key[BASE] >> 2 } });
    // State 7919 % 9 = 8 comes second; 8 >> 2 and 7 >> 2 differ.
    expect(usesOf({ parents, states: statesOf(9), moves: [move] })).toEqual([
      'bound of the parent: 1',
    ]);
    expect(usesOf({ parents: bounds(4), states: statesOf(4), moves: [move] })).toEqual([
      'bound of the parent: 3, unread',
    ]);
  });

  it('are three hundred of a field at most', () => {
    expect(usesOf({ parents: bounds(302), states: statesOf(302) })).toEqual([
      'bound of the parent: 300, unread',
    ]);
  });

  it('are those of states that were met, by their canonical keys', () => {
    const parents = bounds(2);
    expect(usesOf({ parents, states: [{ [BASE]: 1 }] })).toEqual([]);
    // The state with 0 stands for itself, once named otherwise.
    const states: Words[] = [{ [BASE]: 1 }, { [CPUS]: 3 }];
    const canonize = (key: Int32Array) => {
      if (isFirst(key)) key[CPUS] = 3;
    };
    expect(usesOf({ parents, states, canonize })).toEqual(['bound of the parent: 1, unread']);
  });

  it('differ in one field alone, and that is told for each', () => {
    const parents = [
      ...[
        { bound: 0, dirty: 0 },
        { bound: 1, dirty: 1 },
      ],
      ...[
        { bound: 1, dirty: 0 },
        { bound: 2, dirty: 2 },
      ],
    ];
    expect(usesOf({ parents, states: statesOf(4) }).sort()).toEqual([
      ...['bound of the parent: 1, unread', 'dirty of the parent: 1, unread'],
    ]);
  });
});

describe('fields that always change together', () => {
  const parents = [
    { bound: 0, dirty: 'a', extraPins: 0 },
    { bound: 1, dirty: 'b', extraPins: 0 },
  ];

  it('are one field: two copies of what nothing reads are told, with both their names', () => {
    const unread = ['bound and dirty of the parent: 1, unread'];
    expect(usesOf({ parents, states: statesOf(2) })).toEqual(unread);
    const itself: MoveByHand = (key) => moved({ [BASE]: 1 - key[BASE] });
    expect(usesOf({ parents, states: statesOf(2), moves: [itself] })).toEqual(unread);
  });

  it('are read when one of them is', () => {
    const reads: MoveByHand = (key) => refused({ facts: { rc: key[BASE] } });
    expect(usesOf({ parents, states: statesOf(2), moves: [reads] })).toEqual([
      'bound and dirty of the parent: 1',
    ]);
  });

  it('are not those of which one says more', () => {
    const more = [...parents, { bound: 2, dirty: 'b', extraPins: 0 }];
    expect(usesOf({ parents: more, states: statesOf(3) })).toEqual([
      'bound of the parent: 1, unread',
    ]);
  });

  it('may be missing together', () => {
    const some = [{ extraPins: 0 }, ...parents];
    expect(usesOf({ parents: some, states: statesOf(3) })).toEqual([
      'bound and dirty of the parent: 1, unread',
    ]);
  });
});

function refused(decision: unknown): Answer {
  return { tried: REFUSED, decision };
}

function moved(to: Words): Answer {
  return { tried: MOVED, to };
}
