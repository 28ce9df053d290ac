/** Faults planted in who has which CPU, and where. Invariant: see planted-fault. */
import type { Host } from '../../core/host/host.js';
import { enclaveOwner } from '../../core/host/owner.js';
import { enclave, type FaultRow } from './planted-fault.js';
import { nitroPair, qingtianPair } from './sound-hosts.js';

export const THREADS_FAULTS: readonly FaultRow[] = [
  [
    'thread-one-owner',
    'an enclave’s thread is still in the pool',
    qingtianPair,
    (host) => {
      const { avail } = host.tree.pool;
      avail[0] = [...avail[0], ownThread(host, 0)];
      return undefined;
    },
  ],
  [
    'thread-one-owner',
    'an enclave’s thread is online in the parent',
    qingtianPair,
    (host) => {
      host.tree.online[ownThread(host, 0)] = 1;
      return undefined;
    },
  ],
  [
    'thread-one-owner',
    'two enclaves have one vCPU',
    nitroPair,
    (host) => {
      enclave(host, 2).vcpus.push(ownThread(host, 1));
      return undefined;
    },
  ],
  [
    'whole-cores',
    'a sibling went back to the parent',
    qingtianPair,
    (host) => {
      host.tree.online[dropThread(host, 0)] = 1;
      return undefined;
    },
  ],
  [
    'whole-cores',
    'a sibling went to the other enclave',
    nitroPair,
    (host) => {
      enclave(host, 2).cores[7] = [dropThread(host, 1)];
      return undefined;
    },
  ],
  [
    'whole-cores',
    'CPU 0’s core belongs to an enclave',
    qingtianPair,
    (host) => {
      const cpus = host.topology.cores[host.topology.coreOf[0]];
      for (const cpu of cpus) host.tree.online[cpu] = 0;
      enclave(host, 0).cores[7] = [...cpus];
      return undefined;
    },
  ],
  [
    'numa-local',
    'a running enclave has a core of another node',
    nitroPair,
    (host) => {
      const cpus = host.topology.cores[1];
      for (const cpu of cpus) host.tree.online[cpu] = 0;
      enclave(host, 1).cores[7] = [...cpus];
      return undefined;
    },
  ],
  [
    'numa-local',
    'a running enclave has frames of another node',
    nitroPair,
    (host) => {
      host.memory[0].base.allocAt(0, 1, enclaveOwner(1));
      return undefined;
    },
  ],
  [
    'parent-floor',
    'the parent has one vCPU left',
    qingtianPair,
    (host) => {
      for (let cpu = 1; cpu < host.topology.nrCpuIds; cpu++) host.tree.online[cpu] = 0;
      return undefined;
    },
  ],
  [
    'parent-floor',
    'the parent has 511 MiB left',
    qingtianPair,
    (host) => ({
      ...host,
      parent: { ...host.parent, memoryMib: 512 + 511 },
    }),
  ],
];

function ownThread(host: Host, uid: number): number {
  return Object.values(enclave(host, uid).cores)[0][0];
}

/** Takes the last thread of the enclave's first core away from it. */
function dropThread(host: Host, uid: number): number {
  const { cores, vcpus } = enclave(host, uid);
  const index = Number(Object.keys(cores)[0]);
  const cpu = cores[index].at(-1) ?? -1;
  cores[index] = cores[index].slice(0, -1);
  vcpus.splice(vcpus.indexOf(cpu), 1);
  return cpu;
}
