/**
 * Physical addresses: where a frame of a node is in the parent's address space, and back.
 *
 * Node after node, in the order of the topology, without gaps: the base of a node is the sum of the
 * sizes of the nodes before it. Invariant: locate(physOf(node, frame)) = {node, frame}. Trade-off:
 * real machines leave holes between nodes; nothing in the rules looks at the distance.
 */
import type { NodeMemory } from '../memory/node-memory.js';
import type { Topology } from '../topology/topology.js';

const BYTES_PER_KIB = 1024;

interface Memories {
  readonly memory: readonly NodeMemory[];
}

/** A frame by node position and number. */
export interface Place {
  readonly node: number;
  readonly frame: number;
}

/** Physical address in bytes of a frame of the node at a position. */
export function physOf(host: Memories, node: number, frame: number): number {
  let base = 0;
  for (let i = 0; i < node; i++) base += nodeBytes(host.memory[i]);
  return base + frame * host.memory[node].frameKib * BYTES_PER_KIB;
}

/** The frame that holds a physical address; undefined beyond the installed memory. */
export function locate(host: Memories, phys: number): Place | undefined {
  let offset = phys;
  for (let node = 0; node < host.memory.length; node++) {
    const memory = host.memory[node];
    const bytes = nodeBytes(memory);
    if (offset < bytes)
      return { node, frame: Math.floor(offset / (memory.frameKib * BYTES_PER_KIB)) };
    offset -= bytes;
  }
  return undefined;
}

/** Position in `topology.nodes` of a NUMA node id; -1 when there is none. */
export function nodePosition(topology: Topology, nodeId: number): number {
  const { nodes } = topology;
  for (let i = 0; i < nodes.length; i++) if (nodes[i].id === nodeId) return i;
  return -1;
}

function nodeBytes(memory: NodeMemory): number {
  return memory.base.frames * memory.frameKib * BYTES_PER_KIB;
}
