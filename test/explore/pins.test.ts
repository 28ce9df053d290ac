/**
 * What the driver pins, searched with faults of more commands than the self-test allows.
 */
import { describe, expect, it } from 'vitest';
import type { PlantedFault } from '../../core/explore/planted-faults.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { testFault } from '../../core/explore/self-test.js';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import { HELD } from '../../core/host/owner.js';
import { recordOf } from '../../core/host/records.js';
import { FREE } from '../../core/memory/extent-store.js';

const MOST_STATES = 6_000;

type Planted = Pick<PlantedFault, 'id' | 'sentence' | 'noticedBy' | 'effects'>;

/** A page that should be held for who pins it goes back to its pool. */
function freedBy(kind: Command['kind']): PlantedFault['effects'] {
  return (effects, _host, command) =>
    command.kind !== kind
      ? effects
      : effects.map(
          (one): Effect =>
            one.kind === 'give' && one.to === HELD ? { ...one, kind: 'release', to: FREE } : one,
        );
}

const FAULTS: readonly (Planted & { readonly scope: string })[] = [
  {
    id: 'one-unpin-a-region',
    sentence: 'A close unpins the first page of each region, and no other.',
    scope: 'nitro-2x4x2x2',
    noticedBy: 'no-leak',
    effects: (effects, { tree }, command) => {
      if (command.kind !== 'nitro.close') return effects;
      const regions = recordOf(tree, command.slot)?.regions.length ?? 0;
      return effects.map((one) =>
        one.kind === 'set-counter' && one.name === 'pinned'
          ? { ...one, to: one.from - regions }
          : one,
      );
    },
  },
  {
    id: 'unpinned-twice',
    sentence: 'A close unpins a page of another enclave, too.',
    scope: 'nitro-switched',
    noticedBy: 'frame-one-owner',
    effects: (effects) =>
      effects.map((one) =>
        one.kind === 'set-counter' && one.to > 0 && one.to < one.from
          ? { ...one, to: one.to - 1 }
          : one,
      ),
  },
  {
    id: 'freed-by-unmap-while-pinned',
    sentence: 'A task unmaps a page that a region pins, and its pool has it back.',
    scope: 'nitro-two-sizes',
    noticedBy: 'frame-one-owner',
    effects: freedBy('nitro.unmap'),
  },
  {
    id: 'freed-by-close-while-pinned',
    sentence: 'A close frees a page that the region of another enclave pins.',
    scope: 'nitro-switched',
    noticedBy: 'frame-one-owner',
    effects: freedBy('nitro.close'),
  },
];

describe('what a driver pins', () => {
  it.each(FAULTS)('$id is found in $scope by $noticedBy', ({ scope: name, ...planted }) => {
    const scope = SCOPES.find((one) => one.name === name);
    const fault: PlantedFault = { ...planted, platform: 'nitro' };
    const { properties, trail } = testFault(fault, scope, MOST_STATES);
    expect(properties).toEqual([fault.noticedBy]);
    expect(trail?.commands.length).toBeGreaterThan(6);
  });
});
