/**
 * Which moves change a state, found for many moves at once.
 *
 * Neighbours in a scope's list of moves that look at the same enclave first are a group: the steps
 * of one enclave, the requests of one operator. What all moves of a group do in a state is remembered
 * by all that was read to find it (`block-tree`); a group whose answers are seldom met again is cut in
 * two, down to single moves. Invariant: a group's answer is made of the answers of its moves, and holds
 * where all that any of them read is equal. Trade-off: what a group read is more than what a move
 * read, so fewer states share an answer; one look then stands for up to twenty.
 */
import { BlockTree } from './block-tree.js';
import { createComponents } from './components.js';
import { MOVED, REFUSED } from './model.js';
import { UNKNOWN } from './tuple-memo.js';

/** Who answers for single moves in the loaded state. */
export interface MoveAnswers {
  /** Questions put to the rules so far, because nothing alike was known. */
  readonly asked: number;
  /** ABSENT, REFUSED, or MOVED + the number of a program. */
  move(move: number): number;
  /** The facets that the answer was found by. */
  readForMove(move: number): readonly number[];
  /** The place of the enclave that a move looks at first; -1 = it looks at none. */
  placeOfMove(move: number): number;
}

/** What the moves of a group do in a state. */
interface Outcome {
  readonly refused: number;
  /** Moves that change the state, ascending. */
  readonly moves: readonly number[];
  /** MOVED + program, for each of them. */
  readonly answers: readonly number[];
}

interface Group {
  readonly first: number;
  readonly end: number;
  readonly tree: BlockTree;
  looks: number;
  learnt: number;
}

/** After that many answers learnt, a group that was asked less than `SHARED` times as often is cut. */
const PATIENCE = 2048;
const SHARED = 4;

/** Groups begin once that many states in a row put less than a question to the rules in `CALM`. */
const WINDOW = 4096;
const CALM = 8;

export class MoveGroups {
  /** Moves that change the state last looked at, ascending, `count` of them. */
  readonly moves: Uint16Array;
  /** MOVED + program, for each of them. */
  readonly answers: Int32Array;
  count = 0;
  /** Moves refused in that state. */
  refused = 0;
  private readonly asking: MoveAnswers;
  private readonly values: Int32Array;
  /** Empty at first: while most answers are new, moves are looked at one by one. */
  private groups: Group[] = [];
  private untilCount = WINDOW;
  private askedBefore = 0;
  private readonly outcomes = createComponents<Outcome>();

  /** @param values facets of the loaded state at their front */
  constructor(asking: MoveAnswers, moves: number, values: Int32Array) {
    this.asking = asking;
    this.values = values;
    this.moves = new Uint16Array(moves);
    this.answers = new Int32Array(moves);
  }

  /** Groups in use; 0 = moves are looked at one by one. */
  get groupCount(): number {
    return this.groups.length;
  }

  get bytes(): number {
    return this.groups.reduce((sum, { tree }) => sum + tree.bytes, 0);
  }

  /** Looks at the loaded state. */
  look(): void {
    this.count = 0;
    this.refused = 0;
    if (this.groups.length > 0) this.lookByGroups();
    else this.lookByMoves();
  }

  private lookByGroups(): void {
    for (let i = 0; i < this.groups.length; i++) {
      const group = this.groups[i];
      group.looks++;
      const known = group.tree.answer(this.values);
      this.add(this.outcomes.part(known === UNKNOWN ? this.learn(group) : known));
      if (group.learnt === PATIENCE && isCut(group)) this.groups.splice(i++, 1, ...halves(group));
    }
  }

  private lookByMoves(): void {
    const { asking } = this;
    for (let move = 0; move < this.moves.length; move++) {
      const answer = asking.move(move);
      if (answer === REFUSED) this.refused++;
      if (answer < MOVED) continue;
      this.moves[this.count] = move;
      this.answers[this.count++] = answer;
    }
    if (--this.untilCount > 0) return;
    if ((asking.asked - this.askedBefore) * CALM < WINDOW) this.groups = this.makeGroups();
    this.untilCount = WINDOW;
    this.askedBefore = asking.asked;
  }

  private add({ refused, moves, answers }: Outcome): void {
    this.refused += refused;
    for (let i = 0; i < moves.length; i++) {
      this.moves[this.count] = moves[i];
      this.answers[this.count++] = answers[i];
    }
  }

  /** Asks each move of a group; returns the number of the outcome. */
  private learn(group: Group): number {
    const { asking, values } = this;
    const { first, end, tree } = group;
    group.learnt++;
    const read = new Set<number>();
    let refused = 0;
    const moves: number[] = [];
    const answers: number[] = [];
    for (let move = first; move < end; move++) {
      const answer = asking.move(move);
      for (const facet of asking.readForMove(move)) read.add(facet);
      if (answer === REFUSED) refused++;
      if (answer < MOVED) continue;
      moves.push(move);
      answers.push(answer);
    }
    const text = `${refused};${moves};${answers}`;
    const number = this.outcomes.numberOf(text, () => ({ refused, moves, answers }));
    tree.learn([...read], values, number);
    return number;
  }

  /** Neighbours whose first look, which no state changes, is at the same enclave or at none. */
  private makeGroups(): Group[] {
    const { asking } = this;
    const groups: Group[] = [];
    const most = this.moves.length;
    for (let first = 0; first < most; ) {
      let end = first + 1;
      while (end < most && asking.placeOfMove(end) === asking.placeOfMove(first)) end++;
      groups.push(groupOf(first, end));
      first = end;
    }
    return groups;
  }
}

function groupOf(first: number, end: number): Group {
  return { first, end, tree: new BlockTree(), looks: 0, learnt: 0 };
}

/** Whether a group is to be cut; otherwise it is watched anew. */
function isCut(group: Group): boolean {
  const { first, end, looks, learnt } = group;
  group.looks = 0;
  group.learnt = 0;
  return end - first > 1 && looks < SHARED * learnt;
}

function halves({ first, end }: Group): Group[] {
  const middle = (first + end) >> 1;
  return [groupOf(first, middle), groupOf(middle, end)];
}
