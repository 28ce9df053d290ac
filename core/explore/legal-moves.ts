/**
 * Whether a move was legal, remembered by the words of a key that the questions look at.
 *
 * The questions of moves are asked of every transition, so they are the hottest of all; each looks
 * at the parent, or at one enclave before and after. Most moves change one enclave and not the base,
 * so what is said of all others is the same for every such move of a state (`still`); whom a move may
 * move is asked only of an enclave that it moved. Invariant: an answer is kept by words that hold
 * everything that was read to find it; a question that reads more throws. Trade-off: a whole record
 * is compared where a few of its fields are read.
 */
import type { Asking } from './asking.js';
import { type Facets, GROUPS } from './facets.js';
import { BASE, type Layout } from './host-keys.js';
import { TupleMemo, UNKNOWN } from './tuple-memo.js';

interface Judged {
  /** Bits of the words that the tuple compares: unchanged, the answer is `still` the state's own. */
  readonly words: number;
  readonly memo: TupleMemo;
  /** Facets that an answer may depend on: those compared, and what is part of them. */
  readonly allowed: ReadonlySet<number>;
  /** Where the values of the tuple stand. */
  readonly compared: readonly number[];
}

export class LegalMoves {
  private readonly asking: Asking;
  private readonly values: Int32Array;
  private readonly judged: readonly Judged[];
  /** Place of the number of the move's note among the values. */
  private readonly noted: number;
  /** What is said where nothing that is compared changes, and nothing is noted; or UNKNOWN. */
  private readonly still: Int32Array;

  /** @param values facets before a move, then after it, then the numbers of its note and mover */
  constructor(asking: Asking, facets: Facets, layout: Layout, values: Int32Array) {
    this.asking = asking;
    this.values = values;
    const after = facets.count;
    const ofParent = judge(1 << BASE, [BASE, after + BASE]);
    const ofEnclaves = Array.from({ length: layout.places }, (_, place) => {
      const word = layout.firstPlace + place;
      const groups = Array.from({ length: GROUPS }, (_, group) => facets.ofPlace(place, group));
      const parts = [...groups, ...groups.map((facet) => after + facet)];
      const compared = [facets.note, facets.mover, facets.order, after + BASE, word, after + word];
      return judge((1 << BASE) | (1 << word), compared, parts);
    });
    this.noted = facets.note;
    this.judged = [ofParent, ...ofEnclaves];
    this.still = new Int32Array(this.judged.length);
    this.load();
  }

  /** Another state was loaded. */
  load(): void {
    this.still.fill(UNKNOWN);
  }

  get bytes(): number {
    return this.judged.reduce((sum, { memo }) => sum + memo.bytes, 0);
  }

  /**
   * Whether the last move breaks a question of moves.
   * @param changed bits of the words that it changed
   * @param writeAfter writes the facets after the move that are not words; asked for when needed
   */
  isBroken(changed: number, writeAfter: () => void): boolean {
    const { judged, values, still } = this;
    const noted = values[this.noted] !== 0;
    for (let question = 0; question < judged.length; question++) {
      const { words, memo, compared } = judged[question];
      const isStill = (changed & words) === 0 && !noted;
      let answer = isStill ? still[question] : UNKNOWN;
      if (answer === UNKNOWN) answer = memo.answer(values, compared);
      if (answer === UNKNOWN) answer = this.ask(question, writeAfter);
      if (isStill) still[question] = answer;
      if (answer === 1) return true;
    }
    return false;
  }

  private ask(question: number, writeAfter: () => void): number {
    writeAfter();
    const answer = this.asking.isTrue(question) ? 1 : 0;
    const { memo, allowed } = this.judged[question];
    for (const facet of this.asking.readForQuestion(question)) {
      if (!allowed.has(facet)) throw new Error(`question ${question} reads facet ${facet}`);
    }
    memo.put(answer);
    return answer;
  }
}

function judge(words: number, compared: readonly number[], parts: readonly number[] = []): Judged {
  return {
    words,
    memo: new TupleMemo(compared.length),
    allowed: new Set([...compared, ...parts]),
    compared,
  };
}
