/**
 * All memory and CPUs of a running enclave are on one NUMA node (where the profile says so).
 *
 * Invariant: the node of a CPU comes from the topology and the node of a frame from the store that
 * holds it, never from the enclave's record. Trade-off: memory from outside the host's stores has no
 * node that could be looked up; the platform's own check on it is trusted.
 */

import type { Always, Violation } from './invariant.js';
import { isRunning } from './running.js';

export const numaLocal: Always = {
  id: 'numa-local',
  sentence: 'All memory and CPUs of a running enclave are on one node (where the profile says so).',
  kind: 'always',
  check({ host, held }) {
    if (host.profile.guarantees?.numaLocal !== true) return undefined;
    const { tree, topology } = host;
    const found: Violation[] = [];
    for (const { uid, state, cores } of tree.records) {
      if (!isRunning(state)) continue;
      const nodes = new Set<number>();
      for (const { cpus } of cores) for (const cpu of cpus) nodes.add(topology.nodeOf[cpu]);
      for (const extent of held().ofEnclaves) {
        if (extent.uid === uid) nodes.add(topology.nodes[extent.node].id);
      }
      if (nodes.size < 2) continue;
      const list = [...nodes].sort((a, b) => a - b).join(', ');
      const message = `running enclave ${uid} is on nodes ${list}`;
      found.push({ invariant: 'numa-local', message, numbers: { nodes: list }, enclave: uid });
    }
    return found;
  },
};
