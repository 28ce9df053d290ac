/**
 * The hypervisor's answer to a request of the driver.
 *
 * A fault named in the command's answers comes first. Then the declared model decides: `permissive`
 * accepts all, as the emulation behind the recordings; `isolating` walks the rows of hypervisor.ts.
 * Invariant: each request that reached the hypervisor is recorded once, with a trailing negative
 * errno if it was refused.
 */
import type { HypervisorRequest } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import type { Refusal } from '../../refusal/refusal.js';
import { firstRefusal } from '../rule.js';
import { answeredRefusal } from './answered.js';
import { attempt, type Call } from './call.js';
import { rcOf } from './errors.js';
import { DEVICE_BOUND, HYPERVISOR_RULES, type Request } from './hypervisor.js';

const BOUND = [DEVICE_BOUND];

/** Sends one request; undefined = accepted. */
export function ask(host: Host, call: Call, request: Request): Refusal | undefined {
  const unbound = firstRefusal(BOUND, { host });
  if (unbound !== undefined) return unbound;
  const refusal = answerOf(host, call, request);
  const sent = wireForm(request);
  call.requests.push(refusal === undefined ? sent : [sent[0], ...operands(sent), rcOf(refusal)]);
  return refusal;
}

function answerOf(host: Host, call: Call, request: Request): Refusal | undefined {
  const errno = attempt(call, request.kind);
  if (errno !== 0) return answeredRefusal(request.kind, errno);
  if (host.hypervisor.kind === 'permissive') return undefined;
  return firstRefusal(HYPERVISOR_RULES, { host, request });
}

function operands(request: HypervisorRequest): number[] {
  return request.slice(1) as number[];
}

function wireForm(request: Request): HypervisorRequest {
  switch (request.kind) {
    case 'SLOT_ALLOC':
      return ['ALLOC'];
    case 'SLOT_ADD_VCPU':
      return ['VCPU', request.cpu];
    case 'SLOT_ADD_MEM':
      return ['MEM', request.phys, request.bytes];
    case 'ENCLAVE_START':
      return ['START', request.cid, request.flags];
    case 'ENCLAVE_STOP':
      return ['STOP', request.slot];
    case 'SLOT_FREE':
      return ['FREE', request.slot];
    case 'SLOT_INFO':
      return ['INFO', request.slot];
  }
}
