/**
 * Unbinding and binding the enclave PCI device (conformance format, finding 26).
 *
 * Unbinding forgets the list of enclaves and nothing else: pool, offline CPUs, files and slots
 * stay, and the pool may then be written although enclaves exist (quirk `unbind-unlists`).
 * Invariant: no request reaches the hypervisor.
 */

import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { newestFirst } from '../../host/records.js';
import { addToCounter, done, openCall } from './call.js';

export function unbindDevice(host: Host): Decision {
  const call = openCall();
  const { counters } = host.tree;
  for (const { uid, listed } of newestFirst(host.tree)) {
    if (listed === 0) continue;
    call.effects.push({ kind: 'set-enclave', uid, field: 'listed', from: 1, to: 0 });
  }
  addToCounter(call, host, 'bound', -counters.bound);
  return done(call);
}

export function bindDevice(host: Host): Decision {
  const call = openCall();
  addToCounter(call, host, 'bound', 1 - host.tree.counters.bound);
  return done(call);
}
