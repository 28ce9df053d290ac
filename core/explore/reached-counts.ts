/**
 * In how many states of a search each `sometimes` property holds.
 *
 * A search asks for a property until it is reached once; this asks all states that it found. Invariant: each
 * state counts once; a property of a move is none of a state, and not counted. Trade-off: a walk of its own,
 * for who wants to know, that the search itself pays nothing for.
 */
import { REACHED } from '../invariants/reached.js';
import type { RememberingModel } from './remembering-model.js';
import type { Search } from './search.js';

/** Id of each property → states; of a search without a breach, by the model that made it. */
export function countReached(
  model: RememberingModel,
  { visited }: Pick<Search, 'visited'>,
): ReadonlyMap<string, number> {
  const counts = REACHED.map(() => 0);
  const ofStates = [...REACHED.keys()].filter((i) => REACHED[i].ofMove === undefined);
  const key = new Int32Array(model.words);
  for (let state = 0; state < visited.size; state++) {
    visited.read(state, key);
    model.arriveAt(key);
    for (const i of ofStates) if (model.isReached(i)) counts[i]++;
  }
  return new Map(ofStates.map((i) => [REACHED[i].id, counts[i]]));
}
