/**
 * Polling an enclave's file (nitro RULES.md §1.6).
 *
 * Invariant: HUP is level-triggered and sticky: once an exit event was seen it stays.
 */
import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { done } from './call.js';
import { onFile } from './file.js';

/** EPOLLHUP. */
export const HANG_UP = 16;

export function pollEnclave(host: Host, command: CommandOf<'nitro.poll'>): Decision {
  return onFile(host, command, (call, { enclave }) =>
    done(call, { poll: enclave.event === 1 ? HANG_UP : 0 }),
  );
}
