/**
 * Remembered answers are those that the rules give when they are asked again, on every move.
 *
 * The model is first made to remember by a search; then states from all over that search are taken
 * once more, each move by the remembering model and by the one beneath it, which asks every time.
 */
import { describe, expect, it } from 'vitest';
import { withLaunches } from '../../core/explore/qingtian-scopes.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { scaledRuns } from '../seed.js';
import { everyMove } from './every-move.js';

const STATES = scaledRuns(2000);
const SAMPLED = 40;

describe('remembering model', () => {
  const launching = { ...withLaunches(SCOPES[0]), name: `${SCOPES[0].name} with whole launches` };
  it.each([...SCOPES, launching])(
    '$name: says of each move what the model beneath it says',
    (scope) => {
      const model = createRememberingModel(scope);
      const { visited } = search(model, { maxStates: STATES });
      const { source, words } = model;
      const here = new Int32Array(words);
      let remembered = 0;
      for (let i = 0; i < SAMPLED; i++) {
        visited.read(Math.floor((i * visited.size) / SAMPLED), here);
        const asked = model.asked;
        model.load(here);
        const told = everyMove(model, model.moves, words, () => model.judge(true, new Set()));
        if (model.asked === asked) remembered++;
        source.load(here);
        const direct = everyMove(source, model.moves, words, () => source.judge(true, new Set()));
        expect(told).toEqual(direct);
      }
      expect(remembered).toBeGreaterThan(0);
    },
  );
});
