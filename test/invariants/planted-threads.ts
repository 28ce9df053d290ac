/** Faults planted in who has which CPU, and where. Invariant: see planted-fault. */
import { withCore } from '../../core/host/cores.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner } from '../../core/host/owner.js';
import type { Enclave } from '../../core/host/tree.js';
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
      keepCore(enclave(host, 2), 7, [dropThread(host, 1)]);
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
      keepCore(enclave(host, 0), 7, cpus);
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
      keepCore(enclave(host, 1), 7, cpus);
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
  return enclave(host, uid).cores[0].cpus[0];
}

/** Takes the last thread of the enclave's first core away from it. */
function dropThread(host: Host, uid: number): number {
  const one = enclave(host, uid);
  const { vcpus } = one;
  const [{ index, cpus }] = one.cores;
  const cpu = cpus.at(-1) ?? -1;
  keepCore(one, index, cpus.slice(0, -1));
  vcpus.splice(vcpus.indexOf(cpu), 1);
  return cpu;
}

/** Makes a core's threads the enclave's own, whatever anybody else has. */
function keepCore(one: Enclave, index: number, cpus: readonly number[]): void {
  one.cores = withCore(one.cores, index, cpus);
}
