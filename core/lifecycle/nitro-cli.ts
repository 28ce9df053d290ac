/**
 * The background process of one nitro-cli enclave (nitro-cli, EnclaveState of resource_manager.rs).
 *
 * Invariant: the enclave lives exactly as long as this process holds its file, so every way out
 * ends in `gone` and nothing leads back: a restart is a new process and a new slot.
 * Trade-off: EMPTY means both "not yet running" and "record cleared after terminate", as in the
 * program. The table therefore allows a heartbeat after termination; the device never sends one.
 */
import { setup } from 'xstate';
import type { EdgeMeta } from './edge-meta.js';

/**
 * `heartbeat`: the enclave booted. `launchFailed`: run-enclave gave up before that.
 * `closed`, `closeFailed`: how the close and unmap of a terminate ended. `exit`: the process ends.
 * `hangup`: HUP from the driver. `signal`: SIGTERM and the like, or its socket file was deleted.
 * `commandFailed`: a command handler returned an error, or the command was unreadable.
 */
export type CliEvent =
  | 'heartbeat'
  | 'launchFailed'
  | 'terminate'
  | 'closed'
  | 'closeFailed'
  | 'exit'
  | 'hangup'
  | 'signal'
  | 'commandFailed'
  | 'parentStopped';

export const nitroCli = setup({
  types: { events: {} as { type: CliEvent }, meta: {} as EdgeMeta },
}).createMachine({
  id: 'nitro-cli',
  initial: 'EMPTY',
  states: {
    EMPTY: {
      on: { heartbeat: 'RUNNING', launchFailed: 'gone', exit: 'gone', parentStopped: 'gone' },
    },
    RUNNING: {
      on: {
        terminate: 'TERMINATING',
        hangup: { target: 'gone', description: 'No STOPPED or EXITED is ever shown (§6.1).' },
        signal: 'gone',
        commandFailed: {
          target: 'gone',
          description: 'E.g. E35 at the first describe also stops the enclave (§6.1).',
          meta: { quirk: 'failed-command-ends-enclave' },
        },
        parentStopped: 'gone',
      },
    },
    TERMINATING: {
      on: {
        closed: { target: 'EMPTY', description: 'Record cleared; for an instant "…-enc0" (§6.1).' },
        closeFailed: {
          target: 'TERMINATING',
          description: 'stderr "Warning: Failed to stop enclave …"; the process still exits.',
          meta: { quirk: 'terminate-warning' },
        },
        exit: 'gone',
        parentStopped: 'gone',
      },
    },
    gone: { type: 'final' },
  },
});
