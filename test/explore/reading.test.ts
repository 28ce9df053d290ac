/** What a question has read: which facets, in which order, and each of them once. */
import { describe, expect, it } from 'vitest';
import { createFacets, GROUPS, STATE, TAKEN } from '../../core/explore/facets.js';
import { BASE, CPUS, createHostKeys } from '../../core/explore/host-keys.js';
import { Reading } from '../../core/explore/reading.js';
import { SCOPES } from '../../core/explore/scopes.js';

const PLACES = 2;
const { layout } = keys();

describe('a question', () => {
  it('that looked at nothing is one of the base', () => {
    const { reading } = made();
    reading.start(0);
    expect(reading.end()).toEqual([BASE]);
  });

  // Found bug: of the state before, which no question of moves may read: an invariant taken out threw.
  it('that looked at nothing is one of the base of the state that it is of', () => {
    const { reading, facets } = made();
    reading.start(facets.count);
    expect(reading.end()).toEqual([facets.count + BASE]);
  });

  it('notes a facet once, in the order of looking', () => {
    const { reading } = made();
    reading.start(0);
    for (const facet of [CPUS, BASE, CPUS]) reading.note(facet);
    expect(reading.end()).toEqual([CPUS, BASE]);
  });

  it('starts anew', () => {
    const { reading } = made();
    reading.start(0);
    reading.note(CPUS);
    reading.start(0);
    reading.note(CPUS);
    expect(reading.end()).toEqual([CPUS]);
  });

  it('notes the last facet of the second state once, too', () => {
    const { reading, facets } = made();
    reading.start(facets.count);
    reading.noteHere(facets.count - 1);
    reading.noteHere(facets.count - 1);
    expect(reading.end()).toEqual([2 * facets.count - 1]);
  });
});

describe.each([0, 1])('whether a place is taken, in state %i', (state) => {
  const started = () => {
    const { reading, facets } = made();
    const shift = state * facets.count;
    reading.start(shift);
    return { reading, facets, shift };
  };

  it('is read from the state of its enclave when it is asked first', () => {
    const { reading, facets, shift } = started();
    reading.noteTaken(1);
    expect(reading.end()).toEqual([shift + facets.ofPlace(1, STATE)]);
  });

  it('is a facet of its own later on', () => {
    const { reading, facets, shift } = started();
    reading.noteHere(BASE);
    reading.noteTaken(1);
    expect(reading.end()).toEqual([shift + BASE, shift + facets.ofPlace(1, TAKEN)]);
  });

  it('is known with the state of its enclave', () => {
    const { reading, facets, shift } = started();
    reading.noteHere(facets.ofPlace(1, STATE));
    reading.noteTaken(1);
    expect(reading.end()).toEqual([shift + facets.ofPlace(1, STATE)]);
  });

  it('is known with the order', () => {
    const { reading, facets, shift } = started();
    reading.noteHere(facets.order);
    reading.noteTaken(1);
    expect(reading.end()).toEqual([shift + facets.order]);
  });
});

it('a record that is read whole is known in all groups, and no other record is', () => {
  const { reading, facets } = made();
  reading.start(0);
  reading.noteRecord(0, layout.firstPlace);
  for (let group = 0; group < GROUPS; group++) reading.note(facets.ofPlace(0, group));
  reading.note(facets.ofPlace(1, STATE));
  expect(reading.end()).toEqual([layout.firstPlace, facets.ofPlace(1, STATE)]);
});

function keys() {
  return createHostKeys(SCOPES[0].build(), PLACES);
}

function made() {
  const facets = createFacets(keys());
  return { facets, reading: new Reading(facets) };
}
