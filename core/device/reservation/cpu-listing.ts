/**
 * The parent's CPUs as lscpu lists them for the reservation script.
 *
 * Totals count present CPUs; everything else counts online ones: an offline thread is not listed,
 * drops out of its core, and so shortens it. Invariant: read from one host at one moment, nothing
 * is cached. Source: util-linux 2.38 lscpu (`-p` lists online CPUs only;
 * threads per core is the largest number of online siblings of any core).
 */
import type { Host } from '../../host/host.js';
import { siblingsOf } from '../../topology/topology.js';

export interface CpuListing {
  /** Present CPUs, offline ones included. */
  readonly cpus: number;
  /** NUMA nodes of the parent, those without CPUs included. */
  readonly nodes: number;
  readonly threadsPerCore: number;
  /** NUMA node of CPU 0; -1 = none, or CPU 0 is offline. */
  readonly cpu0Node: number;
  /** Online CPUs of a node, ascending. */
  readonly onNode: (node: number) => readonly number[];
  /** Online threads of a CPU's core, ascending, CPU 0 left out. */
  readonly threadsBeside0: (cpu: number) => readonly number[];
}

export function listCpus(host: Pick<Host, 'topology' | 'tree'>): CpuListing {
  const { topology, tree } = host;
  const isOnline = (cpu: number) => tree.online[cpu] === 1;
  const online = tree.online.flatMap((bit, cpu) => (bit === 1 ? [cpu] : []));
  const threads = topology.cores.map((core) => core.filter(isOnline).length);
  return {
    cpus: topology.coreOf.filter((core) => core >= 0).length,
    nodes: topology.nodes.length,
    threadsPerCore: Math.max(1, ...threads),
    cpu0Node: isOnline(0) ? topology.nodeOf[0] : -1,
    onNode: (node) => online.filter((cpu) => topology.nodeOf[cpu] === node),
    threadsBeside0: (cpu) => siblingsOf(topology, cpu).filter((c) => c !== 0 && isOnline(c)),
  };
}
