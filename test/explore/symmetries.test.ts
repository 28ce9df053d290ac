/** Renamings of a key: which states are one under other names, and how many names a state has. */
import { describe, expect, it } from 'vitest';
import { createHostKeys, FIRST_NODE, type HostKeys } from '../../core/explore/host-keys.js';
import type { Symmetry } from '../../core/explore/scope.js';
import { createSymmetries } from '../../core/explore/symmetries.js';
import { textOfEnclave, textOfMappings, textOfNode } from '../../core/explore/view.js';
import { enclaveOwner, HELD, SCRUBBED, taskOwner } from '../../core/host/owner.js';
import { type Mapping, newEnclave } from '../../core/host/tree.js';
import { HOLE, OUTSIDE, POOL } from '../../core/memory/node-memory.js';
import { wholeScope } from './tiny-scopes.js';

const host = wholeScope('nitro-2x2x2x2').build();
const FIRST = host.hypervisor.firstSlot;
const keys = createHostKeys(host, 2);
const AUTOMATIC = keys.firstAutomatic;

/** What differs from the first state: frames of node 0 from the lowest on, a record, a mapping. */
interface State {
  readonly owners?: readonly number[];
  readonly record?: { readonly place: number; readonly cid: number; readonly task: number };
  readonly task?: number;
}

function keyOf({ registers, layout }: HostKeys, { owners = [], record, task }: State): Int32Array {
  const key = new Int32Array(layout.words);
  keys.encode(key);
  const part = registers.nodes.part(key[FIRST_NODE]).map((cells) => cells.slice());
  for (const [frame, owner] of owners.entries()) part[0][frame] = 2 * owner + 1;
  key[FIRST_NODE] = registers.nodes.numberOf(textOfNode(part), () => part);
  if (record !== undefined) {
    const { place, cid } = record;
    const enclave = newEnclave({ ...record, uid: 0 });
    const text = textOfEnclave(enclave, cid);
    key[layout.firstPlace + place] = 1 + registers.enclaves.numberOf(text, () => enclave);
  }
  if (task !== undefined) {
    const mappings = [mappingOf(task)];
    key[layout.mappings] = registers.mappings.numberOf(textOfMappings(mappings), () => mappings);
  }
  return key;
}

function mappingOf(task: number): Mapping {
  return { address: 64, pageBytes: 32, huge: 1, node: 0, runs: [0, 1], task, size: 0 };
}

/** Least key of the orbit, and how many keys that has. */
function orbitOf(state: State, symmetry: Symmetry): { least: number[]; orbit: number } {
  const symmetries = createSymmetries(keys, FIRST, symmetry);
  const key = keyOf(keys, state);
  const orbit = symmetries.orbit(key);
  symmetries.canonize(key);
  return { least: [...key], orbit };
}

const PLACES: Symmetry = { places: true, cids: [] };
const NOTHING: Symmetry = { places: false, cids: [] };

/** The same for the operator of either place. */
const OF_OPERATOR: readonly (readonly [name: string, of: (place: number) => State])[] = [
  ['frames of an enclave', (place) => ({ owners: [enclaveOwner(FIRST + place)] })],
  ['frames of a task', (place) => ({ owners: [taskOwner(place + 1)] })],
  ['a mapping', (place) => ({ task: place + 1 })],
  ['a task’s record', (place) => ({ record: { place, cid: 0, task: place + 1 } })],
  ['a CID given by itself', (place) => ({ record: { place, cid: AUTOMATIC + place, task: 0 } })],
  [
    'all of that at once',
    (place) => ({
      owners: [taskOwner(place + 1), HELD, enclaveOwner(FIRST + place), taskOwner(2 - place)],
      record: { place, cid: AUTOMATIC + place, task: place + 1 },
      task: place + 1,
    }),
  ],
];

describe('operators who may change places', () => {
  it.each(OF_OPERATOR)('%s: one state under two names', (_, of) => {
    const [one, other] = [of(0), of(1)].map((state) => orbitOf(state, PLACES));
    expect(one).toEqual(other);
    expect(one.orbit).toBe(2);
  });

  it.each(OF_OPERATOR)('%s: two states of one name each where they may not', (_, of) => {
    for (const state of [of(0), of(1)]) {
      expect(orbitOf(state, NOTHING)).toEqual({ least: [...keyOf(keys, state)], orbit: 1 });
    }
  });

  it('do so with all that is theirs', () => {
    const record = { place: 0, cid: AUTOMATIC, task: 1 };
    const own = orbitOf({ record, task: 1 }, PLACES);
    const others = orbitOf({ record, task: 2 }, PLACES);
    expect(own.least).not.toEqual(others.least);
  });

  it('leave what is of none of them', () => {
    const owners = [HELD, SCRUBBED, HOLE, OUTSIDE, POOL, taskOwner(0), taskOwner(3)];
    const state = { owners, task: 3 };
    expect(orbitOf(state, PLACES)).toEqual({ least: [...keyOf(keys, state)], orbit: 1 });
  });
});

describe('CIDs that may change names', () => {
  const withCid = (cid: number, place = 0): State => ({ record: { place, cid, task: 0 } });
  const symmetry: Symmetry = { places: false, cids: [4, 5] };

  it('are one under two names, and others have one', () => {
    const [four, five] = [4, 5].map((cid) => orbitOf(withCid(cid), symmetry));
    expect(four).toEqual(five);
    expect(four.orbit).toBe(2);
    for (const cid of [0, 3, 6, AUTOMATIC, AUTOMATIC + 1]) {
      expect(orbitOf(withCid(cid), symmetry).orbit).toBe(1);
    }
  });

  it('do so beside the places', () => {
    const both: Symmetry = { places: true, cids: [4, 5] };
    const all = [withCid(4), withCid(5), withCid(4, 1), withCid(5, 1)];
    const [first, ...rest] = all.map((state) => orbitOf(state, both));
    expect(first.orbit).toBe(4);
    for (const one of rest) expect(one).toEqual(first);
  });
});
