/**
 * Which vCPUs a launch gets that asks for a number of them: "pick one", as often (ADD_VCPU, §1.5).
 *
 * Invariant: the cores and vCPUs that as many calls would give, when each is accepted and the enclave
 * can then start; undefined where some call, or START, would be refused, which is left to the calls.
 * Only reads.
 */
import type { Host } from '../../host/host.js';
import type { OwnedCore } from '../../host/tree.js';
import { VCPU_RULES } from '../../platform/nitro/hypervisor.js';
import { firstRefusal } from '../../platform/rule.js';
import { sortAscending } from '../../topology/ascending.js';
import { siblingsOf } from '../../topology/topology.js';

export interface VcpuPlan {
  /** In the order taken, which is that of their indices, with the threads there. */
  readonly cores: readonly OwnedCore[];
  /** In the order added. */
  readonly cpus: readonly number[];
}

/** `slot`: the one being launched, not yet in the tree; its pool is the host's. */
export function planVcpus(host: Host, slot: number, count: number): VcpuPlan | undefined {
  const { avail, node, parentCores } = host.tree.pool;
  // Absent: nobody refuses a vCPU.
  const taken = host.hypervisor.kind === 'isolating' ? coresOfEnclaves(host) : undefined;
  const cores: OwnedCore[] = [];
  const cpus: number[] = [];
  for (let index = 0; cpus.length < count; index++) {
    if (index >= avail.length || index >= parentCores) return undefined;
    const core = avail[index];
    if (core.length === 0) continue;
    // A core of which a thread is left over cannot start; a thread listed twice is added once.
    if (cpus.length + core.length > count || !isAscending(core)) return undefined;
    for (const cpu of core) {
      if (host.topology.nodeOf[cpu] !== node) return undefined;
      if (taken !== undefined && !isIdle(host, cpu, taken) && isRefused(host, slot, cpu)) {
        return undefined;
      }
      cpus.push(cpu);
    }
    cores.push({ index, cpus: core });
  }
  return { cores, cpus };
}

function isRefused(host: Host, slot: number, cpu: number): boolean {
  const request = { kind: 'SLOT_ADD_VCPU', slot, cpu } as const;
  return firstRefusal(VCPU_RULES, { host, request }) !== undefined;
}

/** By core of the topology: 1 = some enclave has a vCPU on it. */
function coresOfEnclaves({ topology, tree }: Host): Uint8Array {
  const taken = new Uint8Array(topology.cores.length);
  for (const { vcpus } of tree.records) for (const cpu of vcpus) taken[topology.coreOf[cpu]] = 1;
  return taken;
}

/** Neither an enclave nor the parent runs on any thread of the CPU's core. */
function isIdle({ topology, tree }: Host, cpu: number, taken: Uint8Array): boolean {
  if (taken[topology.coreOf[cpu]] === 1) return false;
  for (const sibling of siblingsOf(topology, cpu)) if (tree.online[sibling] === 1) return false;
  return true;
}

/** As a record lists them. */
export function listedVcpus({ cpus }: VcpuPlan): number[] {
  return sortAscending(cpus.slice());
}

function isAscending(core: readonly number[]): boolean {
  for (let i = 1; i < core.length; i++) if (core[i] <= core[i - 1]) return false;
  return true;
}
