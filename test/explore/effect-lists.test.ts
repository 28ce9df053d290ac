/** What a list of effects makes of a key: which facets each word depends on, and that each is asked once. */
import { describe, expect, it } from 'vitest';
import { EffectLists } from '../../core/explore/effect-lists.js';
import { CID, type Facets, GROUPS, PINNED, STATE } from '../../core/explore/facets.js';
import { layoutOf } from '../../core/explore/host-keys.js';
import type { HostModel } from '../../core/explore/host-model.js';
import { SCOPES } from '../../core/explore/scopes.js';
import type { Effect, HandleMove } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner, SCRUBBED, taskOwner } from '../../core/host/owner.js';
import { putRecord } from '../../core/host/records.js';
import { BASE as BASE_STORE } from '../../core/host/stores.js';
import { type Enclave, newEnclave } from '../../core/host/tree.js';

const FIRST_SLOT = 5;
const LAYOUT = layoutOf(2, 3);
/** The words of a key, by name. */
const WORDS = ['base', 'cpus', 'node 0', 'node 1', 'place 0', 'place 1', 'place 2', 'mappings'];
const PINS = LAYOUT.words;
const FIRST_GROUP = LAYOUT.words + 1;
const UIDS = [0, 1, 2].map((place) => FIRST_SLOT + place);
const UID = FIRST_SLOT + 1;

/** Facets by number: words of the key, then all pins, then groups of each place. */
const NAMES = [...WORDS, 'pins'];
for (const place of UIDS.keys()) {
  for (let group = 0; group < GROUPS; group++) NAMES.push(groupName(place, group));
}

function groupName(place: number, group: number): string {
  const known = new Map([
    [STATE, 'state'],
    [CID, 'cid'],
    [PINNED, 'pins of'],
  ]);
  return `${known.get(group) ?? `group ${group} of`} ${place}`;
}

/** The extent that begins with a node's first frame. */
const FIRST_FRAME = 1;

/** Enclaves at all places, and one frame of each node that an enclave has. */
function newHost(): Host {
  const host = SCOPES[0].build();
  for (const uid of UIDS) putRecord(host.tree, newRecord(uid));
  for (const { base } of host.memory) base.allocAt(0, 1, enclaveOwner(UID));
  return { ...host, hypervisor: { ...host.hypervisor, firstSlot: FIRST_SLOT } };
}

function newRecord(uid: number): Enclave {
  const made = { uid, state: 'running', cid: uid, debug: 0, task: 0, node: 0 } as const;
  const [vcpus, memoryMib, imageBytes] = [0, 0, 0];
  return newEnclave({
    ...{ ...made, parentCores: 0, threadsPerCore: 2, maxRanges: 9 },
    request: { vcpus, memoryMib, imageBytes },
  });
}

/** Lists of effects over keys that are written with numbers never used before. */
function byHand({ automatic = true }: { readonly automatic?: boolean } = {}) {
  /** The facets that no word is. */
  const beside = new Int32Array(NAMES.length);
  let fresh = 1000;
  const counted = { encoded: 0, forgotten: 0 };
  const source = {
    words: LAYOUT.words,
    keys: {
      layout: LAYOUT,
      firstAutomatic: automatic ? 4 : Number.POSITIVE_INFINITY,
      load: () => {},
      encode(next: Int32Array) {
        counted.encoded++;
        for (let word = 0; word < next.length; word++) next[word] = fresh++;
      },
      forget: () => counted.forgotten++,
    },
    get host() {
      return newHost();
    },
  };
  const facets = {
    count: NAMES.length,
    pins: PINS,
    ofPlace: (place: number, group: number) => FIRST_GROUP + place * GROUPS + group,
    valueIn: (key: Int32Array, facet: number) =>
      facet < LAYOUT.words ? key[facet] : beside[facet],
  };
  const lists = new EffectLists(source as unknown as HostModel, facets as unknown as Facets);
  return { lists, beside, counted };
}

/** The words of a key with other numbers after a list than before. */
function performed(lists: EffectLists, list: number, from = 0): string[] {
  const key = new Int32Array(LAYOUT.words).fill(from);
  lists.perform(list, key);
  return WORDS.filter((_, word) => key[word] !== from);
}

/** For each facet how many words are asked anew where it alone is another. */
function dependenciesOf(effects: readonly Effect[], automatic = true): Record<string, number> {
  const { lists, beside } = byHand({ automatic });
  const list = lists.numberOf(effects);
  performed(lists, list);
  const found: Record<string, number> = {};
  for (const [facet, name] of NAMES.entries()) {
    const before = lists.asked;
    const key = new Int32Array(LAYOUT.words);
    if (facet < LAYOUT.words) key[facet] = 7;
    else beside[facet] = 7;
    lists.perform(list, key);
    beside.fill(0);
    if (lists.asked > before) found[name] = lists.asked - before;
  }
  return found;
}

const release = (node: number, from: number): Effect => {
  return { kind: 'release', node, size: BASE_STORE, handle: FIRST_FRAME, from, to: 0, uid: -1 };
};
const give = (node: number, from: number): Effect => {
  const at = { node, size: BASE_STORE, handle: FIRST_FRAME, uid: -1 };
  return { kind: 'give', ...at, from, to: taskOwner(1) };
};
/** What wipes the frames that `release(1, …)` names, or others. */
const scrub = (other: Partial<HandleMove<'scrub'>> = {}): Effect => {
  const at = { node: 1, size: BASE_STORE, handle: FIRST_FRAME, uid: -1 };
  return { kind: 'scrub', ...at, from: enclaveOwner(UID), to: SCRUBBED, ...other };
};
const counter = (name: 'pinned' | 'bound'): Effect => ({
  kind: 'set-counter',
  name,
  from: 0,
  to: 1,
});
const setCid: Effect = { kind: 'set-enclave', uid: UID, field: 'cid', from: 6, to: 9 };
const setEvent: Effect = { kind: 'set-enclave', uid: UID, field: 'event', from: 0, to: 1 };
const offline: Effect = { kind: 'set-online', cpu: 1, to: 0 };
const region: Effect = {
  kind: 'add-region',
  uid: UID,
  region: { address: 0, bytes: 1, pages: [0, 1] },
  position: 0,
} as Effect;
const drop = (place: number): Effect => ({
  kind: 'drop-enclave',
  enclave: newRecord(UIDS[place]),
});
const PLACES = { 'place 0': 1, 'place 1': 1, 'place 2': 1 };
const NAMED = {
  ...{ 'state 0': 3, 'cid 0': 3, 'state 1': 3, 'cid 1': 3, 'state 2': 3, 'cid 2': 3 },
};

describe('a word that effects touch', () => {
  it.each<[string, readonly Effect[], Record<string, number>]>([
    ['the CPUs: on the word itself', [offline], { cpus: 1 }],
    ['a counter: on the word itself', [counter('bound')], { base: 1 }],
    ['the counter of pins: on what the regions explain', [counter('pinned')], { base: 1, pins: 1 }],
    ['a region: on the pins', [region], { base: 1, 'place 1': 1, pins: 1 }],
    [
      'pages of an enclave returned: on the frames that may become dirty',
      [release(1, enclaveOwner(UID))],
      { base: 1, 'node 1': 2 },
    ],
    ...[release(1, SCRUBBED), give(1, SCRUBBED), give(1, enclaveOwner(UID))].map(
      (one): [string, readonly Effect[], Record<string, number>] => [
        'pages that nobody wiped: on whose they were',
        [one],
        { base: 1, 'node 1': 2 },
      ],
    ),
    [
      'pages that were wiped: on the words themselves',
      [scrub({ size: 0 }), scrub(), release(1, SCRUBBED)],
      { base: 1, 'node 1': 1 },
    ],
    [
      'pages beside others that were wiped: on whose they were',
      [scrub({ size: 0 }), release(1, SCRUBBED)],
      { base: 1, 'node 1': 2 },
    ],
    [
      'pages of a node where those of another were wiped: on whose they were',
      [scrub({ node: 0 }), release(1, SCRUBBED)],
      { base: 1, 'node 0': 1, 'node 1': 2 },
    ],
    [
      'pages of a task returned: on the words themselves',
      [release(1, taskOwner(1))],
      { base: 1, 'node 1': 1 },
    ],
    ['a field of an enclave: on its record', [setEvent], { 'place 1': 1 }],
    ['a CID: on all names', [setCid], { ...PLACES, ...NAMED }],
    [
      'a CID beside what else is touched: on all names, for the places alone',
      [offline, setCid, { kind: 'resize-pages', node: 1, size: 0, runs: [2, 1], grow: true }],
      { cpus: 1, 'node 1': 1, ...PLACES, ...NAMED },
    ],
    [
      'a record that goes: on its pins, and on all names',
      [drop(2)],
      { base: 1, pins: 1, 'pins of 2': 1, ...PLACES, ...NAMED },
    ],
    [
      'a record that goes with the mappings: on all names, for the places alone',
      [drop(0), unmap()],
      { base: 1, mappings: 1, pins: 1, 'pins of 0': 1, ...PLACES, ...NAMED },
    ],
  ])('depends, for %s', (_, effects, expected) => {
    expect(dependenciesOf(effects)).toEqual(expected);
  });

  it.each<[string, readonly Effect[], Record<string, number>]>([
    ['a CID', [setCid], PLACES],
    ['a record that goes', [drop(1)], { base: 1, pins: 1, 'pins of 1': 1, ...PLACES }],
  ])('depends on no names where none is automatic, for %s', (_, effects, expected) => {
    expect(dependenciesOf(effects, false)).toEqual(expected);
  });
});

describe('a list of effects', () => {
  it('changes the words that it touches, and no word of the next list', () => {
    const { lists } = byHand();
    const [first, second] = [lists.numberOf([offline]), lists.numberOf([counter('bound')])];
    for (const from of [3, 4, 3]) {
      expect(performed(lists, second, from)).toEqual(['base']);
      expect(performed(lists, first, from)).toEqual(['cpus']);
    }
    expect(lists.asked).toBe(4);
  });

  it('is applied once to each key, and what it made is remembered', () => {
    const { lists, counted } = byHand();
    lists.numberOf([offline, counter('bound')]);
    const list = lists.numberOf([region]);
    const made = [3, 4, 3, 4].map((from) => {
      const key = new Int32Array(LAYOUT.words).fill(from);
      lists.perform(list, key);
      return [...key];
    });
    // The first word and that of place 1, as they were written the first and the second time.
    const [first, second] = [
      [1000, 3, 3, 3, 3, 1005, 3, 3],
      [1008, 4, 4, 4, 4, 1013, 4, 4],
    ];
    expect(made).toEqual([first, second, first, second]);
    expect(counted).toEqual({ encoded: 2, forgotten: 2 });
    expect(lists.asked).toBe(4);
  });

  it('asks anew only of the words that are not known', () => {
    const { lists, counted } = byHand();
    const list = lists.numberOf([offline, counter('bound')]);
    const key = (base: number, cpus: number) => {
      const words = new Int32Array(LAYOUT.words);
      words.set([base, cpus]);
      lists.perform(list, words);
      return [words[0], words[1]];
    };
    const [, second] = key(1, 1);
    key(2, 1);
    expect([lists.asked, counted.encoded]).toEqual([3, 2]);
    // What is known of a word stays, though it was written again for the other.
    expect(key(1, 1)[1]).toBe(second);
    expect([lists.asked, counted.encoded]).toEqual([3, 2]);
  });

  it('has the number of one that differs only in what the way back needs', () => {
    const { lists } = byHand();
    const number = (effect: Effect) => lists.numberOf([effect]);
    expect(number(counter('bound'))).toBe(0);
    expect(number({ ...counter('bound'), from: 9 } as Effect)).toBe(0);
    expect(number({ ...counter('bound'), to: 9 } as Effect)).toBe(1);
    expect(number({ ...setEvent, from: 1 } as Effect)).toBe(2);
    expect(number(setEvent)).toBe(2);
    expect(number(drop(1))).toBe(3);
    expect(number({ kind: 'drop-enclave', enclave: { ...newRecord(UID), cid: 77 } })).toBe(3);
    expect(number(drop(2))).toBe(4);
    expect(number({ kind: 'set-parent', from: 'running', to: 'stopped' })).toBe(5);
    expect(number({ kind: 'set-parent', from: 'terminated', to: 'stopped' })).toBe(5);
    const { pool, reservation } = newHost().tree;
    expect(number({ kind: 'set-pool', from: pool, to: pool })).toBe(6);
    expect(number({ kind: 'set-pool', from: { ...pool, node: 1 }, to: pool })).toBe(6);
    const other = { ...reservation, memoryMib: 5 };
    expect(number({ kind: 'set-reservation', from: reservation, to: reservation })).toBe(7);
    expect(number({ kind: 'set-reservation', from: other, to: reservation })).toBe(7);
    expect(number(release(0, 7))).toBe(8);
    expect(number(release(0, 8))).toBe(9);
  });

  it('takes more bytes where its words depend on more', () => {
    const { lists } = byHand();
    const { bytes } = lists;
    lists.numberOf([offline, setEvent]);
    expect(lists.bytes).toBe(bytes);
    lists.numberOf([counter('pinned')]);
    lists.numberOf([setCid]);
    // Sixteen slots each: of two words and an answer, and three of seven and an answer.
    expect(lists.bytes - bytes).toBe(4 * 16 * (3 + 3 * 8));
  });

  it.each(['admit', 'dismiss', 'admit-mapped', 'dismiss-mapped'])(
    'is of single effects, not %s',
    (kind) => {
      const { lists } = byHand();
      expect(() => lists.numberOf([{ kind } as Effect])).toThrow(
        `the explorer studies single effects, not ${kind}`,
      );
    },
  );
});

function unmap(): Effect {
  const mapping = { address: 0, pageBytes: 1, huge: 1, node: 0, runs: [0, 1], task: 1, size: 0 };
  return { kind: 'unmap', mapping, position: 0 } as unknown as Effect;
}
