/**
 * What a long fleet run says while it works, and how it hears Ctrl-C.
 *
 * Invariant: silent for the first second, then at most one line a second; nothing of it reaches a
 * result. Trade-off: a run keeps the event loop busy, so a signal is heard at its next pause only.
 */
import { setImmediate } from 'node:timers/promises';
import { timeText } from '../../reports/terminal/time-text.js';
import type { FleetProgress } from './fleet-run.js';

const LINE_EVERY_MS = 1000;
const PAUSE_EVERY_MS = 50;

/** For `runFleetWatched`. `requests`: how many there are, where that is known. */
export function fleetWatch(
  requests: number | undefined,
  say: (line: string) => void,
  isStopping: () => boolean,
  clock: () => number = () => performance.now(),
): (progress: FleetProgress) => Promise<boolean> {
  const startedMs = clock();
  let lastMs = startedMs;
  let pausedMs = startedMs;
  return async (progress) => {
    const nowMs = clock();
    if (nowMs - pausedMs >= PAUSE_EVERY_MS) {
      pausedMs = nowMs;
      await setImmediate();
      if (isStopping()) return false;
    }
    if (nowMs - lastMs < LINE_EVERY_MS) return true;
    lastMs = nowMs;
    say(`fleet: ${lineOf(progress, requests, (nowMs - startedMs) / 1000)}\n`);
    return true;
  };
}

function lineOf(
  { asked, events, nowMs }: FleetProgress,
  requests: number | undefined,
  seconds: number,
): string {
  const of = requests === undefined ? '' : ` of ${requests}`;
  const parts = [
    `${asked}${of} requests`,
    `${events} events`,
    `${Math.round(events / seconds)} events/s`,
    `simulated time ${timeText(nowMs)}`,
  ];
  if (requests !== undefined) {
    parts.push(`about ${Math.ceil(((requests - asked) * seconds) / asked)} s left`);
  }
  return parts.join(', ');
}
