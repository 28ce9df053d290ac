/** A watched host: looks at a record are told under its place, looks beside the places are not. */
import { describe, expect, it } from 'vitest';
import { createFacets } from '../../core/explore/facets.js';
import { createHostKeys } from '../../core/explore/host-keys.js';
import { watchHost } from '../../core/explore/watched-host.js';
import { putRecord, recordOf } from '../../core/host/records.js';
import { newEnclave } from '../../core/host/tree.js';
import { wholeScope } from './tiny-scopes.js';

const PLACES = 2;

describe.each(['nitro-2x2x2x2', 'qingtian-2x4x2x2'])('a watched host of %s', (name) => {
  it('tells of a look whether a place is taken, and of none beside the places', () => {
    const host = wholeScope(name).build();
    const { firstSlot } = host.hypervisor;
    putRecord(host.tree, newEnclave({ uid: firstSlot + 1, cid: 5 }));
    const keys = createHostKeys(host, PLACES);
    const taken: number[] = [];
    const noted: number[] = [];
    const { tree } = watchHost(host, {
      layout: keys.layout,
      facets: createFacets(keys),
      note: (facet) => noted.push(facet),
      noteTaken: (place) => taken.push(place),
    });
    const found = [-1, 0, 1, PLACES].map((place) => recordOf(tree, firstSlot + place)?.uid);
    expect(found).toEqual([undefined, undefined, firstSlot + 1, undefined]);
    expect(taken).toEqual([0, 1]);
    expect(noted).toEqual([]);
  });
});
