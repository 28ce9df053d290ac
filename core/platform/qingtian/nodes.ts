/**
 * NUMA nodes as QingTian's rules see them: by position in the topology, with their vCPU limit.
 *
 * Invariant: a position indexes `topology.nodes` and `host.memory` alike.
 */
import type { Host } from '../../host/host.js';
import { nodePosition } from '../../host/physical.js';
import type { Topology } from '../../topology/topology.js';
import type { QingtianOptions } from './options.js';

/** Position of the node a CPU is on; -1 = none. */
export function positionOfCpu(topology: Topology, cpu: number): number {
  return nodePosition(topology, topology.nodeOf[cpu]);
}

/** Most vCPUs one enclave may have on a node: its CPUs minus two, one less for "fewer than". */
export function nodeVcpuLimit(
  topology: Topology,
  options: QingtianOptions,
  position: number,
): number {
  const { id, cpus } = topology.nodes[position];
  const kept = options.nodeMaxScope === 'every' || topology.nodeOf[0] === id ? 2 : 0;
  return atMost(cpus.length - kept, options);
}

/** Most vCPUs in total. */
export function totalVcpuLimit(options: QingtianOptions): number {
  return atMost(options.maxVcpusTotal, options);
}

function atMost(bound: number, options: QingtianOptions): number {
  return options.boundary === 'at-most' ? bound : bound - 1;
}

/** Position of the one node that a pool may be on; undefined = no pool, or one that may be on many. */
export function onlyPoolNode(
  { tree: { pool }, topology }: Host,
  options: QingtianOptions,
): number | undefined {
  if (pool.avail.length === 0 || options.poolNodes !== 'one') return undefined;
  return nodePosition(topology, pool.node);
}

/** Positions of the nodes a pool has cores on, free or taken, ascending, where it may be on many. */
export function poolNodes({ tree, topology }: Host): number[] {
  const positions = new Set<number>();
  for (const cpus of tree.pool.avail) {
    if (cpus.length > 0) positions.add(positionOfCpu(topology, cpus[0]));
  }
  for (const { cores } of tree.records) {
    for (const { cpus } of cores) positions.add(positionOfCpu(topology, cpus[0]));
  }
  return [...positions].sort((a, b) => a - b);
}
