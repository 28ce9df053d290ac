/**
 * From a path of canonical states to one that a host can walk.
 *
 * A reduced search goes on from the least image of where a move led, so its moves name places as that
 * image does. A walk from the unrenamed first state finds for each of its steps a move that leads to the
 * same orbit, and for the last a move that breaks the same properties: a state that is none of a sound
 * host (frames left dirty) has places in it that no renaming reaches. Invariant: the walk is as long as
 * the path and ends in a breach of the same properties. That such moves always exist is what makes a
 * renaming a symmetry: where there is no walk, something tells apart what the scope calls equal.
 * Trade-off: tries up to all moves at each step, of a path of a few dozen steps.
 */
import { MOVED } from './model.js';
import type { RememberingModel } from './remembering-model.js';
import type { Found } from './search.js';

/**
 * The moves from the first state, which no renaming changes, to a breach; undefined = there is no walk.
 * @param model of the search that found it: which image is the least depends on what it met first
 * @param first key of the first state
 */
export function realPath(
  model: RememberingModel,
  first: Int32Array,
  { path, breach }: Found,
): readonly number[] | undefined {
  const properties = breach.properties.join();
  const walked: number[] = [];
  let image = first;
  let here = first;
  for (const [step, move] of path.entries()) {
    const isLast = step === path.length - 1;
    image = leadsTo(model, image, move)?.orbit ?? image;
    const isRight = ({ breaks, orbit }: Next): boolean =>
      isLast ? breaks === properties : orbit?.every((word, at) => word === image[at]) === true;
    const found = firstMove(model, here, isRight);
    if (found === undefined) return undefined;
    walked.push(found.move);
    here = found.next.key;
  }
  return walked;
}

function firstMove(model: RememberingModel, here: Int32Array, isRight: (next: Next) => boolean) {
  for (let move = 0; move < model.moves; move++) {
    const next = leadsTo(model, here, move);
    if (next !== undefined && isRight(next)) return { move, next };
  }
  return undefined;
}

interface Next {
  readonly key: Int32Array;
  /** Least key of its orbit; undefined = the move throws, and leads nowhere. */
  readonly orbit: Int32Array | undefined;
  /** The properties broken there; undefined = none. */
  readonly breaks: string | undefined;
}

/** Where a move leads; undefined when it does not move. */
function leadsTo(model: RememberingModel, here: Int32Array, move: number): Next | undefined {
  const { source } = model;
  const thrown = source.thrownBy(here, move);
  if (thrown !== undefined) {
    return { key: here, orbit: undefined, breaks: thrown.properties.join() };
  }
  source.load(here);
  if (source.take(move) !== MOVED) return undefined;
  const key = new Int32Array(model.words);
  source.encode(key);
  const breaks = source.judge(true, new Set())?.properties.join();
  source.takeBack();
  const orbit = key.slice();
  model.canonize(orbit);
  return { key, orbit, breaks };
}
