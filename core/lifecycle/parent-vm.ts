/**
 * The parent VM as its cloud runs it: stopped, running, stopping, terminated.
 *
 * Invariant: a running parent reaches `stopped` in order only through `stopping`, which it leaves
 * when its last enclave is gone; so enclaves end before their parent does (Q27).
 * Trade-off: `terminate` is legal only in `stopped`. Terminating a running parent is the program
 * stop, enclavesGone, terminate; a shortcut would let the parent vanish under a live enclave.
 * Booting is one move: no rule depends on how long it takes.
 */
import { setup } from 'xstate';
import type { EdgeMeta } from './edge-meta.js';

/** `enclavesGone`: the last enclave ended. `crash`: power loss or kernel panic of the parent. */
export type ParentEvent = 'boot' | 'stop' | 'enclavesGone' | 'terminate' | 'crash';

export const parentVm = setup({
  types: { events: {} as { type: ParentEvent }, meta: {} as EdgeMeta },
}).createMachine({
  id: 'parent-vm',
  initial: 'stopped',
  states: {
    stopped: { on: { boot: 'running', terminate: 'terminated' } },
    running: {
      on: {
        stop: 'stopping',
        crash: {
          target: 'stopped',
          description: 'Power is lost: the enclaves end in the same instant.',
        },
      },
    },
    stopping: {
      on: {
        enclavesGone: 'stopped',
        crash: { target: 'stopped', description: 'Power is lost while enclaves are being ended.' },
      },
    },
    terminated: { type: 'final' },
  },
});
