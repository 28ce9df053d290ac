/**
 * What a trace that counts its times from a far moment (1970) makes pointless: times of this file that lie
 * before its first ask.
 *
 * Invariant: a remark, never a problem, since nobody can tell a slip from a fleet that is to be changed
 * before the first ask; what is at 0 is how a fleet begins, and is not remarked. Trade-off: of traces only;
 * drawn asks begin near 0.
 */
import { counted } from '../../core/units/counted.js';

const ZERO = 'times count from the moment that the trace calls 0';
const MILLI = 1000;

/** `events`: when they are, in ms. */
export function earlyEvents(events: readonly number[], firstAskMs: number): string[] {
  const early = events.filter((atMs) => atMs > 0 && atMs < firstAskMs).length;
  if (early === 0) return [];
  const some = `${early} of ${counted(events.length, 'event')}`;
  return [`parentEvents: ${some} before the first ask, at ${asWritten(firstAskMs)}; ${ZERO}`];
}

export function emptyWarmup(untilMs: number, firstAskMs: number): string[] {
  if (firstAskMs < untilMs) return [];
  const until = asWritten(untilMs);
  return [
    `warmup: leaves nobody out: no ask before ${until}, the first at ${asWritten(firstAskMs)}; ${ZERO}`,
  ];
}

/** In seconds, as a trace and a fleet file would give it. */
function asWritten(ms: number): string {
  return `${ms / MILLI}s`;
}
