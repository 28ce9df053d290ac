/**
 * The least image of a key under a group of renamings, found without trying each renaming on it.
 *
 * Images are compared word by word. Which renamings are still in the race after the words of the
 * nodes depends on those words alone, so it is remembered: a walk of one step a node, at whose end
 * mostly a few renamings are left; only these are compared on the places and the mappings, and where
 * they are more than a few, what came of that is remembered by those words.
 * Invariant: the result is the least of all images, and `ties` counts the renamings that give it, as
 * if each had been tried. Trade-off: survivors and ends of keys are remembered for ever; there are few
 * sets of survivors, and fewer ends than states, since neither base nor CPUs are part of one.
 */
import { FIRST_NODE, type Layout } from './host-keys.js';
import { TupleMemo, UNKNOWN } from './tuple-memo.js';

/** Up to that many renamings are compared as fast as an end is looked up. */
const FEW = 4;

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
  /** Numbers of the least ends, by the words of places and mappings. */
  readonly ends: TupleMemo;
}

interface Step {
  readonly image: number;
  readonly left: Survivors;
}

export function createCanonicalForm(all: readonly Renaming[], layout: Layout): CanonicalForm {
  const { nodes, words, firstPlace, mappings } = layout;
  const endWords = Array.from({ length: words - firstPlace }, (_, i) => firstPlace + i);
  const known = new Map<string, Survivors>();
  const survivors = (renamings: readonly Renaming[]): Survivors => {
    const name = renamings.map((one) => all.indexOf(one)).join();
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const steps = Array.from({ length: nodes }, () => []);
    const made = { renamings, steps, ends: new TupleMemo(endWords.length) };
    known.set(name, made);
    return made;
  };
  const first = survivors(all);
  const least = new Int32Array(words);
  /** Least ends one after the other, each with its ties behind it. */
  const leastEnds: number[] = [];

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

  /** Writes the least end under these renamings into `least`; returns how many give it. */
  const leastEnd = (renamings: readonly Renaming[], key: Int32Array): number => {
    let ties = 0;
    for (let i = 0; i < renamings.length; i++) {
      const compared = compare(renamings[i], key, i === 0);
      if (compared > 0) ties = 1;
      else if (compared === 0) ties++;
    }
    return ties;
  };

  /** The same, each end found once. */
  const knownEnd = ({ renamings, ends }: Survivors, key: Int32Array): number => {
    const known = ends.answer(key, endWords);
    if (known === UNKNOWN) {
      ends.put(leastEnds.length);
      const ties = leastEnd(renamings, key);
      for (const word of endWords) leastEnds.push(least[word]);
      leastEnds.push(ties);
      return ties;
    }
    for (let i = 0; i < endWords.length; i++) least[firstPlace + i] = leastEnds[known + i];
    return leastEnds[known + endWords.length];
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
      const { renamings } = left;
      const ties = renamings.length > FEW ? knownEnd(left, key) : leastEnd(renamings, key);
      for (let word = FIRST_NODE; word < words; word++) key[word] = least[word];
      return ties;
    },
  };
}
