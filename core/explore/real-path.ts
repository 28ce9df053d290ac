/**
 * From a path of canonical states to one that a host can walk.
 *
 * A reduced search goes on from the least image of where a move led, so its moves name places as that
 * image does. A walk from the unrenamed first state finds for each of its steps a move that leads to the
 * same orbit, and for the last a move that breaks the same properties: a state that is none of a sound
 * host (frames left dirty) has places in it that no renaming reaches. Invariant: the walk is as long as
 * the path and ends in a breach of the same properties; that such moves always exist is what makes a
 * renaming a symmetry, so a walk that finds none throws.
 * Trade-off: tries up to all moves at each step, of a path of a few dozen steps.
 */
import { MOVED } from './model.js';
import type { RememberingModel } from './remembering-model.js';
import type { Found } from './search.js';

/**
 * The moves from the first state, which no renaming changes, to a breach.
 * @param model of the search that found it: which image is the least depends on what it met first
 * @param first key of the first state
 */
export function realPath(
  model: RememberingModel,
  first: Int32Array,
  { path, breach }: Found,
): readonly number[] {
  const properties = breach.properties.join();
  let image = first;
  let here = first;
  return path.map((move, step) => {
    const isLast = step === path.length - 1;
    image = leadsTo(model, image, move)?.orbit ?? image;
    for (let tried = 0; tried < model.moves; tried++) {
      const next = leadsTo(model, here, tried);
      if (next === undefined) continue;
      const isRight = isLast
        ? next.breaks === properties
        : next.orbit?.every((word, at) => word === image[at]) === true;
      if (!isRight) continue;
      here = next.key;
      return tried;
    }
    throw new Error(`no move leads into the orbit of step ${step + 1}`);
  });
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
