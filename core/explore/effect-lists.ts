/**
 * What lists of effects do to the words of a key, each list and each word asked once.
 *
 * A list is told apart by what `apply` reads of it; what only the way back needs (old values, the
 * record that is dropped) is left out, for here nothing is taken back. The new value of a word that a
 * list touches is remembered by the facets that it depends on: the old word, and where an effect
 * looks further, what it looks at (`dependencies`). Invariant: every remembered word is one that
 * `apply` and the encoding gave. Trade-off: that the dependencies are all there are is argued
 * there, kind by kind, and checked move by move against the model that remembers nothing.
 */
import { apply } from '../host/apply.js';
import type { Effect } from '../host/effect.js';
import { isEnclaveOwner } from '../host/owner.js';
import { CID, type Facets, PINNED, STATE } from './facets.js';
import { BASE, FIRST_NODE, type HostKeys, touchedBy } from './host-keys.js';
import type { HostModel } from './host-model.js';
import { Recall, UNKNOWN } from './recall.js';

/** One word that a list touches. */
interface Touch {
  readonly word: number;
  /** Number of the question what the word becomes. */
  readonly question: number;
  /** Facets that the answer depends on. */
  readonly facets: readonly number[];
}

interface EffectList {
  readonly effects: readonly Effect[];
  readonly touches: readonly Touch[];
  /** Bits of the places that it touches. */
  readonly places: number;
}

export class EffectLists {
  /** Words asked of `apply`. */
  asked = 0;
  private readonly source: HostModel;
  private readonly facets: Facets;
  private readonly numbers = new Map<string, number>();
  private readonly lists: EffectList[] = [];
  private readonly recall = new Recall(0);
  private readonly next: Int32Array;
  private readonly fresh: Int32Array;

  constructor(source: HostModel, facets: Facets) {
    this.source = source;
    this.facets = facets;
    this.next = new Int32Array(source.words);
    this.fresh = new Int32Array(source.words);
  }

  get bytes(): number {
    return this.recall.bytes;
  }

  /** The number of a list; equal lists have equal numbers. */
  numberOf(effects: readonly Effect[]): number {
    const text = JSON.stringify(effects.map(forward));
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.lists.length);
    // What is applied is what was told apart, and shares nothing with the host that was looked at.
    return this.lists.push(this.listOf(JSON.parse(text))) - 1;
  }

  /** Does a list to the words at the front of `state`, whose facets it must have; returns the bits
   * of the places touched, whose facets are then to be written anew. */
  perform(number: number, state: Int32Array): number {
    const { touches, places } = this.lists[number];
    const { recall, fresh } = this;
    for (let i = 0; i < touches.length; i++) {
      const known = recall.answer(touches[i].question, state);
      if (known === UNKNOWN) {
        this.ask(number, state);
        break;
      }
      fresh[i] = known;
    }
    for (let i = 0; i < touches.length; i++) state[touches[i].word] = fresh[i];
    return places;
  }

  /** Applies the list to the live host in that state, and remembers all words that it touches. */
  private ask(number: number, state: Int32Array): void {
    const { source, next, fresh, recall } = this;
    const { effects, touches } = this.lists[number];
    const { keys, host } = source;
    const here = state.subarray(0, source.words);
    keys.load(here);
    apply(host, effects);
    keys.encode(next, here, effects);
    keys.forget(effects);
    for (const [i, { word, question, facets }] of touches.entries()) {
      fresh[i] = next[word];
      if (recall.answer(question, state) !== UNKNOWN) continue;
      recall.learn(question, facets, state, next[word]);
      this.asked++;
    }
  }

  private listOf(effects: readonly Effect[]): EffectList {
    const { keys, host } = this.source;
    const { layout } = keys;
    const bits = touchedBy(layout, host.hypervisor.firstSlot, effects);
    const words = Array.from({ length: layout.words }, (_, word) => word);
    const touches = words
      .filter((word) => (bits & (1 << word)) !== 0)
      .map((word): Touch => {
        const facets = dependencies(this.facets, keys, host.hypervisor.firstSlot, effects, word);
        return { word, question: this.recall.addQuestion(), facets };
      });
    return { effects, touches, places: (bits >> layout.firstPlace) & ((1 << layout.places) - 1) };
  }
}

/** An effect without what only its inverse reads. */
function forward(effect: Effect): unknown {
  switch (effect.kind) {
    case 'set-parent':
    case 'set-pool':
    case 'set-reservation':
    case 'set-enclave':
    case 'set-counter':
      return { ...effect, from: null };
    case 'drop-enclave':
      return { ...effect, enclave: { uid: effect.enclave.uid } };
    case 'admit':
    case 'dismiss':
    case 'admit-mapped':
    case 'dismiss-mapped':
      throw new Error(`the explorer studies single effects, not ${effect.kind}`);
    default:
      return effect;
  }
}

/**
 * What the new value of a touched word depends on: the word itself; for the base also the pins that
 * are compared with the counter, and a frame run that becomes dirty; for a place, where a CID
 * may be named anew, all CIDs.
 */
function dependencies(
  facets: Facets,
  { layout, firstAutomatic }: HostKeys,
  firstSlot: number,
  effects: readonly Effect[],
  word: number,
): number[] {
  const found = new Set([word]);
  const everyPlace = Array.from({ length: layout.places }, (_, place) => place);
  if (word === BASE) {
    for (const effect of effects) {
      if (effect.kind === 'release' && isEnclaveOwner(effect.from)) {
        found.add(FIRST_NODE + effect.node);
      }
      const pins = effect.kind === 'set-counter' && effect.name === 'pinned';
      if (pins || effect.kind === 'add-region') found.add(facets.pins);
      if (effect.kind === 'drop-enclave') {
        found.add(facets.pins);
        found.add(facets.ofPlace(effect.enclave.uid - firstSlot, PINNED));
      }
    }
  }
  const isPlace = word >= layout.firstPlace && word < layout.mappings;
  if (isPlace && firstAutomatic < Number.POSITIVE_INFINITY && effects.some(mayRename)) {
    for (const place of everyPlace) {
      found.add(facets.ofPlace(place, STATE));
      found.add(facets.ofPlace(place, CID));
    }
  }
  return [...found];
}

/** The CID of another enclave may get another name. */
function mayRename(effect: Effect): boolean {
  return (
    effect.kind === 'drop-enclave' || (effect.kind === 'set-enclave' && effect.field === 'cid')
  );
}
