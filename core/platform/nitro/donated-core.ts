/**
 * The hypervisor's own view of a core: which enclave was given a vCPU of it.
 *
 * The driver's lists (the pool, the cores of an enclave) are not asked: quirks make them name what
 * was never given (`core-kept`), or name it twice (`unbind-unlists`). Invariant: under the isolating
 * hypervisor no thread of a core with a donated vCPU runs anywhere else, whoever wants it: another
 * enclave, the administrator, or a pool write that gives CPUs back.
 */
import type { Host } from '../../host/host.js';

/** Uid of an enclave other than `except` that has a vCPU on the CPU's core; undefined = none. */
export function enclaveOnCore(
  { topology, tree }: Host,
  cpu: number,
  except?: number,
): number | undefined {
  const { records } = tree;
  const core = topology.coreOf[cpu];
  for (let i = records.length - 1; i >= 0; i--) {
    const { uid, vcpus } = records[i];
    if (uid !== except && hasOnCore(topology.coreOf, vcpus, core)) return uid;
  }
  return undefined;
}

function hasOnCore(coreOf: readonly number[], vcpus: readonly number[], core: number): boolean {
  for (let i = 0; i < vcpus.length; i++) if (coreOf[vcpus[i]] === core) return true;
  return false;
}

/** Whether the hypervisor lets the parent have a CPU online. */
export function mayComeOnline(host: Host, cpu: number): boolean {
  return host.hypervisor.kind === 'permissive' || enclaveOnCore(host, cpu) === undefined;
}
