/** Facets of a key: one by one they say what all of them together say, and what the host holds. */
import { describe, expect, it } from 'vitest';
import {
  CID,
  createFacets,
  FLAGS,
  GROUPS,
  PINNED,
  STATE,
  TAKEN,
} from '../../core/explore/facets.js';
import { BASE, CPUS, createHostKeys, FIRST_NODE } from '../../core/explore/host-keys.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { putRecord, removeRecord } from '../../core/host/records.js';
import { type Enclave, newEnclave } from '../../core/host/tree.js';

const PLACES = 2;
/** More records than the first table of rows holds. */
const RECORDS = 150;

function made() {
  const host = SCOPES[0].build();
  const keys = createHostKeys(host, PLACES);
  return { host, keys, layout: keys.layout, facets: createFacets(keys) };
}

describe('a facet', () => {
  const { layout, facets } = made();
  const nodes = Array.from({ length: layout.nodes }, (_, node) => node);

  it('is of a place where it is of one enclave, else of none', () => {
    const of = Array.from({ length: facets.count }, (_, facet) => facets.placeOf(facet));
    const whole = facets.count - PLACES * GROUPS;
    expect(of).toEqual([
      ...new Array<number>(whole).fill(-1),
      ...new Array<number>(GROUPS).fill(0),
      ...new Array<number>(GROUPS).fill(1),
    ]);
  });

  it('is made of words of the key', () => {
    const places = (1 << layout.firstPlace) | (1 << (layout.firstPlace + 1));
    expect([BASE, CPUS, layout.mappings].map(facets.wordsOf)).toEqual(
      [BASE, CPUS, layout.mappings].map((word) => 1 << word),
    );
    expect([facets.order, facets.pins].map(facets.wordsOf)).toEqual([places, places]);
    expect(nodes.map((node) => facets.wordsOf(facets.freeIn(node)))).toEqual(
      nodes.map((node) => 1 << (FIRST_NODE + node)),
    );
    for (const place of [0, 1]) {
      for (const group of [STATE, TAKEN]) {
        expect(facets.wordsOf(facets.ofPlace(place, group))).toBe(1 << (layout.firstPlace + place));
      }
    }
  });
});

describe('facets of a key without records', () => {
  it('are 0 before any record is known', () => {
    const { keys, layout, facets } = made();
    const key = new Int32Array(layout.words);
    keys.encode(key);
    const asked = [facets.order, facets.pins];
    for (const place of [0, 1]) {
      for (let group = 0; group < GROUPS; group++) asked.push(facets.ofPlace(place, group));
    }
    expect(asked.map((facet) => facets.valueIn(key, facet))).toEqual(asked.map(() => 0));
  });
});

describe('facets of many keys', () => {
  const { host, keys, layout, facets } = made();
  const { firstSlot } = host.hypervisor;

  /** The key with these records, each in its place. */
  function keyOf(records: readonly (Omit<Enclave, 'uid'> | undefined)[]): Int32Array {
    for (const [place, record] of records.entries()) {
      const uid = firstSlot + place;
      if (record === undefined) removeRecord(host.tree, uid);
      else putRecord(host.tree, { ...record, uid });
    }
    const key = new Int32Array(layout.words);
    keys.encode(key);
    return key;
  }

  const enclave = (number: number) =>
    newEnclave({
      uid: 0,
      cid: 3 + number,
      event: number % 2 === 0 ? 0 : 1,
      regions: [{ address: 0, bytes: 1, pages: new Array<number>(2 * (number % 4)).fill(8) }],
    });

  it('are the same one by one and together', () => {
    for (let number = 0; number < RECORDS; number++) {
      const key = keyOf([enclave(number), number % 2 === 0 ? undefined : enclave(number + 1)]);
      // A record has this number, too, and is not meant.
      key[layout.mappings] = number;
      const out = new Int32Array(facets.count + 2).fill(-7);
      facets.write(key, out, 1);
      const alone = Array.from({ length: facets.count }, (_, facet) => facets.valueIn(key, facet));
      expect([...out]).toEqual([-7, ...alone, -7]);
      const one = (facet: number) => alone[facet];
      expect(one(facets.order)).toBe(number % 2 === 0 ? 1 : 3);
      const pins = [number % 4, number % 2 === 0 ? 0 : (number + 1) % 4];
      expect([0, 1].map((place) => one(facets.ofPlace(place, PINNED)))).toEqual(pins);
      expect(one(facets.pins)).toBe(pins[0] + pins[1]);
      expect([0, 1].map((place) => one(facets.ofPlace(place, TAKEN)))).toEqual([1, number % 2]);
      expect(alone.slice(0, layout.words)).toEqual([...key]);
    }
  });

  it('differ in the groups of the fields that differ, and in no other', () => {
    const differing = (a: Enclave, b: Enclave) => {
      const [one, two] = [keyOf([a]), keyOf([b])];
      return Array.from({ length: GROUPS }, (_, group) => group).filter((group) => {
        const facet = facets.ofPlace(0, group);
        return facets.valueIn(one, facet) !== facets.valueIn(two, facet);
      });
    };
    expect(differing(enclave(4), enclave(4 + 12))).toEqual([CID]);
    expect(differing(enclave(4), { ...enclave(4), event: 1 })).toEqual([FLAGS]);
    expect(differing(enclave(4), enclave(4))).toEqual([]);
  });

  it('of a node say which frames are free, whoever has the others', () => {
    const free = (cells: (cell: number) => number) => {
      const line = SCOPES[0].build();
      const own = createHostKeys(line, PLACES);
      const key = new Int32Array(own.layout.words);
      own.encode(key);
      const part = own.registers.nodes.part(key[FIRST_NODE]).map((one) => one.map(cells));
      const text = JSON.stringify(part.map((one) => [...one]));
      const other = key.slice();
      other[FIRST_NODE] = own.registers.nodes.numberOf(text, () => part);
      const both = createFacets(own);
      return [key, other].map((one) => both.valueIn(one, both.freeIn(0)));
    };
    const [before, after] = free((cell) => (cell >> 1 === 0 ? cell : cell + 2));
    expect(after).toBe(before);
    const [all, none] = free(() => 2);
    expect(none).not.toBe(all);
  });
});
