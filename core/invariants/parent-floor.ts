/**
 * The parent keeps its minimum vCPUs and memory (Q10, Q11 of the QingTian table).
 *
 * Invariant: what the parent keeps is what it was installed with less what is in page pools and what
 * is offline, whoever holds that. Trade-off: memory is judged over the whole parent, the literal
 * reading; a floor per node would be another row.
 */
import type { Always, Violation } from './invariant.js';
import { pooledBy } from './reserved-memory.js';

const ID = 'parent-floor';

export const parentFloor: Always = {
  id: ID,
  sentence: 'The parent keeps its minimum vCPUs and memory.',
  kind: 'always',
  check(scene) {
    const { host } = scene;
    const floor = host.profile.guarantees?.parentFloor?.(host);
    if (floor === undefined) return undefined;
    const found: Violation[] = [];
    if (host.tree.parent !== 'running') return found;
    const vcpus = host.tree.online.reduce((sum, bit) => sum + bit, 0);
    if (vcpus < floor.vcpus) {
      const message = `the parent keeps ${vcpus} vCPUs, at least ${floor.vcpus} are its own`;
      found.push({ invariant: ID, message, numbers: { vcpus, minVcpus: floor.vcpus } });
    }
    const pooledKib = pooledBy(scene).reduce((sum, { kib }) => sum + kib, 0);
    const memoryMib = host.parent.memoryMib - pooledKib / 1024;
    if (memoryMib < floor.memoryMib) {
      const message = `the parent keeps ${memoryMib} MiB, at least ${floor.memoryMib} are its own`;
      found.push({ invariant: ID, message, numbers: { memoryMib, minMib: floor.memoryMib } });
    }
    return found;
  },
};
