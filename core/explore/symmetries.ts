/**
 * Symmetry: renamings of a key that lead to the same state under other names.
 *
 * An element gives every place, CID and task another name of its kind. The canonical key of a state
 * is the least of its images (`canonical-form`). The elements are a group, so an orbit is as large as
 * the group over those that give the least image, which are as many as change nothing.
 * Invariant: the sum of the orbits over a reduced search is the number of states of the full one
 * (checked), which fails as soon as a rule tells two names apart. Trade-off: cores and pages are
 * chosen lowest first by the rules, so their names are not interchangeable: no element renames them.
 */
import { enclaveOwner, isEnclaveOwner, ownerNumber, taskOwner } from '../host/owner.js';
import { copyEnclave } from '../host/tree.js';
import { createCanonicalForm, type Renaming } from './canonical-form.js';
import type { HostKeys } from './host-keys.js';
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
}

export function createSymmetries(keys: HostKeys, first: number, symmetry: Symmetry): Symmetries {
  const { layout } = keys;
  const elements = elementsOf(symmetry, layout.places);
  const form = createCanonicalForm(
    elements.map((element) => renamingOf(keys, first, element)),
    layout,
  );
  const image = new Int32Array(layout.words);
  return {
    canonize(key) {
      form.canonize(key);
    },
    orbit(key) {
      image.set(key);
      return elements.length / form.canonize(image);
    },
  };
}

function renamingOf(keys: HostKeys, first: number, element: Element): Renaming {
  const nodes: number[] = [];
  const records: number[] = [0];
  const mappings: number[] = [];
  return {
    from: element.from,
    records,
    mappings,
    nodeImage: (word) => {
      nodes[word] ??= nodeImage(keys, first, element, word);
      return nodes[word];
    },
    recordImage: (word) => {
      records[word] ??= 1 + enclaveImage(keys, element, word - 1);
      return records[word];
    },
    mappingsImage: (word) => {
      mappings[word] ??= mappingsImage(keys, element, word);
      return mappings[word];
    },
  };
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

function nodeImage(keys: HostKeys, first: number, element: Element, number: number): number {
  const part = keys.registers.nodes.part(number).map((cells) =>
    cells.map((cell) => {
      const owner = renamedOwner(cell >> 1, first, element);
      return owner * 2 + (cell & 1);
    }),
  );
  return keys.registers.nodes.numberOf(textOfNode(part), () => part);
}

function renamedOwner(owner: number, first: number, { places, tasks }: Element): number {
  if (isEnclaveOwner(owner)) {
    const place = ownerNumber(owner) - first;
    return enclaveOwner(first + (places[place] ?? place));
  }
  const to = tasks.get(ownerNumber(owner));
  return to === undefined ? owner : taskOwner(to);
}

/** An automatic CID is named by a place, so the image depends on the places, too. */
function enclaveImage(keys: HostKeys, element: Element, number: number): number {
  const part = keys.registers.enclaves.part(number);
  const cid = renamedCid(keys, element, part.cid);
  const task = element.tasks.get(part.task) ?? part.task;
  const renamed = { ...copyEnclave(part), cid, task };
  return keys.registers.enclaves.numberOf(textOfEnclave(renamed, cid), () => renamed);
}

function renamedCid({ firstAutomatic }: HostKeys, { cids, places }: Element, cid: number): number {
  const place = places[cid - firstAutomatic];
  return place === undefined ? (cids.get(cid) ?? cid) : firstAutomatic + place;
}

function mappingsImage(keys: HostKeys, element: Element, number: number): number {
  const part = keys.registers.mappings
    .part(number)
    .map((one) => ({ ...one, task: element.tasks.get(one.task) ?? one.task }));
  return keys.registers.mappings.numberOf(textOfMappings(part), () => part);
}
