/** Asking the parts of a parent's end: what is noted of a part's enclave, and how often one is asked. */
import { describe, expect, it } from 'vitest';
import { Asking } from '../../core/explore/asking.js';
import { EffectLists } from '../../core/explore/effect-lists.js';
import { createFacets } from '../../core/explore/facets.js';
import { createHostModel } from '../../core/explore/host-model.js';
import { MOVED } from '../../core/explore/model.js';
import { createParentParts } from '../../core/explore/parent-parts.js';
import { Programs } from '../../core/explore/programs.js';
import { TINY } from './tiny-scopes.js';

const { scope } = TINY[0];

/** The first tiny scope with an enclave running in each of its two places. */
function made() {
  const source = createHostModel(scope);
  const { keys, host, words } = source;
  const key = new Int32Array(words);
  source.begin(key);
  for (const wanted of [undefined, 0, 1]) {
    const move = scope.moves.findIndex(({ label, fills }, number) => {
      const isWanted = fills === wanted && (fills !== undefined || label === 'qingtian.reserve');
      return isWanted && source.take(number) === MOVED;
    });
    expect(move).toBeGreaterThanOrEqual(0);
    source.encode(key);
    source.load(key);
  }
  const facets = createFacets(keys);
  const lists = new EffectLists(source, facets);
  const parts = createParentParts(host, keys.layout);
  const programs = new Programs(lists, parts);
  const values = new Int32Array(facets.ofBoth);
  facets.write(key, values, 0);
  const asking = new Asking({ source, facets, lists, parts, programs, questions: [], values });
  return { asking, facets, layout: keys.layout, moves: source.moves, values };
}

describe('the part that ends an enclave', () => {
  it('notes its whole record, which is one word of the key, and looks at no other', () => {
    const { asking, facets, layout, moves, values } = made();
    const places = Array.from({ length: layout.places }, (_, place) => place);
    expect(places).toEqual([0, 1]);
    for (const place of places) {
      asking.part(place);
      const read = asking.recall.readFor(moves + place, values);
      expect(read[0]).toBe(layout.firstPlace + place);
      expect(read.filter((facet) => facets.placeOf(facet) >= 0)).toEqual([]);
      expect(read).not.toContain(layout.firstPlace + 1 - place);
    }
  });

  it('is asked once', () => {
    const { asking } = made();
    const asked = [0, 0, 1, 1, 0].map((part) => {
      asking.part(part);
      return asking.asked;
    });
    expect(asked).toEqual([1, 1, 2, 2, 2]);
  });
});
