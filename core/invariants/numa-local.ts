/**
 * All memory and CPUs of a running enclave are on one NUMA node (where the profile says so).
 *
 * Invariant: the node of a CPU comes from the topology and the node of a frame from the store that
 * holds it, never from the enclave's record. Trade-off: memory from outside the host's stores has no
 * node that could be looked up; the platform's own check on it is trusted.
 */

import type { Enclave } from '../host/tree.js';
import type { Always, Scene, Violation } from './invariant.js';
import { isRunning } from './running.js';

export const numaLocal: Always = {
  id: 'numa-local',
  sentence: 'All memory and CPUs of a running enclave are on one node (where the profile says so).',
  kind: 'always',
  check(scene) {
    if (scene.host.profile.guarantees?.numaLocal !== true) return undefined;
    return scene.host.tree.records.flatMap((one) => spreadEnclave(scene, one));
  },
};

/** What `check` finds of one enclave, for who asks enclave by enclave. */
export function spreadEnclave({ host, held }: Scene, enclave: Enclave): Violation[] {
  const { uid, state } = enclave;
  if (host.profile.guarantees?.numaLocal !== true || !isRunning(state)) return [];
  const { topology } = host;
  const nodes = new Set<number>();
  for (const { cpus } of enclave.cores) for (const cpu of cpus) nodes.add(topology.nodeOf[cpu]);
  for (const extent of held().ofEnclaves) {
    if (extent.uid === uid) nodes.add(topology.nodes[extent.node].id);
  }
  if (nodes.size < 2) return [];
  const list = [...nodes].sort((a, b) => a - b).join(', ');
  const message = `running enclave ${uid} is on nodes ${list}`;
  return [{ invariant: 'numa-local', message, numbers: { nodes: list }, enclave: uid }];
}
