/**
 * Arbitraries of small hosts: topologies, memory layouts, and both as a shape that a host is built of.
 *
 * Invariant: every drawn shape can be built (`smallHost` does not throw on it), and shrinks towards
 * one node, one core more than the parent needs, and no fragmentation.
 */
import fc from 'fast-check';
import type { MemoryLayout } from '../../core/host/describe.js';
import { regularCores, regularNodes } from '../../core/topology/regular.js';
import type { TopologySpec } from '../../core/topology/topology.js';
import type { SmallHost } from './hosts.js';

/** Regular small parents: 1 to 2 nodes of 2 to 6 cores, one or two threads, 512 MiB to 2 GiB each. */
export function hostShapes(): fc.Arbitrary<SmallHost> {
  return fc.record({
    nodes: fc.constantFrom(1, 2),
    coresPerNode: fc.integer({ min: 2, max: 6 }),
    threadsPerCore: fc.constantFrom(1, 2),
    numbering: fc.constantFrom('block', 'adjacent'),
    memoryMibPerNode: fc.integer({ min: 4, max: 16 }).map((eighths) => eighths * 128),
  });
}

/** The same as topologies that `describeHost` takes. */
export function topologies(): fc.Arbitrary<TopologySpec> {
  return hostShapes().map(({ nodes = 1, coresPerNode = 2, threadsPerCore = 2, numbering }) => {
    const shape = { cores: nodes * coresPerNode, threadsPerCore, numbering };
    const cores = regularCores(shape);
    return { cores, nodes: regularNodes(cores, nodes) };
  });
}

/**
 * Free memory of `nodes` nodes of `memoryMib` each, cut by used stretches: from wholly free to a few
 * runs a node. Runs are whole multiples of 2 MiB.
 */
export function memoryLayouts(nodes: number, memoryMib: number): fc.Arbitrary<MemoryLayout> {
  const frames = Math.floor(memoryMib / 2);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: frames - 1 }), { maxLength: 8 });
  const free = cuts.map((list) => {
    const ends = [0, ...[...list].sort((a, b) => a - b), frames];
    // Every second stretch is the parent's own.
    return ends.slice(1).flatMap((end, i): (readonly [number, number])[] => {
      return i % 2 === 0 ? [[ends[i] * 2048, (end - ends[i]) * 2048]] : [];
    });
  });
  return fc
    .array(free, { minLength: nodes, maxLength: nodes })
    .map((freeKib) => ({ kind: 'explicit', freeKib }));
}

/** What an enclave may ask for: mostly sensible, now and then odd, tiny or huge. */
export function placementAsks(): fc.Arbitrary<{ vcpus: number; memoryMib: number }> {
  const even = fc.integer({ min: 1, max: 4 }).map((half) => 2 * half);
  const sensible = fc.integer({ min: 64, max: 512 }).map((half) => 2 * half);
  return fc.record({
    vcpus: fc.oneof({ arbitrary: even, weight: 6 }, fc.integer({ min: 0, max: 99 })),
    memoryMib: fc.oneof({ arbitrary: sensible, weight: 6 }, fc.nat({ max: 9_999 })),
  });
}
