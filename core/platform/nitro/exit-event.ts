/**
 * The device's event interrupt: the driver asks every RUNNING enclave's state (nitro RULES.md
 * §1.1).
 *
 * Invariant: only listed RUNNING enclaves are asked, newest first, whatever slot the event was
 * about; so nobody is while the device is unbound, since that unlists all and none is created then.
 * A stopped enclave keeps what it owns until its file closes (quirk `stopped-keeps-resources`). If
 * SLOT_INFO fails, its reply buffer is believed all the same (quirk `slot-info-zeroed`): zeros after
 * an error, the reply before it after a time-out. The driver then takes more for the enclave, which
 * the isolating hypervisor refuses; and it closes it without STOP, which is no harm: SLOT_FREE ends
 * what runs.
 */

import type { CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { newestFirst, recordOf } from '../../host/records.js';
import type { SlotEvent } from '../../lifecycle/driver-slot.js';
import { lifecycle } from '../../lifecycle/surfaces.js';
import { next } from '../../lifecycle/table.js';
import { ask } from './ask.js';
import { done, openCall } from './call.js';
import { rcOf } from './errors.js';
import { DEVICE_RUNNING } from './start.js';

const TIMED_OUT = -110;
/** What an all-zero reply says. */
const DEVICE_ZERO = 0;

export function exitEvent(host: Host, command: CommandOf<'nitro.exit-event'>): Decision {
  const call = openCall(command.answers);
  const { tree } = host;
  const { slot } = command;
  const target = recordOf(tree, slot);
  if (target !== undefined && target.deviceState !== command.state) {
    const { deviceState: from } = target;
    const change = { field: 'deviceState', from, to: command.state } as const;
    call.effects.push({ kind: 'set-enclave', uid: slot, ...change });
  }
  let reply = DEVICE_ZERO;
  for (const enclave of newestFirst(tree)) {
    const { uid } = enclave;
    if (enclave.listed === 0 || enclave.state !== 'RUNNING') continue;
    const refusal = ask(host, call, { kind: 'SLOT_INFO', slot: uid });
    if (refusal === undefined) reply = uid === slot ? command.state : enclave.deviceState;
    else if (rcOf(refusal) !== TIMED_OUT) reply = DEVICE_ZERO;
    const to = next(lifecycle.driverSlot(), enclave.state, eventOf(reply));
    if (to === undefined || to === enclave.state) continue;
    call.effects.push({ kind: 'set-enclave', uid, field: 'state', from: enclave.state, to });
    if (enclave.event === 0) {
      call.effects.push({ kind: 'set-enclave', uid, field: 'event', from: 0, to: 1 });
    }
  }
  return done(call);
}

/** The slot's lifecycle event for a state number of the device. */
function eventOf(reply: number): SlotEvent {
  if (reply === DEVICE_RUNNING) return 'eventRunning';
  return reply === DEVICE_ZERO ? 'infoZeroed' : 'exit';
}
