/**
 * Whether a move lost something (a CPU, a pin: `questions`), remembered by what says who has which.
 *
 * Asked of every transition, as the legality of moves is (`legal-moves`), but of few facets: some words,
 * and some groups of fields of every enclave, before and after. Most moves change none of
 * them, and what is said of all those is the same in a state (`still`). Invariant: an answer is kept by
 * everything that was read to find it; a question that reads more throws. Trade-off: facets after the
 * move are looked up one by one, since writing all of them for every move takes longer.
 */
import type { Asking } from './asking.js';
import type { Facets } from './facets.js';
import type { Layout } from './host-keys.js';
import type { Loss } from './questions.js';
import { TupleMemo, UNKNOWN } from './tuple-memo.js';

export class LostByMove {
  private readonly asking: Asking;
  private readonly facets: Facets;
  private readonly values: Int32Array;
  /** Number of the question. */
  private readonly question: number;
  /** The words after the move. */
  private readonly there: Int32Array;
  /** Facets that are compared, and bits of the words that each is made of. */
  private readonly compared: readonly number[];
  private readonly words: readonly number[];
  /** Facets that an answer may depend on. */
  private readonly allowed: ReadonlySet<number>;
  private readonly memo: TupleMemo;
  /** The note of the move, then the facets before and after, and their places here. */
  private readonly looked: Int32Array;
  private readonly inOrder: readonly number[];
  private still = UNKNOWN;

  /**
   * @param values facets before a move, then after it, then the numbers of its note and mover
   * @param loss what is compared, and the number of the question
   */
  constructor(
    asking: Asking,
    facets: Facets,
    { places, words }: Layout,
    values: Int32Array,
    {
      words: ofHost,
      groups,
      question,
    }: Pick<Loss, 'words' | 'groups'> & { readonly question: number },
  ) {
    this.asking = asking;
    this.facets = facets;
    this.values = values;
    this.question = question;
    const after = facets.count;
    this.there = values.subarray(after, after + words);
    const ofPlaces = Array.from({ length: places }, (_, place) =>
      groups.map((group) => facets.ofPlace(place, group)),
    ).flat();
    this.compared = [...ofHost, ...ofPlaces];
    this.words = this.compared.map((facet) => facets.wordsOf(facet));
    // Which places are taken is told by the group of each.
    const read = [...this.compared, ...(groups.length > 0 ? [facets.order] : [])];
    this.allowed = new Set([facets.note, ...read, ...read.map((facet) => after + facet)]);
    this.looked = new Int32Array(1 + 2 * this.compared.length);
    this.inOrder = Array.from(this.looked, (_, i) => i);
    this.memo = new TupleMemo(this.looked.length);
  }

  get bytes(): number {
    return this.memo.bytes;
  }

  /** Another state was loaded. */
  load(): void {
    this.still = UNKNOWN;
  }

  /**
   * Whether the last move lost it.
   * @param changed bits of the words that it changed
   * @param writeAfter writes the facets after the move that are not words; asked for when needed
   */
  isBroken(changed: number, writeAfter: () => void): boolean {
    const isStill = this.values[this.facets.note] === 0 && !this.changesBooks(changed);
    let answer = isStill ? this.still : UNKNOWN;
    if (answer !== UNKNOWN) return answer === 1;
    this.look(changed);
    answer = this.memo.answer(this.looked, this.inOrder);
    if (answer === UNKNOWN) answer = this.ask(writeAfter);
    if (isStill) this.still = answer;
    return answer === 1;
  }

  /** Whether the move changed anything of what is compared. */
  private changesBooks(changed: number): boolean {
    const { values, there, facets, compared, words } = this;
    for (let i = 0; i < compared.length; i++) {
      if ((changed & words[i]) === 0) continue;
      if (facets.valueIn(there, compared[i]) !== values[compared[i]]) return true;
    }
    return false;
  }

  /** Writes down what is compared. */
  private look(changed: number): void {
    const { looked, values, there, facets, compared, words } = this;
    looked[0] = values[facets.note];
    for (let i = 0; i < compared.length; i++) {
      const facet = compared[i];
      const isChanged = (changed & words[i]) !== 0;
      looked[1 + i] = values[facet];
      looked[1 + compared.length + i] = isChanged ? facets.valueIn(there, facet) : values[facet];
    }
  }

  private ask(writeAfter: () => void): number {
    const { question, asking, allowed } = this;
    writeAfter();
    const answer = asking.isTrue(question) ? 1 : 0;
    for (const facet of asking.readForQuestion(question)) {
      if (!allowed.has(facet)) throw new Error(`question ${question} reads facet ${facet}`);
    }
    this.memo.put(answer);
    return answer;
  }
}
