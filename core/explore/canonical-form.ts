/**
 * The least image of a key under a group of renamings, found without trying each renaming on it.
 *
 * Images are compared word by word. Which renamings are still in the race after the words of the
 * nodes depends on those words alone, so it is remembered: a walk of one step a node, at whose end
 * mostly one renaming or a few are left; only these are compared on the places and the mappings.
 * Invariant: the result is the least of all images, and `ties` counts the renamings that give it, as
 * if each had been tried. Trade-off: survivors are remembered for ever; there are few sets of them.
 */
import { FIRST_NODE, type Layout } from './host-keys.js';

/** One renaming as tables, by the word that is renamed; what is missing is asked for. */
export interface Renaming {
  /** New place → old place. */
  readonly from: readonly number[];
  readonly records: readonly (number | undefined)[];
  readonly mappings: readonly (number | undefined)[];
  /** Image of a node's word. */
  nodeImage(word: number): number;
  /** Image of a place's word, from then on in the table; 0 stays 0. */
  recordImage(word: number): number;
  /** Image of the mappings' word, from then on in the table. */
  mappingsImage(word: number): number;
}

export interface CanonicalForm {
  /** Replaces a key by its least image; returns how many renamings give it. */
  canonize(key: Int32Array): number;
}

/** Renamings that are still in the race, and what each next word makes of them. */
interface Survivors {
  readonly renamings: readonly Renaming[];
  /** By node, then by the value of its word. */
  readonly steps: (Step | undefined)[][];
}

interface Step {
  readonly image: number;
  readonly left: Survivors;
}

export function createCanonicalForm(all: readonly Renaming[], layout: Layout): CanonicalForm {
  const { nodes, words, firstPlace, mappings } = layout;
  const known = new Map<string, Survivors>();
  const survivors = (renamings: readonly Renaming[]): Survivors => {
    const name = renamings.map((one) => all.indexOf(one)).join();
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const made = { renamings, steps: Array.from({ length: nodes }, () => []) };
    known.set(name, made);
    return made;
  };
  const first = survivors(all);
  const least = new Int32Array(words);

  const stepFrom = ({ renamings, steps }: Survivors, node: number, value: number): Step => {
    const images = renamings.map((one) => one.nodeImage(value));
    const image = Math.min(...images);
    const left = survivors(renamings.filter((_, i) => images[i] === image));
    const step = { image, left };
    steps[node][value] = step;
    return step;
  };

  /** 1 = the renaming's image is now the least, 0 = it is equal to it, -1 = it is more. */
  const compare = (one: Renaming, key: Int32Array, isFirst: boolean): number => {
    let less = isFirst;
    for (let word = firstPlace; word < words; word++) {
      const isPlace = word < mappings;
      const value = isPlace ? key[firstPlace + one.from[word - firstPlace]] : key[word];
      const image =
        (isPlace ? one.records[value] : one.mappings[value]) ??
        (isPlace ? one.recordImage(value) : one.mappingsImage(value));
      if (!less && image > least[word]) return -1;
      if (image < least[word]) less = true;
      least[word] = image;
    }
    return less ? 1 : 0;
  };

  return {
    canonize(key) {
      let left = first;
      for (let node = 0; node < nodes; node++) {
        const value = key[FIRST_NODE + node];
        const step = left.steps[node][value] ?? stepFrom(left, node, value);
        least[FIRST_NODE + node] = step.image;
        left = step.left;
      }
      let ties = 0;
      const { renamings } = left;
      for (let i = 0; i < renamings.length; i++) {
        const compared = compare(renamings[i], key, i === 0);
        if (compared > 0) ties = 1;
        else if (compared === 0) ties++;
      }
      for (let word = FIRST_NODE; word < words; word++) key[word] = least[word];
      return ties;
    },
  };
}
