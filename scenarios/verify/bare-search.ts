/**
 * A bare breadth-first search of the same graph: how fast a search without any rule could be.
 *
 * The moves of a finished search are replayed from a list: no rules, no invariants, only keys into a
 * fresh visited table. Invariant: it finds as many states as the search did, or throws.
 * Trade-off: the list takes four bytes a move, so it is made for searches of a few million only.
 */
import { MOVED, type Model } from '../../core/explore/model.js';
import { createVisited, type VisitedTable } from '../../core/explore/visited.js';

/** Numbers of the states that the moves of each state lead to, state after state. */
export interface Graph {
  readonly targets: Uint32Array;
  /** Where the targets of a state begin; one entry more than states. */
  readonly from: Uint32Array;
}

/** Takes every move once more and notes where it leads. */
export function graphOf(model: Model, visited: VisitedTable, transitions: number): Graph {
  const targets = new Uint32Array(transitions);
  const from = new Uint32Array(visited.size + 1);
  const key = new Int32Array(visited.words);
  let at = 0;
  for (let state = 0; state < visited.size; state++) {
    visited.read(state, key);
    model.load(key);
    for (let move = 0; move < model.moves; move++) {
      if (model.take(move) !== MOVED) continue;
      model.encode(key);
      model.takeBack();
      targets[at++] = visited.find(key);
    }
    from[state + 1] = at;
  }
  return { targets, from };
}

/** Searches a graph by its keys alone; returns the number of states found. */
export function bareSearch({ targets, from }: Graph, keys: VisitedTable): number {
  const seen = createVisited(keys.words);
  const key = new Int32Array(keys.words);
  keys.read(0, key);
  seen.insert(key);
  for (let state = 0; state < seen.size; state++) {
    for (let i = from[state]; i < from[state + 1]; i++) {
      keys.read(targets[i], key);
      seen.insert(key);
    }
  }
  if (seen.size !== keys.size) throw new Error(`${seen.size} states, the search had ${keys.size}`);
  return seen.size;
}
