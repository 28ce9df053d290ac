/**
 * Which refused reservation each refused launch had to do without: the cause, to be told before it.
 *
 * Invariant: only the last word of the service before the launch counts; a reservation that was made,
 * or a stop of the service, stands between. Trade-off: read off the order alone; a launch that would
 * have been refused with a pool, too, still comes after it.
 */
import type { TimelineEntry } from './record.js';

/** By entry the place of that reservation; undefined = no refused launch, or there is none. */
export function reservationsBehind(
  timeline: readonly Pick<TimelineEntry, 'kind' | 'ok'>[],
): (number | undefined)[] {
  let refused: number | undefined;
  return timeline.map(({ kind, ok }, at) => {
    if (kind === 'reserve') refused = ok ? undefined : at;
    if (kind === 'unreserve' && ok) refused = undefined;
    return kind === 'launch' && !ok ? refused : undefined;
  });
}
