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
import type { Effect, HandleMove } from '../host/effect.js';
import { isEnclaveOwner, SCRUBBED } from '../host/owner.js';
import { CID, type Facets, PINNED, STATE } from './facets.js';
import { BASE, FIRST_NODE, type Layout, touchedBy } from './host-keys.js';
import type { HostModel } from './host-model.js';
import { TouchTable } from './touch-table.js';
import { TupleMemo, UNKNOWN } from './tuple-memo.js';

/** One word that a list touches, whose new value depends on more than the old one. */
interface Wide {
  /** Facets that it depends on, the word itself first. */
  readonly facets: readonly number[];
  readonly memo: TupleMemo;
}

interface EffectList {
  readonly effects: readonly Effect[];
  /** Its touches in the table of all: from here up to `end`. */
  readonly first: number;
  readonly end: number;
}

export class EffectLists {
  /** Words asked of `apply`. */
  asked = 0;
  private readonly source: HostModel;
  private readonly facets: Facets;
  private readonly numbers = new Map<string, number>();
  private readonly lists: EffectList[] = [];
  private readonly touches = new TouchTable();
  private readonly wides: Wide[] = [];
  private readonly next: Int32Array;
  private readonly fresh: Int32Array;
  /** Values of the facets of one touch, and their places here. */
  private readonly looked: Int32Array;
  private readonly inOrder: readonly number[];

  constructor(source: HostModel, facets: Facets) {
    this.source = source;
    this.facets = facets;
    this.next = new Int32Array(source.words);
    this.fresh = new Int32Array(source.words);
    this.looked = new Int32Array(facets.count);
    this.inOrder = Array.from({ length: facets.count }, (_, i) => i);
  }

  get bytes(): number {
    return this.wides.reduce((sum, { memo }) => sum + memo.bytes, this.touches.bytes);
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

  /** Does a list to the words of a key. */
  perform(number: number, key: Int32Array): void {
    const { first, end } = this.lists[number];
    const { fresh, touches } = this;
    for (let touch = first; touch < end; touch++) {
      const known = this.known(touch, key);
      if (known === UNKNOWN) {
        this.ask(number, key);
        break;
      }
      fresh[touch - first] = known;
    }
    for (let touch = first; touch < end; touch++) key[touches.wordOf(touch)] = fresh[touch - first];
  }

  /** The new word that a touch makes of this key, or UNKNOWN. */
  private known(touch: number, key: Int32Array): number {
    const { touches, looked } = this;
    if (!touches.isWide(touch)) return touches.next(touch, key);
    const { facets, memo } = this.wides[touches.wideOf(touch)];
    for (let i = 0; i < facets.length; i++) looked[i] = this.facets.valueIn(key, facets[i]);
    return memo.answer(looked, this.inOrder);
  }

  /** Applies the list to the live host in that state, and remembers all words that it touches. */
  private ask(number: number, key: Int32Array): void {
    const { source, next, fresh, touches } = this;
    const { effects, first, end } = this.lists[number];
    const { keys, host } = source;
    keys.load(key);
    apply(host, effects);
    keys.encode(next, key, effects);
    keys.forget(effects);
    for (let touch = first; touch < end; touch++) {
      const word = touches.wordOf(touch);
      fresh[touch - first] = next[word];
      if (this.known(touch, key) !== UNKNOWN) continue;
      if (touches.isWide(touch)) this.wides[touches.wideOf(touch)].memo.put(next[word]);
      else touches.keep(touch, key[word], next[word]);
      this.asked++;
    }
  }

  private listOf(effects: readonly Effect[]): EffectList {
    const { keys, host } = this.source;
    const { layout, firstAutomatic } = keys;
    const { firstSlot } = host.hypervisor;
    const bits = touchedBy(layout, firstSlot, effects);
    const first = this.touches.size;
    for (let word = 0; word < layout.words; word++) {
      if ((bits & (1 << word)) === 0) continue;
      const more = dependencies(this.facets, layout, firstAutomatic, firstSlot, effects, word);
      if (more.length === 0) this.touches.add(word);
      else {
        const facets = [word, ...more];
        this.touches.addWide(word, this.wides.length);
        this.wides.push({ facets, memo: new TupleMemo(facets.length) });
      }
    }
    return { effects, first, end: this.touches.size };
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
 * What the new value of a touched word depends on beside the word itself: for the base the pins that
 * are compared with the counter, and a frame run that becomes dirty; for a place, where a CID
 * may be named anew, all CIDs.
 */
function dependencies(
  facets: Facets,
  layout: Layout,
  firstAutomatic: number,
  firstSlot: number,
  effects: readonly Effect[],
  word: number,
): number[] {
  const found = new Set<number>();
  const everyPlace = Array.from({ length: layout.places }, (_, place) => place);
  if (word === BASE) {
    for (const [i, effect] of effects.entries()) {
      if (effect.kind === 'release' || effect.kind === 'give') {
        if (mayBeUnscrubbed(effect, effects.slice(0, i))) found.add(FIRST_NODE + effect.node);
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

/** What an enclave owned goes on to somebody else, and no effect before it wipes it. */
function mayBeUnscrubbed(
  { node, size, handle, from }: HandleMove<'release' | 'give'>,
  before: readonly Effect[],
): boolean {
  if (from !== SCRUBBED) return isEnclaveOwner(from);
  return !before.some(
    (one) =>
      one.kind === 'scrub' && one.node === node && one.size === size && one.handle === handle,
  );
}

/** The CID of another enclave may get another name. */
function mayRename(effect: Effect): boolean {
  return (
    effect.kind === 'drop-enclave' || (effect.kind === 'set-enclave' && effect.field === 'cid')
  );
}
