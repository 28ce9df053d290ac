/**
 * Where a launch ended up on its parent: its NUMA nodes.
 *
 * Invariant: it is read from the record the parent keeps, never from what was proposed.
 * Trade-off: nodes, not CPUs and frames: those follow from the parent's rules.
 */
import type { Host } from '../../core/host/host.js';
import { nodePosition } from '../../core/host/physical.js';
import type { Enclave } from '../../core/host/tree.js';

/** A 32-bit number that the nodes make: the record's own, and that of each run of memory in order. */
export function placeMark({ node, extents }: Enclave): number {
  let mark = node + 1;
  for (let i = 0; i < extents.length; i++) mark = (Math.imul(mark, 31) + extents[i].node + 1) | 0;
  return mark;
}

/** Whether any of it lies on a node whose position is not among those proposed. */
export function wentElsewhere(
  { topology }: Host,
  { node, extents }: Enclave,
  proposed: readonly number[],
): boolean {
  // Where there is one node, whatever names a node names that one.
  if (topology.nodes.length === 1 && proposed.length > 0) return false;
  if (node >= 0 && !isAmong(proposed, nodePosition(topology, node))) return true;
  for (let i = 0; i < extents.length; i++) {
    if (!isAmong(proposed, extents[i].node)) return true;
  }
  return false;
}

/** A loop, since it is asked of each launch and mostly of a list of one. */
function isAmong(positions: readonly number[], position: number): boolean {
  for (let i = 0; i < positions.length; i++) if (positions[i] === position) return true;
  return false;
}
