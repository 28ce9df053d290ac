/**
 * START_ENCLAVE: from INIT to RUNNING (nitro RULES.md §1.5).
 *
 * Invariant: a refused START changes nothing and may be retried; a START whose result cannot be
 * copied out has happened all the same (finding 22). An automatic CID is used up only by success.
 */
import type { Decision } from '../../host/decision.js';
import type { EnclaveFieldChange } from '../../host/effect.js';
import type { Host } from '../../host/host.js';
import { firstRefusal } from '../rule.js';
import { ask } from './ask.js';
import { addToCounter, type Call, done, refused } from './call.js';
import { COPY_OUT, onFile } from './file.js';
import { assignedCid } from './hypervisor.js';
import { START_RULES, type StartContext, type StartEnclave } from './start-rules.js';

/** The hypervisor's own state number of a running slot. */
export const DEVICE_RUNNING = 2;
/** That of a slot that has stopped or crashed. */
export const DEVICE_STOPPED = 65_535;

const REPORTED = [COPY_OUT];

export function startEnclave(host: Host, command: StartEnclave): Decision {
  return onFile(host, command, decideStart);
}

function decideStart(call: Call, context: StartContext): Decision {
  const refusal = firstRefusal(START_RULES, context);
  if (refusal !== undefined) return refused(call, refusal);
  const { host, enclave, command } = context;
  const { uid } = enclave;
  const asked = Number(command.cid);
  const flags = Number(command.flags);
  const denied = ask(host, call, { kind: 'ENCLAVE_START', slot: uid, cid: asked, flags });
  if (denied !== undefined) return refused(call, denied);
  const cid = assignedCid(host, uid, asked);
  if (asked === 0) addToCounter(call, host, 'nextCid', cid + 1 - host.tree.counters.nextCid);
  set(call, uid, { field: 'state', from: enclave.state, to: 'RUNNING' });
  set(call, uid, { field: 'cid', from: enclave.cid, to: cid });
  set(call, uid, { field: 'debug', from: enclave.debug, to: flags === 1 ? 1 : 0 });
  set(call, uid, { field: 'deviceState', from: enclave.deviceState, to: DEVICE_RUNNING });
  const unreported = firstRefusal(REPORTED, context);
  return unreported === undefined ? done(call, { cid, uid }) : refused(call, unreported);
}

function set(call: Call, uid: number, change: EnclaveFieldChange): void {
  if (change.from !== change.to) call.effects.push({ kind: 'set-enclave', uid, ...change });
}
