/**
 * A scope's model that asks each question once: the same decide, apply and invariants, remembered.
 *
 * What a move does is asked of the host model the first time, with a face of the live host that
 * tells what is looked at (`asking`); the answer (refused, or a program: lists of effects in order)
 * then holds for every state in which all that was read is the same. Which moves change a state is
 * found for many moves at once (`move-groups`); what a list does to a word of a key is remembered
 * apart (`effect-lists`), and so is each part of a parent's end (`parent-parts`) and what the
 * invariants and `sometimes` properties say. Invariant: every answer is one that the project's own
 * functions gave, and equals what they would give again; a test asks both.
 * Trade-off: memory for the answers; a rule that kept state of its own would deceive it (none does,
 * and the pinned counts are those of the model that remembers nothing).
 */
import { REACHED } from '../invariants/reached.js';
import { Asking } from './asking.js';
import { EffectLists } from './effect-lists.js';
import { createFacets, type Facets } from './facets.js';
import { createHostModel, type HostModel, type ModelChoice } from './host-model.js';
import { LegalMoves } from './legal-moves.js';
import { LostByMove } from './lost-by-move.js';
import { type Breach, type Foreseen, MOVED, type Model, type Thrown, type Tried } from './model.js';
import { MoveGroups } from './move-groups.js';
import { createParentParts } from './parent-parts.js';
import { Programs } from './programs.js';
import { createQuestions, LOSSES } from './questions.js';
import type { Scope } from './scope.js';
import { EVERYTHING, SoundStates } from './sound-states.js';
import { createSymmetries, type Symmetries } from './symmetries.js';
import { UNKNOWN } from './tuple-memo.js';

/** Like `createHostModel`, with answers remembered. */
export function createRememberingModel(scope: Scope, choice: ModelChoice = {}): RememberingModel {
  return new RememberingModel(scope, choice);
}

export class RememberingModel implements Model, Foreseen {
  readonly words: number;
  readonly moves: number;
  readonly sometimes: readonly string[];
  /** The model that is asked; whoever else uses it loads a state here before going on. */
  readonly source: HostModel;
  readonly foreseen: Foreseen = this;
  private readonly lists: EffectLists;
  private readonly programs: Programs;
  private readonly facets: Facets;
  private readonly asking: Asking;
  private readonly groups: MoveGroups;
  private readonly legal: LegalMoves;
  private readonly losses: readonly LostByMove[];
  private readonly sound: SoundStates;
  private readonly symmetries: Symmetries | undefined;
  /**
   * Facets of the loaded state, then of the one that the last move led to, then the numbers of that
   * move's note and of whom it may move.
   */
  private readonly values: Int32Array;
  private readonly here: Int32Array;
  private readonly there: Int32Array;
  /** The facets behind the words of the state that the last move led to are written. */
  private afterWritten = false;
  /** Bits of the words that the last move changed. */
  private changed = EVERYTHING;
  /** The list that each part is in the loaded state; UNKNOWN = not asked yet. */
  private readonly partLists: Int32Array;
  /** Number of the first question of what is reached. */
  private readonly firstReached: number;
  private answer = 0;
  private move = 0;
  private next = 0;
  private awaited: number[];

  constructor(scope: Scope, choice: ModelChoice) {
    this.source = createHostModel(scope, { host: choice.host });
    const { source } = this;
    const { keys, host } = source;
    this.words = source.words;
    this.moves = source.moves;
    this.sometimes = source.sometimes;
    const facets = createFacets(keys);
    this.facets = facets;
    this.lists = new EffectLists(source, facets);
    const parts = createParentParts(host, keys.layout);
    this.partLists = new Int32Array(parts.parts.length);
    this.values = new Int32Array(facets.ofBoth);
    const { lists, values } = this;
    this.programs = new Programs(lists, parts);
    this.here = values.subarray(0, this.words);
    this.there = values.subarray(facets.count, facets.count + this.words);
    this.awaited = REACHED.flatMap(({ id }, i) => (this.sometimes.includes(id) ? [i] : []));
    const { ofMoves, ofStates, ofReached } = createQuestions(
      host.hypervisor.firstSlot,
      scope.places,
      scope.onPaper,
    );
    const firstState = ofMoves.length + LOSSES.length;
    this.firstReached = firstState + ofStates.length;
    const losses = LOSSES.map(({ question }) => question);
    const questions = [...ofMoves, ...losses, ...ofStates, ...ofReached];
    const { programs } = this;
    this.asking = new Asking({ source, facets, lists, parts, programs, questions, values });
    this.groups = new MoveGroups(this.asking, this.moves, values);
    this.legal = new LegalMoves(this.asking, facets, keys.layout, values);
    this.losses = LOSSES.map(({ words, groups }, i) => {
      const loss = { words, groups, question: ofMoves.length + i };
      return new LostByMove(this.asking, facets, keys.layout, values, loss);
    });
    const states = { first: firstState, count: ofStates.length };
    this.sound = new SoundStates(this.asking, facets, values, states);
    if (choice.reduced === true) {
      this.symmetries = createSymmetries(keys, host.hypervisor.firstSlot, scope.symmetry);
    }
  }

  /** What was asked of the rules and properties, because nothing alike was known. */
  get asked(): number {
    return this.asking.asked;
  }

  /** Ids of the rules that refused some move of some state, in no order. */
  get refusedBy(): ReadonlySet<string> {
    return this.asking.refusedBy;
  }

  /** Groups of moves that are looked at together; 0 = moves are looked at one by one. */
  get groupCount(): number {
    return this.groups.groupCount;
  }

  /** Bytes of what is remembered. */
  get bytes(): number {
    const { asking, lists, groups, legal, losses, sound } = this;
    const tables = [asking.recall, lists, groups, legal, ...losses, sound];
    return tables.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  begin(key: Int32Array): void {
    this.source.begin(key);
    this.canonize(key);
    this.load(key);
    this.arrive(MOVED);
    this.changed = EVERYTHING;
  }

  load(key: Int32Array): void {
    this.facets.write(key, this.values, 0);
    this.partLists.fill(UNKNOWN);
    this.legal.load();
    for (let i = 0; i < this.losses.length; i++) this.losses[i].load();
  }

  take(move: number): Tried {
    const answer = this.asking.move(move);
    this.goOn(move, answer);
    return Math.min(answer, MOVED) as Tried;
  }

  lookAhead(): number {
    this.groups.look();
    this.next = 0;
    return this.groups.refused;
  }

  takeNext(): number {
    const { groups, next } = this;
    if (next === groups.count) return -1;
    this.next++;
    this.goOn(groups.moves[next], groups.answers[next]);
    return groups.moves[next];
  }

  encode(key: Int32Array): void {
    this.arrive(this.answer);
    for (let i = 0; i < this.words; i++) key[i] = this.there[i];
    this.canonize(key);
  }

  /** Replaces a key by the least of its orbit; without symmetry it stays. */
  canonize(key: Int32Array): void {
    this.symmetries?.canonize(key);
  }

  judge(isNew: boolean, reached: Set<string>): Breach | undefined {
    if (this.awaited.length > 0) this.lookForAwaited(reached);
    const { changed, writeAfter } = this;
    if (this.legal.isBroken(changed, writeAfter)) return this.breach();
    for (let i = 0; i < this.losses.length; i++) {
      if (this.losses[i].isBroken(changed, writeAfter)) return this.breach();
    }
    if (!isNew) return undefined;
    writeAfter();
    return this.sound.isBroken(changed) ? this.breach() : undefined;
  }

  /** As if a move had led to a state, for what is asked of it alone. */
  arriveAt(key: Int32Array): void {
    this.there.set(key);
    this.afterWritten = false;
  }

  /** Whether that `sometimes` property, by its place in `REACHED`, was reached by the last move, once encoded. */
  isReached(property: number): boolean {
    this.writeAfter();
    return this.asking.isTrue(this.firstReached + property);
  }

  takeBack(): void {}

  thrown(key: Int32Array): Thrown | undefined {
    return this.source.thrown(key);
  }

  orbit(key: Int32Array): number {
    return this.symmetries === undefined ? 1 : this.symmetries.orbit(key);
  }

  private goOn(move: number, answer: number): void {
    this.move = move;
    this.answer = answer;
    const { notes } = this.source;
    this.values[this.facets.note] = notes.numberOf(move);
    this.values[this.facets.mover] = notes.moverNumberOf(move);
  }

  /** Makes the words of the state that the last move led to. */
  private arrive(answer: number): void {
    const { here, there, lists } = this;
    this.afterWritten = false;
    for (let i = 0; i < this.words; i++) there[i] = here[i];
    const items = this.programs.itemsOf(answer - MOVED);
    for (let i = 0; i < items.length; i++) {
      lists.perform(items[i] >= 0 ? items[i] : this.listOfPart(-1 - items[i]), there);
    }
    this.changed = 0;
    for (let i = 0; i < this.words; i++) if (there[i] !== here[i]) this.changed |= 1 << i;
  }

  private readonly writeAfter = (): void => {
    if (this.afterWritten) return;
    this.afterWritten = true;
    this.facets.write(this.there, this.values, this.facets.count);
  };

  private listOfPart(part: number): number {
    const { partLists } = this;
    if (partLists[part] === UNKNOWN) partLists[part] = this.asking.part(part);
    return partLists[part];
  }

  private lookForAwaited(reached: Set<string>): void {
    this.writeAfter();
    const now = this.awaited.filter((i) => this.isReached(i));
    for (const i of now) reached.add(REACHED[i].id);
    this.awaited = this.awaited.filter((i) => !now.includes(i));
  }

  /** The breach of the last move, in the words of the model that remembers nothing. */
  private breach(): Breach {
    const { source } = this;
    source.load(this.here);
    if (source.take(this.move) !== MOVED) throw new Error(`move ${this.move} is not made again`);
    source.encode(this.there);
    const breach = source.judge(true, new Set());
    source.takeBack();
    if (breach === undefined) throw new Error(`a breach after move ${this.move} is gone`);
    return breach;
  }
}
