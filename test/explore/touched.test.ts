/** Which words of a key effects can have changed: all that they have, and as few as can be told. */
import { describe, expect, it } from 'vitest';
import { BASE, CPUS, FIRST_NODE, layoutOf, touchedBy } from '../../core/explore/host-keys.js';
import type { Effect } from '../../core/host/effect.js';

const FIRST_SLOT = 5;
const LAYOUT = layoutOf(2, 3);
/** The place of each uid from the first slot on. */
const [PLACE_0, PLACE_1, PLACE_2] = [0, 1, 2].map((place) => LAYOUT.firstPlace + place);
const UID = FIRST_SLOT + 1;
const ALL = Array.from({ length: LAYOUT.words }, (_, word) => word);
const PLACES = [PLACE_0, PLACE_1, PLACE_2];

/** Only what a key asks of an effect. */
const effect = (fields: Partial<Record<string, unknown>>) => fields as unknown as Effect;

describe('words of a key that effects touch', () => {
  it.each<[string, readonly number[], Effect]>([
    ['a whole life begins', ALL, effect({ kind: 'admit' })],
    ['a whole life ends', ALL, effect({ kind: 'dismiss' })],
    ['a whole mapped life begins', ALL, effect({ kind: 'admit-mapped' })],
    ['a whole mapped life ends', ALL, effect({ kind: 'dismiss-mapped' })],
    ['a record goes', [BASE, ...PLACES], effect({ kind: 'drop-enclave', uid: UID })],
    [
      'a CID comes, which may name others anew',
      PLACES,
      effect({ kind: 'set-enclave', field: 'cid', uid: UID }),
    ],
    ['a state', [PLACE_1], effect({ kind: 'set-enclave', field: 'state', uid: UID })],
    ['a counter', [BASE], effect({ kind: 'set-counter' })],
    ['a CPU', [CPUS], effect({ kind: 'set-online' })],
    ['a core that is taken', [CPUS, PLACE_1], effect({ kind: 'take-core', uid: UID })],
    ['a core of nobody’s', [CPUS], effect({ kind: 'return-core', uid: -1 })],
    ['a record comes', [PLACE_2], effect({ kind: 'add-enclave', enclave: { uid: UID + 1 } })],
    ['a region, whose pages are pinned', [BASE, PLACE_1], effect({ kind: 'add-region', uid: UID })],
    ['a vCPU', [PLACE_0], effect({ kind: 'add-vcpu', uid: FIRST_SLOT })],
    ['a mapping', [LAYOUT.mappings], effect({ kind: 'map' })],
    ['pages of a node', [FIRST_NODE + 1], effect({ kind: 'resize-pages', node: 1 })],
    ['a claim', [BASE, FIRST_NODE + 1, PLACE_1], effect({ kind: 'claim', node: 1, uid: UID })],
  ])('%s', (_, words, one) => {
    const bits = touchedBy(LAYOUT, FIRST_SLOT, [one]);
    expect(ALL.filter((word) => bits & (1 << word))).toEqual(words);
  });

  it('are none by what nobody does, whichever slot is the first', () => {
    const nobody = effect({ kind: 'claim', node: 0, uid: -1 });
    for (const first of [0, 1, FIRST_SLOT]) {
      const bits = touchedBy(LAYOUT, first, [nobody]);
      expect(ALL.filter((word) => bits & (1 << word))).toEqual([BASE, FIRST_NODE]);
    }
  });

  it('are those of all effects together', () => {
    const both = [effect({ kind: 'set-online' }), effect({ kind: 'map' })];
    const bits = touchedBy(LAYOUT, FIRST_SLOT, both);
    expect(bits).toBe((1 << CPUS) | (1 << LAYOUT.mappings));
  });
});
