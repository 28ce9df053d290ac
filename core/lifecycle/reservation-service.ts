/**
 * The reservation service: a oneshot unit that remains active, as
 * `nitro-enclaves-allocator.service` and `qt-enclave-env` are.
 *
 * Invariant: only `succeed` leads to `active`, and nothing survives the parent: after a reboot the
 * service must run again.
 * Trade-off: an outcome is legal in every state, since a restart runs the program again; what the
 * program finds and leaves (a pool in use, pages kept) is the platform's rules, not legality.
 */
import { setup } from 'xstate';
import type { EdgeMeta } from './edge-meta.js';

/** `succeed`, `fail`: how a run of the service ended. */
export type ServiceEvent = 'succeed' | 'fail' | 'stop' | 'parentStopped';

export const reservationService = setup({
  types: { events: {} as { type: ServiceEvent }, meta: {} as EdgeMeta },
}).createMachine({
  id: 'reservation-service',
  initial: 'inactive',
  states: {
    inactive: {
      on: {
        succeed: 'active',
        fail: 'failed',
        parentStopped: { target: 'inactive', description: 'Nothing was reserved.' },
      },
    },
    active: {
      on: {
        succeed: { target: 'active', description: 'A restart that reserved again.' },
        fail: { target: 'failed', description: 'A restart that failed, e.g. while enclaves run.' },
        stop: 'inactive',
        parentStopped: 'inactive',
      },
    },
    failed: {
      on: {
        succeed: 'active',
        fail: { target: 'failed', description: 'Tried again, failed again.' },
        parentStopped: 'inactive',
      },
    },
  },
});
