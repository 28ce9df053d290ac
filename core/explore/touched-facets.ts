/**
 * What the new words of a move depend on besides what the rules read: all that its effects touch.
 *
 * Invariant: a word that effects touch is a function of the facets noted for it and of those that
 * the deciding rule read. Trade-off: a touched record counts whole, since its new number stands for
 * all of it; only of a record that is dropped nothing remains but its pins.
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { CID, type Facets, GROUPS, PINNED, STATE } from './facets.js';
import { type HostKeys, touchedBy } from './host-keys.js';

export interface Move {
  readonly host: Host;
  readonly keys: HostKeys;
  readonly facets: Facets;
  /** The key before, and after. */
  readonly here: Int32Array;
  readonly there: Int32Array;
}

export function noteTouched(
  move: Move,
  effects: readonly Effect[],
  note: (facet: number) => void,
): void {
  const { layout } = move.keys;
  const first = move.host.hypervisor.firstSlot;
  const touched = touchedBy(layout, first, effects);
  for (let word = 0; word < layout.words; word++) {
    const isPlace = word >= layout.firstPlace && word < layout.mappings;
    if (!isPlace && touched & (1 << word)) note(word);
  }
  if (effects.some((one) => one.kind === 'set-counter' && one.name === 'pinned')) {
    note(move.facets.pins);
  }
  const named = placesNamed(effects, first);
  for (let place = 0; place < layout.places; place++) {
    if (touched & (1 << (layout.firstPlace + place))) notePlace(move, place, named, note);
  }
}

function notePlace(
  { keys, facets, here, there }: Move,
  place: number,
  named: number,
  note: (facet: number) => void,
): void {
  const { layout, firstAutomatic } = keys;
  const word = layout.firstPlace + place;
  note(facets.ofPlace(place, STATE));
  // An automatic CID is named by a place: its name may change when another enclave ends.
  if (firstAutomatic < Number.POSITIVE_INFINITY && isAnyLeft(keys, there)) {
    note(facets.ofPlace(place, CID));
  }
  if (there[word] === 0) note(facets.ofPlace(place, PINNED));
  else if ((named & (1 << place)) !== 0 || here[word] !== there[word]) {
    for (let group = 0; group < GROUPS; group++) note(facets.ofPlace(place, group));
  }
}

function isAnyLeft({ layout }: HostKeys, key: Int32Array): boolean {
  for (let word = layout.firstPlace; word < layout.mappings; word++) {
    if (key[word] !== 0) return true;
  }
  return false;
}

function placesNamed(effects: readonly Effect[], first: number): number {
  let bits = 0;
  for (const effect of effects) {
    const uid = 'enclave' in effect ? effect.enclave.uid : 'uid' in effect ? effect.uid : -1;
    if (uid >= first) bits |= 1 << (uid - first);
  }
  return bits;
}
