/**
 * Answers that are remembered by what was read to find them, and by nothing else.
 *
 * Whoever answers a question looks at facets of the state one after the other; the first is the same
 * each time, and which comes next is decided by those seen so far. So the answers to a question are
 * the leaves of a tree: a node is the facet looked at next, an edge its value. Invariant: an answer
 * is given back only to a state in which every facet that was read to find it is equal; an answer
 * found by another order of reading is an error, since then something was read unseen.
 * Trade-off: nothing is ever forgotten; one table on typed arrays holds the edges of all questions.
 */
import { UNKNOWN } from './tuple-memo.js';

const FIRST_EDGES = 1 << 12;
/** Words of an edge: node, value, where it leads: a node ≥ 1, or -1 - answer. 0 = no edge. */
const EDGE = 3;

export class Recall {
  /** Facet asked by each node; the root of question q is node q + 1. -1 = not yet asked. */
  private asks: Int32Array;
  private nodes: number;
  private edges = new Int32Array(FIRST_EDGES * EDGE);
  private used = 0;

  constructor(questions: number) {
    this.asks = new Int32Array(2 * (questions + 1)).fill(-1);
    this.nodes = questions + 1;
  }

  /** The number of one more question. */
  addQuestion(): number {
    return this.addNode() - 1;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.asks.byteLength + this.edges.byteLength;
  }

  /** The answer (≥ 0) to a question in the state of these facets, or UNKNOWN. */
  answer(question: number, facets: Int32Array): number {
    const { asks, edges } = this;
    const mask = edges.length / EDGE - 1;
    let node = question + 1;
    for (;;) {
      const facet = asks[node];
      if (facet < 0) return UNKNOWN;
      const value = facets[facet];
      let at = (spread(node, value) & mask) * EDGE;
      for (;;) {
        const to = edges[at + 2];
        if (to === 0) return UNKNOWN;
        if (edges[at] === node && edges[at + 1] === value) {
          if (to < 0) return -1 - to;
          node = to;
          break;
        }
        at += EDGE;
        if (at === edges.length) at = 0;
      }
    }
  }

  /** The facet that is looked at first, whatever the state; -1 = it was never asked. */
  firstOf(question: number): number {
    return this.asks[question + 1];
  }

  /** The facets that were read to find the answer of this state, which is known. */
  readFor(question: number, facets: Int32Array): number[] {
    const read: number[] = [];
    for (let node = question + 1; node > 0; ) {
      const facet = this.asks[node];
      read.push(facet);
      node = this.edges[this.place(node, facets[facet]) + 2];
    }
    return read;
  }

  /** Keeps an answer ≥ 0 that was found by reading these facets, in this order, each once. */
  learn(question: number, read: readonly number[], facets: Int32Array, answer: number): void {
    if (read.length === 0) throw new Error(`question ${question}: answered without a look`);
    let node = question + 1;
    for (let i = 0; i < read.length; i++) {
      if (this.asks[node] < 0) this.asks[node] = read[i];
      if (this.asks[node] !== read[i]) {
        throw new Error(
          `question ${question}: facet ${read[i]} read in place of ${this.asks[node]}`,
        );
      }
      const value = facets[read[i]];
      const at = this.place(node, value);
      const last = i === read.length - 1;
      let to = this.edges[at + 2];
      if (to === 0) {
        to = last ? -1 - answer : this.addNode();
        this.edges[at] = node;
        this.edges[at + 1] = value;
        this.edges[at + 2] = to;
        if (2 * EDGE * ++this.used > this.edges.length) this.grow();
      }
      if (last !== to < 0) throw new Error(`question ${question}: more was read than before`);
      node = to;
    }
  }

  private addNode(): number {
    if (this.nodes === this.asks.length) {
      const asks = new Int32Array(2 * this.nodes).fill(-1);
      asks.set(this.asks);
      this.asks = asks;
    }
    return this.nodes++;
  }

  /** Where the edge is, or belongs. */
  private place(node: number, value: number): number {
    const { edges } = this;
    let at = (spread(node, value) & (edges.length / EDGE - 1)) * EDGE;
    while (edges[at + 2] !== 0 && (edges[at] !== node || edges[at + 1] !== value)) {
      at = (at + EDGE) % edges.length;
    }
    return at;
  }

  private grow(): void {
    const old = this.edges;
    this.edges = new Int32Array(2 * old.length);
    for (let from = 0; from < old.length; from += EDGE) {
      if (old[from + 2] === 0) continue;
      const at = this.place(old[from], old[from + 1]);
      for (let i = 0; i < EDGE; i++) this.edges[at + i] = old[from + i];
    }
  }
}

function spread(node: number, value: number): number {
  const hash = Math.imul(node ^ Math.imul(value, 0x9e3779b1), 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
