/** What every move of a loaded state comes to, in a form in which two models can be compared. */
import { MOVED } from '../../core/explore/model.js';
import type { createRememberingModel } from '../../core/explore/remembering-model.js';

type Taker = Pick<ReturnType<typeof createRememberingModel>, 'take' | 'encode' | 'takeBack'>;

/** By move: how it ended or, where it changed the state, the key it leads to and the breach there. */
export function everyMove(
  model: Taker,
  moves: number,
  words: number,
  judge: () => unknown,
): unknown[] {
  const there = new Int32Array(words);
  return Array.from({ length: moves }, (_, move) => {
    const tried = model.take(move);
    if (tried !== MOVED) return tried;
    model.encode(there);
    const breach = judge();
    model.takeBack();
    return [[...there], breach];
  });
}
