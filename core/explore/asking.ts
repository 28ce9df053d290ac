/**
 * Asking the rules and properties what nothing alike is remembered of.
 *
 * Each question is put to the project's own functions, with a face of the live host that tells what
 * is looked at, and its answer is kept by that (`recall`). Invariant: an answer is one that those
 * functions gave, in the state of the facets at hand. Trade-off: an answer costs some hundred times
 * one that is remembered; there are a few thousand in a scope of millions of moves.
 */
import type { Host } from '../host/host.js';
import { sceneOf } from '../invariants/check.js';
import { beforeSeen } from './before-seen.js';
import type { EffectLists } from './effect-lists.js';
import type { Facets } from './facets.js';
import { BASE } from './host-keys.js';
import type { HostModel } from './host-model.js';
import { ABSENT, MOVED, REFUSED } from './model.js';
import type { MoveAnswers } from './move-groups.js';
import type { ParentParts } from './parent-parts.js';
import type { Programs } from './programs.js';
import type { Question } from './questions.js';
import { Reading } from './reading.js';
import { Recall } from './recall.js';
import { UNKNOWN } from './tuple-memo.js';
import { watchHost } from './watched-host.js';

export interface Asked {
  readonly source: HostModel;
  readonly facets: Facets;
  readonly lists: EffectLists;
  readonly parts: ParentParts;
  readonly programs: Programs;
  readonly questions: readonly Question[];
  /** Facets of the loaded state, of the one that a move led to, and the numbers of that move. */
  readonly values: Int32Array;
}

export class Asking implements MoveAnswers {
  /** What was asked, because nothing alike was known. */
  asked = 0;
  /** Ids of the rules that refused a move; an answer that is given again is by the same rule. */
  readonly refusedBy = new Set<string>();
  /** Questions: moves, then those of `questions`, then parts. */
  readonly recall: Recall;
  private readonly all: Asked;
  private readonly reading: Reading;
  private readonly here: Int32Array;
  private readonly there: Int32Array;
  private readonly face: Host;
  private readonly tokenFace: Host;
  private readonly firstQuestion: number;
  private readonly firstPart: number;

  constructor(all: Asked) {
    const { source, facets, questions, parts, values } = all;
    this.all = all;
    this.firstQuestion = source.moves;
    this.firstPart = source.moves + questions.length;
    this.recall = new Recall(this.firstPart + parts.parts.length);
    this.reading = new Reading(facets);
    this.here = values.subarray(0, source.words);
    this.there = values.subarray(facets.count, facets.count + source.words);
    const { noteHere, noteTaken } = this.reading;
    const { layout } = source.keys;
    this.face = watchHost(source.host, { layout, facets, note: noteHere, noteTaken });
    this.tokenFace = parts.faceWithTokens(this.face);
  }

  /** What a move does in the loaded state: ABSENT, REFUSED, or MOVED + the number of a program. */
  move(move: number): number {
    const known = this.recall.answer(move, this.all.values);
    return known === UNKNOWN ? this.askMove(move) : known;
  }

  /** The number of the list that a part does in the loaded state. */
  part(part: number): number {
    const known = this.recall.answer(this.firstPart + part, this.all.values);
    return known === UNKNOWN ? this.askPart(part) : known;
  }

  /** A question about the state that the last move led to. */
  isTrue(question: number): boolean {
    const known = this.recall.answer(this.firstQuestion + question, this.all.values);
    return (known === UNKNOWN ? this.askQuestion(question) : known) === 1;
  }

  readForMove(move: number): readonly number[] {
    return this.recall.readFor(move, this.all.values);
  }

  /** A move looks at the same facet first, whatever the state; -1 = that is of no enclave. */
  placeOfMove(move: number): number {
    this.move(move);
    return this.all.facets.placeOf(this.recall.firstOf(move));
  }

  /** The facets that a question was answered by in these states; it was asked here before. */
  readForQuestion(question: number): readonly number[] {
    return this.recall.readFor(this.firstQuestion + question, this.all.values);
  }

  private askMove(move: number): number {
    const { source, programs } = this.all;
    source.keys.load(this.here);
    this.reading.start(0);
    const { effects, refusal } = source.decide(move, this.tokenFace) ?? {};
    if (effects === undefined) return this.learn(move, ABSENT);
    if (refusal !== undefined) this.refusedBy.add(refusal.rule);
    return this.learn(move, effects.length === 0 ? REFUSED : MOVED + programs.numberOf(effects));
  }

  private askPart(number: number): number {
    const { source, parts, lists } = this.all;
    const { place, ask } = parts.parts[number];
    source.keys.load(this.here);
    this.reading.start(0);
    if (place >= 0) this.reading.noteRecord(place, source.keys.layout.firstPlace + place);
    return this.learn(this.firstPart + number, lists.numberOf(ask(this.face)));
  }

  private askQuestion(question: number): number {
    const { source, facets, values, questions } = this.all;
    source.keys.load(this.there);
    this.reading.start(facets.count);
    const { note } = this.reading;
    const before = beforeSeen({ source, facets, here: this.here, values, note });
    const scene = { ...sceneOf(this.face, before), extraPins: this.extraPins };
    const answer = questions[question](scene) ? 1 : 0;
    return this.learn(this.firstQuestion + question, answer);
  }

  /** A word of the base says it of the whole state (host-keys loads the counter by it). */
  private readonly extraPins = (): number => {
    const { keys } = this.all.source;
    this.reading.noteHere(BASE);
    return keys.registers.base.part(this.there[BASE]).extraPins;
  };

  private learn(question: number, answer: number): number {
    this.asked++;
    this.recall.learn(question, this.reading.end(), this.all.values, answer);
    return answer;
  }
}
