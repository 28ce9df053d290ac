/**
 * The warm-up of a run: the asks that load the fleet and are not counted.
 *
 * It is a set of asks, by when they came, and not a span of time: whatever becomes of an ask, and
 * whenever, is told of the side on which it came. So one that comes in the warm-up, waits and is
 * accepted, refused or expires after it belongs to the warm-up, and each side by itself keeps
 * asked = accepted + refused + expired. Nothing else tells the two apart: an ask of the warm-up that
 * still waits keeps its place before those that are counted. Trade-off: what the parents themselves
 * meet, and peaks, belong to no ask, and are of the whole run.
 */
import type { FleetRequest } from './request.js';

/** The first so many asks, or those that come before a time. */
export type Warmup = { readonly requests: number } | { readonly timeMs: number };

export function isOfWarmup(request: FleetRequest, warmup: Warmup): boolean {
  return 'requests' in warmup ? request.id < warmup.requests : request.atMs < warmup.timeMs;
}
