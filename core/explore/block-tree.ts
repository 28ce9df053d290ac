/**
 * Answers that take many readings to find, found again by a few: facets are compared in blocks.
 *
 * As in `recall`, an answer depends on the facets that were read to find it, and which comes next on
 * those seen so far. Here a node of the tree compares all facets at once that the first answer met
 * beneath it was found by; who needs more goes on one node deeper. Invariant: an answer is given
 * back only to a state in which every facet that was read to find it is equal. Trade-off: a block may
 * compare facets that another answer did not need, so an answer is learnt more often than in `recall`
 * and found in two or three steps instead of a dozen.
 */
import { TupleMemo, UNKNOWN } from './tuple-memo.js';

interface Block {
  readonly facets: readonly number[];
  /** 2 · answer, or 2 · number of the next block + 1. */
  readonly memo: TupleMemo;
}

export class BlockTree {
  private readonly blocks: Block[] = [];

  get bytes(): number {
    return this.blocks.reduce((sum, { memo }) => sum + memo.bytes, 0);
  }

  /** The answer (≥ 0) in the state of these facets, or UNKNOWN. */
  answer(facets: Int32Array): number {
    if (this.blocks.length === 0) return UNKNOWN;
    for (let next = 0; ; ) {
      const { facets: compared, memo } = this.blocks[next];
      const found = memo.answer(facets, compared);
      if (found === UNKNOWN) return UNKNOWN;
      if ((found & 1) === 0) return found >> 1;
      next = found >> 1;
    }
  }

  /** Keeps an answer that was found by reading these facets, at least one. */
  learn(read: readonly number[], facets: Int32Array, answer: number): void {
    const left = new Set(read);
    if (this.blocks.length === 0) this.add(left);
    for (let next = 0; ; ) {
      const block = this.blocks[next];
      for (const facet of block.facets) left.delete(facet);
      const found = block.memo.answer(facets, block.facets);
      if (found === UNKNOWN) {
        if (left.size === 0) {
          block.memo.put(2 * answer);
          return;
        }
        next = this.blocks.length;
        block.memo.put(2 * next + 1);
        this.add(left);
      } else if ((found & 1) === 1) next = found >> 1;
      else throw new Error('an answer that is known already');
    }
  }

  private add(facets: ReadonlySet<number>): void {
    this.blocks.push({ facets: [...facets], memo: new TupleMemo(facets.size) });
  }
}
