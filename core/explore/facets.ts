/**
 * Facets: the parts of a host's state that a rule can look at by themselves, as small numbers.
 *
 * The words of a key are the first facets; behind them which places are taken, the pins that the
 * regions explain, for each node which frames are free in which store, and for each place its
 * enclave's record in groups of fields that are read together. Invariant: whoever reads only some facets gets the same in two states in which those are
 * equal; `GROUP_OF` names every field of a record, so that a new one cannot be forgotten.
 * Trade-off: finer groups would be shared by more states, and take longer to compare.
 */
import type { Enclave } from '../host/tree.js';
import { canonicalJson } from '../journal/codec.js';
import { FREE } from '../memory/extent-store.js';
import { FIRST_NODE, type HostKeys } from './host-keys.js';
import type { NodePart } from './view.js';

/** State, and whether there is a record at all. */
export const STATE = 0;
export const CID = 1;
const FIXED = 2;
export const VCPUS = 3;
export const CORES = 4;
export const MEMORY = 5;
const FILE = 6;
export const FLAGS = 7;
/** How many pins its regions explain. */
export const PINNED = 8;
/** Whether there is a record. */
export const TAKEN = 9;
export const GROUPS = 10;

export const GROUP_OF: Readonly<Record<Exclude<keyof Enclave, 'uid'>, number>> = {
  state: STATE,
  cid: CID,
  debug: FIXED,
  task: FIXED,
  node: FIXED,
  parentCores: FIXED,
  threadsPerCore: FIXED,
  maxRanges: FIXED,
  request: FIXED,
  vcpus: VCPUS,
  cores: CORES,
  memoryBytes: MEMORY,
  ranges: MEMORY,
  regions: MEMORY,
  donated: MEMORY,
  extents: MEMORY,
  event: FLAGS,
  listed: FILE,
  fd: FILE,
  deviceState: FLAGS,
  console: FLAGS,
};

const FIELDS: readonly (readonly (keyof Enclave)[])[] = Array.from({ length: PINNED }, (_, group) =>
  (Object.keys(GROUP_OF) as (keyof typeof GROUP_OF)[]).filter((name) => GROUP_OF[name] === group),
);

export interface Facets {
  readonly count: number;
  /** Place, behind the facets of two states, of the number of the note of the move between them. */
  readonly note: number;
  /** Place of the number of whom that move may move, behind the note. */
  readonly mover: number;
  /** Facets of both states, and those two numbers. */
  readonly ofBoth: number;
  /** Facet of which places are taken. */
  readonly order: number;
  /** Facet of the pins that the regions of all records explain. */
  readonly pins: number;
  /** Facet of which frames of a node are free, whoever has the others. */
  freeIn(node: number): number;
  /** Facet of a group of fields of the enclave at a place. */
  ofPlace(place: number, group: number): number;
  /** The place that a facet is of; -1 = it is of no single one. */
  placeOf(facet: number): number;
  /** Bits of the words of a key that a facet is made of. */
  wordsOf(facet: number): number;
  /** One facet of a key, by itself. */
  valueIn(key: Int32Array, facet: number): number;
  /** Writes all facets of a key into `out` from `at` on. */
  write(key: Int32Array, out: Int32Array, at: number): void;
}

export function createFacets({ layout, registers }: HostKeys): Facets {
  const { words, places, firstPlace, nodes } = layout;
  const order = words;
  const pins = words + 1;
  const firstFree = words + 2;
  const first = firstFree + nodes;
  const rows = createRows(registers.enclaves.part);
  const freeOf = createFreeNumbers(registers.nodes.part);
  const placeOf = (facet: number): number =>
    facet < first ? -1 : Math.floor((facet - first) / GROUPS);
  const takenIn = (key: Int32Array): number => {
    let taken = 0;
    for (let place = 0; place < places; place++) {
      if (key[firstPlace + place] !== 0) taken |= 1 << place;
    }
    return taken;
  };
  const pinsIn = (key: Int32Array): number => {
    let pinned = 0;
    for (let place = 0; place < places; place++) {
      pinned += rows.word(key[firstPlace + place], PINNED);
    }
    return pinned;
  };
  const count = first + places * GROUPS;
  return {
    count,
    note: 2 * count,
    mover: 2 * count + 1,
    ofBoth: 2 * count + 2,
    order,
    pins,
    freeIn: (node) => firstFree + node,
    ofPlace: (place, group) => first + place * GROUPS + group,
    placeOf,
    wordsOf(facet) {
      if (facet < words) return 1 << facet;
      if (facet < firstFree) return ((1 << places) - 1) << firstPlace;
      if (facet < first) return 1 << (FIRST_NODE + facet - firstFree);
      return 1 << (firstPlace + placeOf(facet));
    },
    valueIn(key, facet) {
      if (facet < words) return key[facet];
      if (facet === order) return takenIn(key);
      if (facet === pins) return pinsIn(key);
      if (facet < first) return freeOf(key[FIRST_NODE + facet - firstFree]);
      return rows.word(key[firstPlace + placeOf(facet)], (facet - first) % GROUPS);
    },
    write(key, out, at) {
      for (let word = 0; word < words; word++) out[at + word] = key[word];
      out[at + order] = takenIn(key);
      for (let node = 0; node < nodes; node++) {
        out[at + firstFree + node] = freeOf(key[FIRST_NODE + node]);
      }
      let pinned = 0;
      for (let place = 0; place < places; place++) {
        const row = at + first + place * GROUPS;
        rows.copy(key[firstPlace + place], out, row);
        pinned += out[row + PINNED];
      }
      out[at + pins] = pinned;
    },
  };
}

/** Numbers of free frames by the numbers of nodes. */
function createFreeNumbers(partOf: (number: number) => NodePart): (number: number) => number {
  const numbers = new Map<string, number>();
  const known: number[] = [];
  return (number) => {
    for (let node = known.length; node <= number; node++) {
      const text = partOf(node)
        .map((cells) => cells.map((cell) => Number(cell >> 1 === FREE)))
        .join();
      const seen = numbers.get(text) ?? numbers.size;
      numbers.set(text, seen);
      known.push(seen);
    }
    return known[number];
  };
}

interface Rows {
  /** A group of the record of a place's word in a key; of no record everything is 0. */
  word(number: number, group: number): number;
  /** Writes all groups of that record to `out` from `at` on. */
  copy(number: number, out: Int32Array, at: number): void;
}

function createRows(partOf: (number: number) => Enclave): Rows {
  const numbers = FIELDS.map(() => new Map<string, number>());
  let rows = new Int32Array(GROUPS * 64);
  let known = 1;
  const fill = (number: number) => {
    if ((number + 1) * GROUPS > rows.length) {
      const more = new Int32Array(2 * (number + 1) * GROUPS);
      more.set(rows);
      rows = more;
    }
    for (; known <= number; known++) {
      const record = partOf(known - 1);
      for (let group = 0; group < PINNED; group++) {
        const text = canonicalJson(FIELDS[group].map((name) => record[name]));
        const seen = numbers[group].get(text) ?? numbers[group].size + 1;
        numbers[group].set(text, seen);
        rows[known * GROUPS + group] = seen;
      }
      let pinned = 0;
      for (const { pages } of record.regions) pinned += pages.length / 2;
      rows[known * GROUPS + PINNED] = pinned;
      rows[known * GROUPS + TAKEN] = 1;
    }
  };
  return {
    word(number, group) {
      if (number >= known) fill(number);
      return rows[number * GROUPS + group];
    },
    copy(number, out, at) {
      if (number >= known) fill(number);
      const row = number * GROUPS;
      for (let group = 0; group < GROUPS; group++) out[at + group] = rows[row + group];
    },
  };
}
