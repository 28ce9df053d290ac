/** Which lifecycle states mean that guest code runs. Invariant: the same answer for every check. */
import type { LifecycleState } from '../lifecycle/states.js';

/** `starting`: started, heartbeat still to come. */
export function isRunning(state: LifecycleState): boolean {
  return state === 'running' || state === 'RUNNING' || state === 'starting';
}
