/**
 * Symmetry: renamings of a key that lead to the same state under other names.
 *
 * An element gives every place, CID and task another name of its kind. The canonical key of a state
 * is the least of its images, all of which are really made: no shortcut by sorting. Invariant: the
 * sum of the orbits over a reduced search is the number of states of the full one (checked), which
 * fails as soon as a rule tells two names apart. Trade-off: cores and pages are chosen lowest first
 * by the rules, so their names are not interchangeable and no element renames them.
 */
import { copyEnclave } from '../host/apply.js';
import { enclaveOwner, isEnclaveOwner, ownerNumber, taskOwner } from '../host/owner.js';
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
  const image = new Int32Array(layout.words);
  const best = new Int32Array(layout.words);
  return {
    canonize(key) {
      best.set(key);
      for (const element of elements) {
        writeImage(keys, first, element, key, image);
        if (isLess(image, best)) best.set(image);
      }
      key.set(best);
    },
    orbit(key) {
      const images = new Set<string>();
      for (const element of elements) {
        writeImage(keys, first, element, key, image);
        images.add(image.join());
      }
      return images.size;
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

function writeImage(
  keys: HostKeys,
  first: number,
  element: Element,
  key: Int32Array,
  image: Int32Array,
): void {
  const { layout } = keys;
  image.set(key);
  for (let word = 2; word < layout.firstPlace; word++) {
    image[word] = nodeImage(keys, first, element, key[word]);
  }
  for (let place = 0; place < layout.places; place++) {
    const number = key[layout.firstPlace + place];
    const to = layout.firstPlace + element.places[place];
    image[to] = number === 0 ? 0 : 1 + enclaveImage(keys, element, number - 1);
  }
  image[layout.mappings] = mappingsImage(keys, element, key[layout.mappings]);
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

function isLess(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return false;
}
