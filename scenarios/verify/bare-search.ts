/**
 * A bare breadth-first search of the same graph: how fast a search without any rule could be.
 *
 * The moves of a finished search are replayed from a list: no rules, no invariants, only keys into a
 * fresh visited table. Invariant: it finds as many states as the search did by the same moves, or
 * throws. Trade-off: the list takes four bytes a move, so of a search of many millions only the first
 * are replayed; their table is smaller, and so a little faster, than that of the whole.
 */
import { MOVED, type Model } from '../../core/explore/model.js';
import { createVisited, type VisitedTable } from '../../core/explore/visited.js';

/** The moves of the first states of a whole search, state after state. */
export interface Graph {
  /** Numbers of the states that they lead to. */
  readonly targets: Uint32Array;
  /** Where the targets of a state begin; one entry more than states were looked at. */
  readonly from: readonly number[];
  /** States found by these moves, the first one included. */
  readonly found: number;
}

/** Takes moves once more and notes where they lead, until `limit` of them are noted or all. */
export function graphOf(model: Model, visited: VisitedTable, limit: number): Graph {
  const targets = new Uint32Array(limit + model.moves);
  const from = [0];
  const key = new Int32Array(visited.words);
  let [at, found] = [0, 1];
  for (let state = 0; state < visited.size && at < limit; state++) {
    visited.read(state, key);
    model.load(key);
    for (let move = 0; move < model.moves; move++) {
      if (model.take(move) !== MOVED) continue;
      model.encode(key);
      model.takeBack();
      const target = visited.find(key);
      targets[at++] = target;
      found = Math.max(found, target + 1);
    }
    from.push(at);
  }
  return { targets: targets.subarray(0, at), from, found };
}

/** Searches a graph by its keys alone; returns the number of states found. */
export function bareSearch({ targets, from, found }: Graph, keys: VisitedTable): number {
  const seen = createVisited(keys.words);
  const key = new Int32Array(keys.words);
  keys.read(0, key);
  seen.insert(key);
  for (let state = 0; state + 1 < from.length; state++) {
    for (let i = from[state]; i < from[state + 1]; i++) {
      keys.read(targets[i], key);
      seen.insert(key);
    }
  }
  if (seen.size !== found) throw new Error(`${seen.size} states, the search had ${found}`);
  return seen.size;
}
