/** A host of plain VMs on which nothing is even: its nodes, their ids, and a core that is on none. */
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { vmProfile } from '../../core/platform/vm/profile.js';

/** Node 1: CPUs 0, 1 (a core) and 4; node 5: CPUs 2, 3 (a core); CPU 6 has no node. 1 and 2 GiB. */
export function uneven(): Host {
  const described = describeHost({
    profile: vmProfile(),
    topology: {
      nrCpuIds: 7,
      cores: [[0, 1], [2, 3], [4], [6]],
      nodes: [
        { id: 1, cpus: [0, 1, 4] },
        { id: 5, cpus: [2, 3] },
      ],
    },
    memoryMib: [1024, 2048],
    layout: {
      kind: 'explicit',
      freeKib: [[[0, 1024 * 1024]], [[0, 2048 * 1024]]],
    },
  });
  if ('problems' in described) throw new Error(described.problems[0]?.message);
  return described.host;
}
