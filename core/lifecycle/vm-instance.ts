/**
 * A request served as a plain VM, for fleet traces: it is there or it is not.
 *
 * Invariant: only `launch` brings one up, and it does not outlive its host.
 * Trade-off: no boot phase; a trace says when resources were taken, not when the guest was ready.
 */
import { setup } from 'xstate';
import type { EdgeMeta } from './edge-meta.js';

export type VmEvent = 'launch' | 'terminate' | 'crash' | 'parentStopped';

export const vmInstance = setup({
  types: { events: {} as { type: VmEvent }, meta: {} as EdgeMeta },
}).createMachine({
  id: 'vm-instance',
  initial: 'absent',
  states: {
    absent: { on: { launch: 'running' } },
    running: { on: { terminate: 'absent', crash: 'absent', parentStopped: 'absent' } },
  },
});
