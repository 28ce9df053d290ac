/**
 * Planted faults of Nitro's driver in what it pins: too few pins, too many, and a pinned page let go.
 *
 * Invariant: as in planted-faults, only the effects of decisions are changed. Trade-off: those that only an
 * unmap or a close can make take more commands than a self-test allows; tests plant them (explore/pins).
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { FREE } from '../memory/extent-store.js';
import { givenAll } from './given-pages.js';
import type { PlantedFault } from './planted-faults.js';

export const PIN_FAULTS: readonly PlantedFault[] = [
  {
    id: 'region-not-pinned',
    sentence: 'The pages of a region are listed and not pinned.',
    platform: 'nitro',
    noticedBy: 'frame-one-owner',
    effects: (effects) =>
      effects.some(({ kind }) => kind === 'add-region')
        ? effects.filter(({ kind }) => kind !== 'set-counter')
        : effects,
  },
  {
    id: 'pinned-by-touch',
    sentence: 'The first touch of a page pins it, without a region.',
    platform: 'nitro',
    noticedBy: 'no-leak',
    effects: (effects, { tree }, { kind }) => {
      if (kind !== 'nitro.touch' || effects.length === 0) return effects;
      const { pinned } = tree.counters;
      return [...effects, { kind: 'set-counter', name: 'pinned', from: pinned, to: pinned + 1 }];
    },
  },
  {
    id: 'freed-while-pinned',
    sentence:
      'A region that the hypervisor refuses stays pinned, and its pages go back to their pool.',
    platform: 'nitro',
    noticedBy: 'frame-one-owner',
    effects: (effects, host) =>
      effects.some(({ kind }) => kind === 'donate')
        ? effects
        : effects.flatMap((one) =>
            one.kind === 'add-region' ? [one, ...freed(host, one.uid, one.region.pages)] : [one],
          ),
  },
];

function freed(host: Host, uid: number, pages: readonly number[]): Effect[] {
  return givenAll(host, uid, pages).map((one) => ({ ...one, kind: 'release', to: FREE }));
}
