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
  /** Facet of which places are taken. */
  readonly order: number;
  /** Facet of the pins that the regions of all records explain. */
  readonly pins: number;
  /** Facet of which frames of a node are free, whoever has the others. */
  freeIn(node: number): number;
  /** Facet of a group of fields of the enclave at a place. */
  ofPlace(place: number, group: number): number;
  /** Writes all facets of a key into `out` from `at` on. */
  write(key: Int32Array, out: Int32Array, at: number): void;
  /**
   * Writes the facets behind the words anew, which `out` has at `at`: those of all nodes, and those
   * of the places in `changed`.
   */
  follow(out: Int32Array, at: number, changed: number): void;
}

export function createFacets({ layout, registers }: HostKeys): Facets {
  const { words, places, firstPlace, nodes } = layout;
  const order = words;
  const pins = words + 1;
  const firstFree = words + 2;
  const first = firstFree + nodes;
  const rows = createRows(registers.enclaves.part);
  const freeOf = createFreeNumbers(registers.nodes.part);
  const follow = (out: Int32Array, at: number, changed: number) => {
    for (let node = 0; node < nodes; node++) {
      out[at + firstFree + node] = freeOf(out[at + FIRST_NODE + node]);
    }
    if (changed === 0) return;
    let taken = 0;
    let pinned = 0;
    for (let place = 0; place < places; place++) {
      const number = out[at + firstPlace + place];
      const row = rows.of(number);
      if (number !== 0) taken |= 1 << place;
      pinned += rows.words[row + PINNED];
      if ((changed & (1 << place)) === 0) continue;
      const to = at + first + place * GROUPS;
      for (let group = 0; group < GROUPS; group++) out[to + group] = rows.words[row + group];
    }
    out[at + order] = taken;
    out[at + pins] = pinned;
  };
  return {
    count: first + places * GROUPS,
    order,
    pins,
    freeIn: (node) => firstFree + node,
    ofPlace: (place, group) => first + place * GROUPS + group,
    write(key, out, at) {
      for (let word = 0; word < words; word++) out[at + word] = key[word];
      follow(out, at, -1);
    },
    follow,
  };
}

/** Numbers of free frames by the numbers of nodes. */
function createFreeNumbers(partOf: (number: number) => NodePart): (number: number) => number {
  const numbers = new Map<string, number>();
  const known: number[] = [];
  return (number) => {
    if (number < known.length) return known[number];
    for (let node = known.length; node <= number; node++) {
      const text = partOf(node)
        .map((cells) => Array.from(cells, (cell) => (cell >> 1 === FREE ? 'f' : '-')).join(''))
        .join('|');
      const seen = numbers.get(text) ?? numbers.size;
      numbers.set(text, seen);
      known.push(seen);
    }
    return known[number];
  };
}

interface Rows {
  /** Groups of each record; the first row is that of no record. */
  words: Int32Array;
  /** Where the row of a place's word in a key begins. */
  of(number: number): number;
}

function createRows(partOf: (number: number) => Enclave): Rows {
  const width = GROUPS;
  const numbers = FIELDS.map(() => new Map<string, number>());
  let known = 1;
  const fill = (number: number) => {
    if ((number + 1) * width > rows.words.length) {
      const words = new Int32Array(2 * (number + 1) * width);
      words.set(rows.words);
      rows.words = words;
    }
    for (; known <= number; known++) {
      const record = partOf(known - 1);
      for (let group = 0; group < PINNED; group++) {
        const text = canonicalJson(FIELDS[group].map((name) => record[name]));
        const seen = numbers[group].get(text) ?? numbers[group].size + 1;
        numbers[group].set(text, seen);
        rows.words[known * width + group] = seen;
      }
      let pinned = 0;
      for (const { pages } of record.regions) pinned += pages.length / 2;
      rows.words[known * width + PINNED] = pinned;
      rows.words[known * width + TAKEN] = 1;
    }
  };
  const rows: Rows = {
    words: new Int32Array(width * 64),
    of(number) {
      if (number >= known) fill(number);
      return number * width;
    },
  };
  return rows;
}
