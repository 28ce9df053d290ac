/**
 * Tiny scopes, searched whole by the model that remembers and by the one that does not: their counts.
 *
 * A changed count is a change of the model to be reviewed, as in the whole scopes.
 */
import { describe, expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import { expectSame } from '../expect-same.js';
import { everyMove } from './every-move.js';
import { TINY, type Tiny } from './tiny-scopes.js';

const CASES = TINY.map((tiny) => ({ name: tiny.scope.name, tiny }));
/** A search that goes astray ends. */
const maxStates = 1000;

describe('a tiny scope', () => {
  it.each(CASES)('$name: is counted by the model that remembers', ({ tiny }) => {
    expectFull(tiny, createRememberingModel);
    expectReduced(tiny, createRememberingModel);
  });

  it.each(CASES)('$name: reduced by the one that asks each time', ({ tiny }) => {
    expectReduced(tiny, createHostModel);
  });

  it.each(CASES)('$name: both say the same of each move in every state', ({ tiny }) => {
    const model = createRememberingModel(tiny.scope);
    const { visited } = search(model, { maxStates });
    const { source, words } = model;
    const here = new Int32Array(words);
    for (let state = 0; state < visited.size; state += Math.ceil(visited.size / 40)) {
      visited.read(state, here);
      const asked = model.asked;
      model.load(here);
      const told = everyMove(model, model.moves, words, () => model.judge(true, new Set()));
      expect(model.asked).toBe(asked);
      source.load(here);
      expectSame(
        told,
        everyMove(source, model.moves, words, () => source.judge(true, new Set())),
      );
    }
  });
});

type Create = (
  scope: Tiny['scope'],
  choice: { readonly reduced: boolean },
) => Parameters<typeof search>[0];

function expectFull({ scope, full, refused, unreached }: Tiny, create: Create): void {
  const found = search(create(scope, { reduced: false }), { maxStates });
  expect(found.found).toBeUndefined();
  expect(found.counts).toEqual(full);
  expect([found.refused, found.orbits]).toEqual([refused[0], full.unique]);
  expect(found.unreached).toEqual(unreached);
}

function expectReduced({ scope, full, reduced, refused, unreached }: Tiny, create: Create): void {
  const found = search(create(scope, { reduced: true }), { maxStates });
  expect(found.found).toBeUndefined();
  expect(found.counts).toEqual(reduced);
  expect([found.refused, found.orbits]).toEqual([refused[1], full.unique]);
  expect(found.unreached).toEqual(unreached);
}
