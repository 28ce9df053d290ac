/**
 * One enclave slot as the Nitro Enclaves driver keeps it (Linux
 * drivers/virt/nitro_enclaves: ne_misc_dev.c, ne_pci_dev.c).
 *
 * Invariant: resources may be added, and START accepted, only in INIT; every other request is
 * NE 270. Nothing but `close`, or the end of the parent, returns a slot to `absent`.
 * Trade-off: `zombie` is our name. The driver has no such state: the record keeps the one it had
 * (INIT, RUNNING or STOPPED) with its file gone. Device events still reach a zombie; whatever they
 * do to the kept state, it stays a zombie until the parent stops.
 */
import { setup } from 'xstate';
import type { EdgeMeta } from './edge-meta.js';

/**
 * `startRefused`: START was rejected for any reason, the slot may try again.
 * The three device events are what SLOT_INFO answered: `exit` a state other than RUNNING,
 * `eventRunning` RUNNING, `infoZeroed` an error whose reply is all zero.
 * `closeFailed`: the last close, whose STOP or SLOT_FREE failed.
 */
export type SlotEvent =
  | 'create'
  | 'start'
  | 'startRefused'
  | 'exit'
  | 'eventRunning'
  | 'infoZeroed'
  | 'close'
  | 'closeFailed'
  | 'parentStopped';

const ZOMBIE = {
  target: 'zombie',
  description: 'STOP or SLOT_FREE failed: stays listed, cores and pages are kept.',
  meta: { quirk: 'zombie-slot' },
} as const;

const SKIPPED = 'Only RUNNING enclaves are queried: the event is skipped.';
const KEPT = 'A zombie is still listed; its kept state may change, it stays a zombie.';

export const driverSlot = setup({
  types: { events: {} as { type: SlotEvent }, meta: {} as EdgeMeta },
}).createMachine({
  id: 'driver-slot',
  initial: 'absent',
  states: {
    absent: { on: { create: 'INIT' } },
    INIT: {
      on: {
        start: 'RUNNING',
        startRefused: { target: 'INIT', description: 'Nothing changes; may retry (§1.1).' },
        exit: { target: 'INIT', description: SKIPPED },
        eventRunning: { target: 'INIT', description: SKIPPED },
        infoZeroed: { target: 'INIT', description: SKIPPED },
        close: { target: 'absent', description: 'SLOT_FREE only.' },
        closeFailed: ZOMBIE,
        parentStopped: 'absent',
      },
    },
    RUNNING: {
      on: {
        exit: {
          target: 'STOPPED',
          description: 'Poll says HUP; cores and pages stay until close.',
          meta: { quirk: 'stopped-keeps-resources' },
        },
        eventRunning: { target: 'RUNNING', description: 'SLOT_INFO says RUNNING: nothing.' },
        infoZeroed: {
          target: 'INIT',
          description: 'The zeroed reply is taken as state 0, with an event pending (§1.1).',
          meta: { quirk: 'slot-info-zeroed' },
        },
        close: { target: 'absent', description: 'ENCLAVE_STOP, then SLOT_FREE.' },
        closeFailed: ZOMBIE,
        parentStopped: 'absent',
      },
    },
    STOPPED: {
      on: {
        exit: { target: 'STOPPED', description: SKIPPED },
        eventRunning: { target: 'STOPPED', description: SKIPPED },
        infoZeroed: { target: 'STOPPED', description: SKIPPED },
        close: { target: 'absent', description: 'SLOT_FREE only, no STOP.' },
        closeFailed: ZOMBIE,
        parentStopped: 'absent',
      },
    },
    zombie: {
      on: {
        exit: { target: 'zombie', description: KEPT },
        eventRunning: { target: 'zombie', description: KEPT },
        infoZeroed: { target: 'zombie', description: KEPT },
        parentStopped: 'absent',
      },
    },
  },
});
