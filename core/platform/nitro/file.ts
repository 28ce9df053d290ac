/**
 * What every call on an enclave's file checks: the file is open, the caller's memory can be read
 * and written, the slot is in INIT, the caller is the creator.
 *
 * Invariant: these rows are shared, but their place in the order is each call's own
 * (nitro RULES.md §9, trap 4).
 */

import type { Answers, CopyFault } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { recordOf, theRecord } from '../../host/records.js';
import type { Enclave } from '../../host/tree.js';
import type { SlotState } from '../../lifecycle/states.js';
import { lifecycle } from '../../lifecycle/surfaces.js';
import { next } from '../../lifecycle/table.js';
import { firstRefusal, PASS, type Rule, refuse } from '../rule.js';
import { type Call, openCall, refused } from './call.js';
import { driverRow } from './row.js';

const EIO = 5;
const EBADF = 9;
const EFAULT = 14;

/** What the rows of a call on an enclave's file look at. */
export interface FileContext<Command> {
  readonly host: Host;
  readonly enclave: Enclave;
  readonly command: Command;
}

export const OPEN_FILE: Rule<{ readonly host: Host; readonly slot: number }> = driverRow({
  id: 'open-file',
  sentence: 'The enclave lives as long as its file; a closed one answers nothing.',
  source: '§6.1',
  number: EBADF,
  remedy: 'Create a new enclave.',
  check: ({ host, slot }) =>
    openEnclave(host, slot) === undefined
      ? refuse({ slot }, `slot ${slot} has no open enclave file`)
      : PASS,
});

const OPEN = [OPEN_FILE];

/** The enclave record of a slot whose file is open. */
export function openEnclave(host: Host, slot: number): Enclave | undefined {
  const enclave = recordOf(host.tree, slot);
  return enclave === undefined || enclave.fd < 0 ? undefined : enclave;
}

/** Runs a call on an enclave's open file, or refuses it with EBADF. */
export function onFile<C extends { readonly slot: number; readonly answers?: Answers }>(
  host: Host,
  command: C,
  body: (call: Call, context: FileContext<C>) => Decision,
): Decision {
  const call = openCall(command.answers);
  const refusal = firstRefusal(OPEN, { host, slot: command.slot });
  if (refusal !== undefined) return refused(call, refusal);
  return body(call, { host, enclave: theRecord(host.tree, command.slot), command });
}

interface MayFault {
  readonly command: { readonly fault?: CopyFault };
}

export const COPY_IN: Rule<MayFault> = driverRow({
  id: 'copy-in',
  sentence: "The call's argument must be readable.",
  source: '§1.5',
  number: EFAULT,
  remedy: 'Pass a pointer to mapped memory.',
  check: ({ command }) =>
    command.fault === 'in' ? refuse({}, 'the argument could not be read') : PASS,
});

/** Quirk `done-though-efault`: every step takes this row last, after its effects. */
export const COPY_OUT: Rule<MayFault> = driverRow({
  id: 'copy-out',
  sentence: "The call's result must be writable; what was done before is not undone.",
  source: '§1.4, §1.5; finding 22',
  number: EFAULT,
  remedy: 'Pass a pointer to writable memory.',
  check: ({ command }) =>
    command.fault === 'out' ? refuse({}, 'the result could not be written') : PASS,
});

export const IN_INIT: Rule<{ readonly enclave: Enclave }> = driverRow({
  id: 'in-init-state',
  sentence: 'Resources are added, and START is accepted, only in INIT.',
  source: '§1.1, §1.5',
  number: 270,
  requirements: ['N08'],
  remedy: 'Close the enclave and create a new one; a started enclave cannot be changed.',
  check: ({ enclave }) =>
    next(lifecycle.driverSlot(), enclave.state as SlotState, 'start') === undefined
      ? refuse({ state: enclave.state }, `slot ${enclave.uid} is ${enclave.state}, not INIT`)
      : PASS,
});

export const CREATOR: Rule<{
  readonly enclave: Enclave;
  readonly command: { readonly task: number };
}> = driverRow({
  id: 'creator-only',
  sentence: 'Only the process that created the enclave may give it vCPUs and memory.',
  source: '§1.5 ADD_VCPU 5, SET_USER_MEMORY_REGION 4',
  number: EIO,
  requirements: ['N15'],
  remedy: 'Issue the request from the process that created the enclave.',
  check: ({ enclave, command }) =>
    command.task === enclave.task
      ? PASS
      : refuse(
          { task: command.task, creator: enclave.task },
          `task ${command.task} is not the creator ${enclave.task}`,
        ),
});
