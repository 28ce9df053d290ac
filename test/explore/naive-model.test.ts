/** The tiny scopes in full, by the model that remembers nothing. */
import { expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { search } from '../../core/explore/search.js';
import { TINY } from './tiny-scopes.js';

const CASES = TINY.map((tiny) => ({ name: tiny.scope.name, tiny }));

it.each(CASES)('$name: in full, each move asked of the rules again', ({ tiny }) => {
  const { counts, refused, orbits, found, unreached } = search(createHostModel(tiny.scope));
  expect(found).toBeUndefined();
  expect(counts).toEqual(tiny.full);
  expect([refused, orbits]).toEqual([tiny.refused[0], tiny.full.unique]);
  expect(unreached).toEqual(tiny.unreached);
});
