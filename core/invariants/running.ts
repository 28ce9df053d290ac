/** Which lifecycle states mean that guest code runs. Invariant: the same answer for every check. */
import type { LifecycleState } from '../lifecycle/states.js';

/** `starting`: started, heartbeat still to come. */
const RUNNING_STATES: ReadonlySet<LifecycleState> = new Set(['RUNNING', 'running', 'starting']);

export function isRunning(state: LifecycleState): boolean {
  return RUNNING_STATES.has(state);
}
