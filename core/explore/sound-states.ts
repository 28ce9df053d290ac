/**
 * Whether a state that a move led to is sound: the invariants, asked where something they read changed.
 *
 * The state that the move began in was found sound when it was new. Invariant: a question is left out
 * only when no word that any answer to it was ever found by has changed, for then its reading and its
 * answer are those of the state before. Trade-off: words are coarser than facets, and a question that
 * looks back at the state before is never left out.
 */
import type { Asking } from './asking.js';
import { BlockTree } from './block-tree.js';
import type { Facets } from './facets.js';
import { UNKNOWN } from './tuple-memo.js';

/** Bits of all words, and of what is no word: never unchanged. */
export const EVERYTHING = -1;

export class SoundStates {
  private readonly asking: Asking;
  private readonly facets: Facets;
  private readonly first: number;
  /** Bits of the words that answers to each question were found by. */
  private readonly reads: Int32Array;
  private readonly trees: readonly BlockTree[];
  private readonly values: Int32Array;

  /**
   * @param first number of the first of `count` questions of states
   * @param values facets before a move, then after it
   */
  constructor(
    asking: Asking,
    facets: Facets,
    values: Int32Array,
    { first, count }: { readonly first: number; readonly count: number },
  ) {
    this.asking = asking;
    this.facets = facets;
    this.first = first;
    this.reads = new Int32Array(count);
    this.trees = Array.from({ length: count }, () => new BlockTree());
    this.values = values;
  }

  get bytes(): number {
    return this.trees.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Whether the state that the last move led to breaks an invariant; `changed`: bits of words. */
  isBroken(changed: number): boolean {
    const { trees, reads, values } = this;
    for (let i = 0; i < reads.length; i++) {
      if (reads[i] !== 0 && (changed & reads[i]) === 0) continue;
      const known = trees[i].answer(values);
      if ((known === UNKNOWN ? this.ask(i) : known) === 1) return true;
    }
    return false;
  }

  private ask(i: number): number {
    const { count } = this.facets;
    const answer = this.asking.isTrue(this.first + i) ? 1 : 0;
    const read = this.asking.readForQuestion(this.first + i);
    for (const facet of read) {
      const isAfter = facet >= count && facet < 2 * count;
      this.reads[i] |= isAfter ? this.facets.wordsOf(facet - count) : EVERYTHING;
    }
    this.trees[i].learn(read, this.values, answer);
    return answer;
  }
}
