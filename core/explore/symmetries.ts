/**
 * Symmetry: renamings of a key that lead to the same state under other names.
 *
 * An element gives every place, CID and task another name of its kind. The canonical key of a state
 * is the least of its images, each compared word by word until it differs: no shortcut by sorting.
 * The elements are a group, so an orbit is as large as the group over those that change nothing.
 * Invariant: the sum of the orbits over a reduced search is the number of states of the full one
 * (checked), which fails as soon as a rule tells two names apart. Trade-off: cores and pages are
 * chosen lowest first by the rules, so their names are not interchangeable: no element renames them.
 */
import { enclaveOwner, isEnclaveOwner, ownerNumber, taskOwner } from '../host/owner.js';
import { copyEnclave } from '../host/tree.js';
import { FIRST_NODE, type HostKeys } from './host-keys.js';
import type { Symmetry } from './scope.js';
import { textOfEnclave, textOfMappings, textOfNode } from './view.js';

export interface Symmetries {
  /** Replaces a key by the least of its orbit. */
  canonize(key: Int32Array): void;
  /** Different keys of the orbit. */
  orbit(key: Int32Array): number;
}

/** One renaming: old name → new name. */
interface Element {
  readonly places: readonly number[];
  /** New place → old place. */
  readonly from: readonly number[];
  readonly cids: ReadonlyMap<number, number>;
  readonly tasks: ReadonlyMap<number, number>;
  /** Images of component numbers, filled when first asked. */
  readonly nodes: number[];
  readonly enclaves: number[];
  readonly mappings: number[];
}

export function createSymmetries(keys: HostKeys, first: number, symmetry: Symmetry): Symmetries {
  const { layout } = keys;
  const elements = elementsOf(symmetry, layout.places);
  const best = new Int32Array(layout.words);
  return {
    canonize(key) {
      best.set(key);
      for (const element of elements) takeLess(keys, first, element, key, best);
      key.set(best);
    },
    orbit(key) {
      let fixing = 0;
      for (const element of elements) if (isFixed(keys, first, element, key)) fixing++;
      return elements.length / fixing;
    },
  };
}

/** Makes `best` the image of a key where that is less; stops at the first word that is more. */
function takeLess(
  keys: HostKeys,
  first: number,
  element: Element,
  key: Int32Array,
  best: Int32Array,
): void {
  const { words } = keys.layout;
  let less = false;
  for (let word = FIRST_NODE; word < words; word++) {
    const image = imageOf(keys, first, element, key, word);
    if (!less && image > best[word]) return;
    if (image < best[word]) less = true;
    best[word] = image;
  }
}

function isFixed(keys: HostKeys, first: number, element: Element, key: Int32Array): boolean {
  const { words } = keys.layout;
  for (let word = FIRST_NODE; word < words; word++) {
    if (imageOf(keys, first, element, key, word) !== key[word]) return false;
  }
  return true;
}

/** Every renaming; the first one renames nothing. */
function elementsOf(symmetry: Symmetry, most: number): Element[] {
  const order = Array.from({ length: most }, (_, place) => place);
  const moved = symmetry.places ? permutations(order) : [order];
  return moved.flatMap((places) =>
    renamings(symmetry.cids).map((cids) => ({
      places,
      from: order.map((place) => places.indexOf(place)),
      cids,
      tasks: new Map(places.map((to, place) => [place + 1, to + 1])),
      nodes: [],
      enclaves: [],
      mappings: [],
    })),
  );
}

function renamings(names: readonly number[]): ReadonlyMap<number, number>[] {
  return permutations(names).map((images) => new Map(names.map((name, i) => [name, images[i]])));
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]),
  );
}

/** The word of a key's image; base and CPUs know no names. */
function imageOf(
  keys: HostKeys,
  first: number,
  element: Element,
  key: Int32Array,
  word: number,
): number {
  const { firstPlace, mappings } = keys.layout;
  if (word < firstPlace) return nodeImage(keys, first, element, key[word]);
  if (word === mappings) return mappingsImage(keys, element, key[word]);
  const number = key[firstPlace + element.from[word - firstPlace]];
  return number === 0 ? 0 : 1 + enclaveImage(keys, element, number - 1);
}

function nodeImage(keys: HostKeys, first: number, element: Element, number: number): number {
  const known = element.nodes[number];
  if (known !== undefined) return known;
  const part = keys.registers.nodes.part(number).map((cells) =>
    cells.map((cell) => {
      const owner = renamedOwner(cell >> 1, first, element);
      return owner * 2 + (cell & 1);
    }),
  );
  const made = keys.registers.nodes.numberOf(textOfNode(part), () => part);
  element.nodes[number] = made;
  return made;
}

function renamedOwner(owner: number, first: number, { places, tasks }: Element): number {
  if (isEnclaveOwner(owner)) {
    const place = ownerNumber(owner) - first;
    return enclaveOwner(first + (places[place] ?? place));
  }
  const task = ownerNumber(owner);
  const to = owner >= taskOwner(0) ? tasks.get(task) : undefined;
  return to === undefined ? owner : taskOwner(to);
}

/** An automatic CID is named by a place, so the image depends on the places, too. */
function enclaveImage(keys: HostKeys, element: Element, number: number): number {
  const known = element.enclaves[number];
  if (known !== undefined) return known;
  const part = keys.registers.enclaves.part(number);
  const cid = renamedCid(keys, element, part.cid);
  const task = element.tasks.get(part.task) ?? part.task;
  const renamed = { ...copyEnclave(part), cid, task };
  const made = keys.registers.enclaves.numberOf(textOfEnclave(renamed, cid), () => renamed);
  element.enclaves[number] = made;
  return made;
}

function renamedCid({ firstAutomatic }: HostKeys, { cids, places }: Element, cid: number): number {
  const place = cid - firstAutomatic;
  if (place >= 0 && place < places.length) return firstAutomatic + places[place];
  return cids.get(cid) ?? cid;
}

function mappingsImage(keys: HostKeys, element: Element, number: number): number {
  const known = element.mappings[number];
  if (known !== undefined) return known;
  const part = keys.registers.mappings
    .part(number)
    .map((one) => ({ ...one, task: element.tasks.get(one.task) ?? one.task }));
  const made = keys.registers.mappings.numberOf(textOfMappings(part), () => part);
  element.mappings[number] = made;
  return made;
}
