/**
 * Late in a whole search moves are looked at in groups: these say what the model beneath them says.
 */
import { describe, expect, it } from 'vitest';
import { MOVED, REFUSED } from '../../core/explore/model.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';

describe('a whole search', () => {
  it('with groups takes the moves that the model beneath it takes', () => {
    const scope = SCOPES.find(({ name }) => name === 'qingtian-three') ?? SCOPES[0];
    const model = createRememberingModel(scope);
    const { visited } = search(model);
    expect(model.groupCount).toBeGreaterThan(0);
    const here = new Int32Array(model.words);
    for (let i = 0; i < 40; i++) {
      visited.read(Math.floor((i * visited.size) / 40), here);
      model.load(here);
      const refused = model.lookAhead();
      const taken: number[] = [];
      for (let move = model.takeNext(); move >= 0; move = model.takeNext()) taken.push(move);
      model.source.load(here);
      const tried = Array.from({ length: model.moves }, (_, move) => {
        const made = model.source.take(move);
        if (made === MOVED) model.source.takeBack();
        return made;
      });
      expect(taken).toEqual(tried.flatMap((made, move) => (made === MOVED ? [move] : [])));
      expect(refused).toBe(tried.filter((made) => made === REFUSED).length);
    }
  });
});
