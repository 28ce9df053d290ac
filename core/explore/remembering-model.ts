/**
 * A scope's model that asks each question once: the same decide, apply and invariants, remembered.
 *
 * What a move does is asked of the host model the first time, with a face of the live host that
 * tells what is looked at; the answer (refused, or a program: lists of effects in order) then holds
 * for every state in which all that was read is the same. What a list does to a word is remembered
 * apart (`effect-lists`), and so is each part of a parent's end (`parent-parts`); so are the answers of
 * the invariants and of the `sometimes` properties. Invariant: every answer is one that the project's
 * own functions gave, and equals what they would give again; a test asks both.
 * Trade-off: memory for the answers; a rule that kept state of its own would deceive it (none does,
 * and the pinned counts are those of the model that remembers nothing).
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { sceneOf } from '../invariants/check.js';
import { REACHED } from '../invariants/reached.js';
import { beforeSeen } from './before-seen.js';
import { EffectLists } from './effect-lists.js';
import { createFacets, type Facets, GROUPS, STATE, TAKEN } from './facets.js';
import { BASE } from './host-keys.js';
import { createHostModel, type HostModel, type ModelChoice } from './host-model.js';
import { ABSENT, type Breach, MOVED, type Model, REFUSED, type Tried } from './model.js';
import { createParentParts, type ParentParts } from './parent-parts.js';
import { createQuestions, type Question } from './questions.js';
import { Recall, UNKNOWN } from './recall.js';
import type { Scope } from './scope.js';
import { createSymmetries, type Symmetries } from './symmetries.js';
import { watchHost } from './watched-host.js';

/** Like `createHostModel`, with answers remembered. */
export function createRememberingModel(scope: Scope, choice: ModelChoice = {}): RememberingModel {
  return new RememberingModel(scope, choice);
}

export class RememberingModel implements Model {
  readonly words: number;
  readonly moves: number;
  readonly sometimes: readonly string[];
  /** What was asked of the rules and properties, because nothing alike was known. */
  asked = 0;
  /** The model that is asked; whoever else uses it loads a state here before going on. */
  readonly source: HostModel;
  private readonly face: Host;
  private readonly tokenFace: Host;
  private readonly parts: ParentParts;
  private readonly lists: EffectLists;
  private readonly facets: Facets;
  private readonly recall: Recall;
  private readonly symmetries: Symmetries | undefined;
  /**
   * Facets of the loaded state, then of the one that the last move led to, then whether that move
   * was a whole launch.
   */
  private readonly values: Int32Array;
  private readonly after: Int32Array;
  private readonly launches: Uint8Array;
  private readonly here: Int32Array;
  private readonly there: Int32Array;
  /** What moves do: numbers of lists, or -1 - number of a part. */
  private readonly programs: (readonly number[])[] = [[]];
  private readonly programNumbers = new Map<string, number>([['', 0]]);
  /** The list that each part is in the loaded state; UNKNOWN = not asked yet. */
  private readonly partLists: Int32Array;
  /** Those of moves, of states, of what is reached; behind the moves in `recall`. */
  private readonly questions: readonly Question[];
  private readonly ofMoves: number;
  private readonly ofStates: number;
  private answer = 0;
  private move = 0;
  private awaited: number[];
  // What is being read while a question is asked.
  private shift = 0;
  private read: number[] = [];
  private readonly isRead: Uint8Array;

  constructor(scope: Scope, choice: ModelChoice) {
    this.source = createHostModel(scope, choice.host === undefined ? {} : { host: choice.host });
    const { source } = this;
    const { keys, host } = source;
    this.words = source.words;
    this.moves = source.moves;
    this.sometimes = source.sometimes;
    this.facets = createFacets(keys);
    this.lists = new EffectLists(source, this.facets);
    this.parts = createParentParts(host, keys.layout);
    this.partLists = new Int32Array(this.parts.parts.length);
    const { count } = this.facets;
    this.values = new Int32Array(2 * count + 1);
    this.after = this.values.subarray(count, 2 * count);
    this.isRead = new Uint8Array(2 * count + 1);
    this.launches = Uint8Array.from(scope.moves, ({ launches }) => (launches === true ? 1 : 0));
    this.here = this.values.subarray(0, this.words);
    this.there = this.after.subarray(0, this.words);
    this.awaited = REACHED.flatMap(({ id }, i) => (this.sometimes.includes(id) ? [i] : []));
    const asked = createQuestions(host.hypervisor.firstSlot, scope.places);
    this.ofMoves = asked.ofMoves.length;
    this.ofStates = asked.ofStates.length;
    this.questions = [...asked.ofMoves, ...asked.ofStates, ...asked.ofReached];
    this.recall = new Recall(this.moves + this.questions.length + this.parts.parts.length);
    this.face = watchHost(host, {
      layout: keys.layout,
      facets: this.facets,
      note: (facet) => this.note(this.shift + facet),
      noteTaken: (place) => this.noteTaken(place),
    });
    this.tokenFace = this.parts.faceWithTokens(this.face);
    if (choice.reduced === true) {
      this.symmetries = createSymmetries(keys, host.hypervisor.firstSlot, scope.symmetry);
    }
  }

  /** Bytes of what is remembered. */
  get bytes(): number {
    return this.recall.bytes + this.lists.bytes;
  }

  begin(key: Int32Array): void {
    this.source.begin(key);
    this.canonize(key);
    this.load(key);
    this.arrive(MOVED);
  }

  load(key: Int32Array): void {
    this.facets.write(key, this.values, 0);
    this.partLists.fill(UNKNOWN);
  }

  take(move: number): Tried {
    const known = this.recall.answer(move, this.values);
    this.answer = known === UNKNOWN ? this.askMove(move) : known;
    this.move = move;
    this.values[2 * this.facets.count] = this.launches[move];
    return this.answer < MOVED ? (this.answer as Tried) : MOVED;
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
    const end = this.ofMoves + (isNew ? this.ofStates : 0);
    for (let question = 0; question < end; question++) {
      if (this.isTrue(question)) return this.breach();
    }
    return undefined;
  }

  takeBack(): void {}

  orbit(key: Int32Array): number {
    return this.symmetries === undefined ? 1 : this.symmetries.orbit(key);
  }

  /** Makes the facets of the state that the last move led to. */
  private arrive(answer: number): void {
    const { values, after, facets, lists } = this;
    values.copyWithin(facets.count, 0, facets.count);
    const program = this.programs[answer - MOVED];
    for (let i = 0; i < program.length; i++) {
      const list = program[i] >= 0 ? program[i] : this.listOfPart(-1 - program[i]);
      facets.follow(after, 0, lists.perform(list, after));
    }
  }

  private listOfPart(part: number): number {
    const { partLists } = this;
    if (partLists[part] === UNKNOWN) {
      const known = this.recall.answer(this.moves + this.questions.length + part, this.values);
      partLists[part] = known === UNKNOWN ? this.askPart(part) : known;
    }
    return partLists[part];
  }

  private lookForAwaited(reached: Set<string>): void {
    const first = this.ofMoves + this.ofStates;
    const left = this.awaited.filter((i) => !this.isTrue(first + i));
    if (left.length === this.awaited.length) return;
    for (const i of this.awaited) if (!left.includes(i)) reached.add(REACHED[i].id);
    this.awaited = left;
  }

  private isTrue(question: number): boolean {
    const known = this.recall.answer(this.moves + question, this.values);
    return (known === UNKNOWN ? this.askQuestion(question) : known) === 1;
  }

  /** Asks the rules what a move does in the loaded state. */
  private askMove(move: number): number {
    const { source } = this;
    source.keys.load(this.here);
    this.startReading(0);
    const effects = source.decide(move, this.tokenFace)?.effects;
    let answer: number = effects === undefined ? ABSENT : REFUSED;
    if (effects !== undefined && effects.length > 0) answer = MOVED + this.programOf(effects);
    return this.learn(move, answer);
  }

  /** Asks the rules what a part of a parent's end does in the loaded state. */
  private askPart(number: number): number {
    const { place, ask } = this.parts.parts[number];
    this.source.keys.load(this.here);
    this.startReading(0);
    if (place >= 0) this.noteRecord(place);
    const list = this.lists.numberOf(ask(this.face));
    return this.learn(this.moves + this.questions.length + number, list);
  }

  /** Asks one question about the state that the last move led to. */
  private askQuestion(question: number): number {
    const { source, facets, here, values, note } = this;
    source.keys.load(this.there);
    this.startReading(facets.count);
    const before = beforeSeen({ source, facets, here, values, note });
    const answer = this.questions[question](sceneOf(this.face, before)) ? 1 : 0;
    return this.learn(this.moves + question, answer);
  }

  private learn(question: number, answer: number): number {
    this.asked++;
    if (this.read.length === 0) this.note(BASE);
    this.recall.learn(question, this.read, this.values, answer);
    return answer;
  }

  /** @param shift where the facets of the state begin that is looked at */
  private startReading(shift: number): void {
    this.isRead.fill(0);
    this.read = [];
    this.shift = shift;
  }

  private readonly note = (facet: number): void => {
    if (this.isRead[facet] === 1) return;
    this.isRead[facet] = 1;
    this.read.push(facet);
  };

  /**
   * Whether a place is taken: part of the order once that is known, else a facet of its own. Who looks
   * there first of all goes on with the enclave's state, which says it, too.
   */
  private noteTaken(place: number): void {
    const { facets, shift, isRead, read } = this;
    const state = shift + facets.ofPlace(place, STATE);
    if (isRead[shift + facets.order] === 1 || isRead[state] === 1) return;
    this.note(read.length === 0 ? state : shift + facets.ofPlace(place, TAKEN));
  }

  /** Notes a whole record at once, for who reads all of it. */
  private noteRecord(place: number): void {
    const { facets, isRead } = this;
    this.note(this.source.keys.layout.firstPlace + place);
    for (let group = 0; group < GROUPS; group++) isRead[facets.ofPlace(place, group)] = 1;
  }

  /** The number of the program of effects and tokens. */
  private programOf(effects: readonly Effect[]): number {
    const program: number[] = [];
    let own: Effect[] = [];
    const close = () => {
      if (own.length > 0) program.push(this.lists.numberOf(own));
      own = [];
    };
    for (const effect of effects) {
      const part = this.parts.partOf(effect);
      if (part === undefined) own.push(effect);
      else {
        close();
        program.push(-1 - part);
      }
    }
    close();
    if (program.every((item) => item < 0)) throw new Error('a step of parts alone');
    const text = program.join();
    const known = this.programNumbers.get(text);
    if (known !== undefined) return known;
    this.programNumbers.set(text, this.programs.length);
    return this.programs.push(program) - 1;
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
