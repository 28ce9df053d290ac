/**
 * A scope's model that asks each question once: the same decide, apply and invariants, remembered.
 *
 * What a move does is asked of the host model the first time, with a face of the live host that
 * tells what is looked at; the answer (refused, or the words of the key it changes) then holds for
 * every state in which all that was read, and all that the effects touched, is the same. So do the
 * answers of the invariants and of the `sometimes` properties. Invariant: every answer is one that
 * the project's own functions gave, and equals what they would give again; a test asks both.
 * Trade-off: memory for the answers; a rule that kept state of its own would deceive it (none does,
 * and the pinned counts are those of the model that remembers nothing).
 */
import { apply } from '../host/apply.js';
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import type { Before } from '../invariants/before.js';
import { sizeOf, wasStarted } from '../invariants/before.js';
import { sceneOf } from '../invariants/check.js';
import { REACHED } from '../invariants/reached.js';
import { CID, CORES, createFacets, type Facets, FLAGS, MEMORY, STATE, VCPUS } from './facets.js';
import { BASE } from './host-keys.js';
import { createHostModel, type HostModel, type ModelChoice } from './host-model.js';
import { ABSENT, type Breach, MOVED, type Model, REFUSED, type Tried } from './model.js';
import { LAST_OF_STATES, QUESTIONS } from './questions.js';
import { Recall, UNKNOWN } from './recall.js';
import { areSameEffects } from './same-effects.js';
import type { Scope } from './scope.js';
import { createSymmetries, type Symmetries } from './symmetries.js';
import { noteTouched } from './touched-facets.js';
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
  private readonly facets: Facets;
  private readonly recall: Recall;
  private readonly symmetries: Symmetries | undefined;
  /** Facets of the loaded state, then of the one that a move led to. */
  private readonly values: Int32Array;
  private readonly here: Int32Array;
  private readonly there: Int32Array;
  /** What moves change: at an answer - MOVED, a count, then so many pairs of word and value. */
  private changes = new Int32Array(1 << 12);
  private changesEnd = 0;
  private answer = 0;
  private move = 0;
  private live = false;
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
    this.values = new Int32Array(2 * this.facets.count);
    this.isRead = new Uint8Array(2 * this.facets.count);
    this.here = new Int32Array(this.words);
    this.there = this.values.subarray(this.facets.count, this.facets.count + this.words);
    this.awaited = REACHED.flatMap(({ id }, i) => (this.sometimes.includes(id) ? [i] : []));
    this.recall = new Recall(this.moves + QUESTIONS.length);
    this.face = watchHost(host, {
      layout: keys.layout,
      facets: this.facets,
      note: (facet) => this.note(this.shift + facet),
    });
    if (choice.reduced === true) {
      this.symmetries = createSymmetries(keys, host.hypervisor.firstSlot, scope.symmetry);
    }
  }

  /** Bytes of what is remembered. */
  get bytes(): number {
    return this.recall.bytes + this.changes.byteLength;
  }

  begin(key: Int32Array): void {
    this.source.begin(key);
    this.symmetries?.canonize(key);
    this.load(key);
    this.arrive(MOVED);
  }

  load(key: Int32Array): void {
    this.here.set(key);
    this.live = false;
    this.facets.write(key, this.values, 0);
  }

  take(move: number): Tried {
    const known = this.recall.answer(move, this.values);
    this.answer = known === UNKNOWN ? this.askMove(move) : known;
    this.move = move;
    return this.answer < MOVED ? (this.answer as Tried) : MOVED;
  }

  encode(key: Int32Array): void {
    this.arrive(this.answer);
    for (let i = 0; i < this.words; i++) key[i] = this.there[i];
    this.symmetries?.canonize(key);
  }

  judge(isNew: boolean, reached: Set<string>): Breach | undefined {
    if (this.awaited.length > 0) this.lookForAwaited(reached);
    const last = isNew ? LAST_OF_STATES : 0;
    for (let question = 0; question <= last; question++) {
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
    const { values, facets, changes } = this;
    const { firstPlace, places } = this.source.keys.layout;
    const { count } = facets;
    for (let i = 0; i < count; i++) values[count + i] = values[i];
    let changed = 0;
    let at = answer - MOVED;
    for (let left = changes[at++]; left > 0; left--, at += 2) {
      const word = changes[at];
      values[count + word] = changes[at + 1];
      if (word >= firstPlace && word < firstPlace + places) changed |= 1 << (word - firstPlace);
    }
    facets.follow(values, count, changed);
  }

  private lookForAwaited(reached: Set<string>): void {
    const first = LAST_OF_STATES + 1;
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
    if (!this.live) source.load(this.here);
    this.live = true;
    this.startReading(0);
    let effects = source.decide(move, this.face)?.effects;
    let answer: number = effects === undefined ? ABSENT : REFUSED;
    if (effects !== undefined && effects.length > 0) {
      if (effects.some(({ kind }) => kind === 'drop-enclave')) effects = this.unseen(move, effects);
      apply(source.host, effects);
      source.encode(this.there);
      source.takeBack();
      const { facets, here, there } = this;
      const changed = { host: source.host, keys: source.keys, facets, here, there };
      noteTouched(changed, effects, this.noteFacet);
      answer = this.keepChanges();
    }
    this.learn(move, answer);
    return answer;
  }

  /** Asks one question about the state that the last move led to. */
  private askQuestion(question: number): number {
    const { source, facets } = this;
    source.keys.load(this.there);
    this.live = false;
    const before = this.beforeSeen();
    this.startReading(facets.count);
    const answer = QUESTIONS[question](sceneOf(this.face, before)) ? 1 : 0;
    this.learn(this.moves + question, answer);
    return answer;
  }

  private learn(question: number, answer: number): void {
    this.asked++;
    if (this.read.length === 0) this.note(BASE);
    this.recall.learn(question, this.read, this.values, answer);
  }

  private startReading(shift: number): void {
    for (const facet of this.read) this.isRead[facet] = 0;
    this.read = [];
    this.shift = shift;
  }

  private readonly noteFacet = (facet: number): void => this.note(facet);

  private note(facet: number): void {
    if (this.isRead[facet] === 1) return;
    this.isRead[facet] = 1;
    this.read.push(facet);
  }

  /**
   * The effects of a decision that nobody watches, which carry whole records for the way back. In
   * all else they must equal the watched ones, or a rule looked into a copy of a record.
   */
  private unseen(move: number, watched: readonly Effect[]): readonly Effect[] {
    const effects = this.source.decide(move)?.effects ?? [];
    if (areSameEffects(effects, watched)) return effects;
    throw new Error(`move ${move} is decided otherwise when it is watched`);
  }

  private keepChanges(): number {
    const { here, there, words } = this;
    const begin = this.changesEnd;
    if (begin + 1 + 2 * words > this.changes.length) {
      const changes = new Int32Array(2 * this.changes.length);
      changes.set(this.changes);
      this.changes = changes;
    }
    let at = begin + 1;
    for (let word = 0; word < words; word++) {
      if (here[word] === there[word]) continue;
      this.changes[at++] = word;
      this.changes[at++] = there[word];
    }
    this.changes[begin] = (at - begin - 1) / 2;
    this.changesEnd = at;
    return MOVED + begin;
  }

  /** The loaded state as `noteBefore` would note it, telling what of it is read. */
  private beforeSeen(): Before {
    const { source, here, facets } = this;
    const { layout, registers } = source.keys;
    const note = this.noteFacet;
    return {
      get parent() {
        note(BASE);
        return registers.base.part(here[BASE]).parent;
      },
      get enclaves() {
        note(facets.order);
        return Array.from({ length: layout.places }, (_, place) => place)
          .filter((place) => here[layout.firstPlace + place] !== 0)
          .map((place) => {
            const record = registers.enclaves.part(here[layout.firstPlace + place] - 1);
            return {
              uid: source.host.hypervisor.firstSlot + place,
              get state() {
                note(facets.ofPlace(place, STATE));
                return record.state;
              },
              get started() {
                note(facets.ofPlace(place, CID));
                note(facets.ofPlace(place, FLAGS));
                return wasStarted(record);
              },
              get size() {
                note(facets.ofPlace(place, VCPUS));
                note(facets.ofPlace(place, CORES));
                note(facets.ofPlace(place, MEMORY));
                return sizeOf(record);
              },
            };
          });
      },
    };
  }

  /** The breach of the last move, in the words of the model that remembers nothing. */
  private breach(): Breach {
    const { source } = this;
    source.load(this.here);
    this.live = true;
    if (source.take(this.move) !== MOVED) throw new Error(`move ${this.move} is not made again`);
    source.encode(this.there);
    const breach = source.judge(true, new Set());
    source.takeBack();
    if (breach === undefined) throw new Error(`a breach after move ${this.move} is gone`);
    return breach;
  }
}
