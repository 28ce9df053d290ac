/**
 * The enclaves and VMs that a host has at the end of a run, by what they do there.
 *
 * Invariant: each is counted once; running means that its own code runs. Trade-off: those that do not run
 * are told apart only by whether they ever did.
 */
import type { Host } from '../../core/host/host.js';
import { isRunning } from '../../core/invariants/running.js';
import type { LifecycleState } from '../../core/lifecycle/states.js';

export interface AtTheEnd {
  readonly running: number;
  /** Made, and not started: they hold what was put into them, and no code of theirs ran. */
  readonly created: number;
  /** They ran, and what they had is not given back. */
  readonly ended: number;
}

export function atTheEnd({ tree }: Host): AtTheEnd {
  const counts = { running: 0, created: 0, ended: 0 };
  for (const { state } of tree.records) counts[partOf(state)]++;
  return counts;
}

function partOf(state: LifecycleState): keyof AtTheEnd {
  if (isRunning(state)) return 'running';
  return state === 'STOPPED' || state === 'zombie' ? 'ended' : 'created';
}

/** "2 created and not started": those that do not run, in words; none takes no words. */
export function notRunning({ created, ended }: AtTheEnd): string[] {
  return [
    ...(created === 0 ? [] : [`${created} created and not started`]),
    ...(ended === 0 ? [] : [`${ended} ended and not released`]),
  ];
}
