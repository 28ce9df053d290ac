/**
 * In how many states of tiny scopes each `sometimes` property holds: as many as a host has that is brought
 * to each of them, without any memory.
 */
import { describe, expect, it } from 'vitest';
import { countReached } from '../../core/explore/reached-counts.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { search } from '../../core/explore/search.js';
import { sceneOf } from '../../core/invariants/check.js';
import { REACHED } from '../../core/invariants/reached.js';
import { TINY } from './tiny-scopes.js';

const CASES = TINY.flatMap(({ scope }) =>
  [false, true].map((reduced) => ({ name: scope.name, scope, reduced })),
);

describe('states that a property holds in', () => {
  it.each(CASES)('$name, reduced $reduced: as one by one', ({ scope, reduced }) => {
    const model = createRememberingModel(scope, { reduced });
    const { visited, firstReached } = search(model);
    const ofStates = REACHED.filter(({ ofMove }) => ofMove === undefined);
    const anew = new Map(ofStates.map(({ id }) => [id, 0]));
    const key = new Int32Array(model.words);
    for (let state = 0; state < visited.size; state++) {
      visited.read(state, key);
      model.source.load(key);
      const scene = sceneOf(model.source.host);
      for (const { id, reached } of ofStates)
        if (reached(scene)) anew.set(id, (anew.get(id) ?? 0) + 1);
    }
    const counts = countReached(model, { visited });
    expect([...counts]).toEqual([...anew]);
    for (const [id, states] of counts) expect(states > 0, id).toBe(firstReached.has(id));
  });

  it('leaves out what looks back at the state before, and that alone', () => {
    const [{ scope }] = TINY;
    const looking = REACHED.filter(({ reached }) => {
      let looked = false;
      const scene = sceneOf(scope.build());
      reached({
        ...scene,
        get before() {
          looked = true;
          return undefined;
        },
      });
      return looked;
    });
    expect(looking).toEqual(REACHED.filter(({ ofMove }) => ofMove === true));
    expect(looking.map(({ id }) => id)).toEqual(['ended']);
  });
});
