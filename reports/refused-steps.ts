/**
 * What was refused and is no launch, in words: reservations, and other steps of a run.
 *
 * Invariant: with the refused launches these are all refused entries of a timeline. Trade-off:
 * reservations have a word of their own, since launches depend on them; all else is a step.
 */
import { counted } from '../core/units/counted.js';
import type { TimelineEntry } from './record.js';

/** `1 reservation refused`, `2 steps refused`; [] when only launches were. */
export function refusedSteps(timeline: readonly Pick<TimelineEntry, 'kind' | 'ok'>[]): string[] {
  const refused = timeline.filter(({ kind, ok }) => !ok && kind !== 'launch');
  const reservations = refused.filter(({ kind }) => kind === 'reserve').length;
  const others = refused.length - reservations;
  return [
    ...(reservations > 0 ? [`${counted(reservations, 'reservation')} refused`] : []),
    ...(others > 0 ? [`${counted(others, 'step')} refused`] : []),
  ];
}
