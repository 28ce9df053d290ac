/**
 * Planted faults of what a reservation's record says: it is not what the page pools have.
 *
 * Pages, cores and enclaves are as they should be; the record alone is wrong, so nothing but a check that
 * holds it beside the pools can tell. Invariant: as in planted-faults, only the effects of decisions are
 * changed. Trade-off: only QingTian keeps such a record.
 */
import type { Command } from '../host/command.js';
import type { Reservation } from '../host/tree.js';
import type { PlantedFault } from './planted-faults.js';

type Row = readonly [id: string, sentence: string, effects: PlantedFault['effects']];

const ROWS: readonly Row[] = [
  [
    'reservation-counts-a-page-more',
    'A reservation is written down with a page more than the pool has.',
    written((to) => ({ ...to, memoryMib: to.memoryMib + to.pageKib / 1024 })),
  ],
  [
    'reservation-of-smaller-pages',
    'A reservation is written down with pages of half their size.',
    written((to) => ({ ...to, pageKib: to.pageKib / 2 })),
  ],
  [
    'reservation-stays-written-down',
    'A pool is given back, its reservation stays written down.',
    forgottenBy('qingtian.unreserve'),
  ],
  [
    'reservation-outlives-the-parent',
    'A parent that stops leaves its reservation written down.',
    forgottenBy('parent.stop'),
  ],
];

export const RESERVATION_FAULTS: readonly PlantedFault[] = ROWS.map(([id, sentence, effects]) => ({
  id,
  sentence,
  platform: 'qingtian',
  noticedBy: 'frame-conservation',
  effects,
}));

function written(change: (to: Reservation) => Reservation): PlantedFault['effects'] {
  return (effects) =>
    effects.map((one) =>
      one.kind === 'set-reservation' && one.to.state === 'active'
        ? { ...one, to: change(one.to) }
        : one,
    );
}

function forgottenBy(kind: Command['kind']): PlantedFault['effects'] {
  return (effects, _host, command) =>
    command.kind === kind ? effects.filter((one) => one.kind !== 'set-reservation') : effects;
}
