/** Plain VMs that a small host refuses, one per rule. Invariant: each breaks one rule first. */
import type { HostDescription } from '../../core/host/describe.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { regularCores } from '../../core/topology/regular.js';
import type { Probe } from './examples.js';

/** Two nodes with four threads and 1 GiB each. */
const HOST: HostDescription = {
  profile: vmProfile(),
  topology: {
    cores: regularCores({ cores: 4, threadsPerCore: 2, numbering: 'adjacent' }),
    nodes: [
      { id: 0, cpus: [0, 1, 2, 3] },
      { id: 1, cpus: [4, 5, 6, 7] },
    ],
  },
  memoryMib: [1024, 1024],
};

const launch = (vcpus: number, memoryMib: number, nodes = 1): Probe => ({
  on: HOST,
  ask: { kind: 'vm.launch', vcpus, memoryMib, nodes },
});

export const VM_PROBES: readonly Probe[] = [
  { ...launch(2, 256), after: [{ kind: 'parent.stop' }] },
  launch(0, 256),
  launch(3, 256, 2),
  launch(6, 256, 3),
  launch(9, 256),
  launch(2, 4096),
  launch(6, 256),
  { on: HOST, ask: { kind: 'vm.terminate', uid: 9 } },
  { on: HOST, ask: { kind: 'nitro.poll', slot: 1 } },
];
