/**
 * Small Nitro parents for the tests of the reservation service.
 *
 * Invariant: the free memory of a node is exactly the MiB given, from address 0 up, so that a test
 * knows by hand which pages fit. Free runs can be given instead, in KiB.
 */
import { createHost, type Host } from '../../core/host/host.js';
import { NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { HELD } from '../../core/host/owner.js';
import { runInPlace } from '../../core/host/step.js';
import { layFootprint } from '../../core/memory/footprint.js';
import { createNodeMemory, pagesOf } from '../../core/memory/node-memory.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { regularCores, regularNodes } from '../../core/topology/regular.js';
import { buildTopology, type Topology, type TopologySpec } from '../../core/topology/topology.js';

type FreeKib = readonly (readonly [start: number, length: number])[];

export interface SmallParent {
  /** Free MiB a node, or its free runs in KiB. One entry a NUMA node. */
  readonly free: readonly (number | FreeKib)[];
  /** By default 4 cores of 2 threads (0,4) (1,5) (2,6) (3,7), spread over the nodes. */
  readonly topology?: Omit<TopologySpec, 'pageSizesKib'>;
  /** By default 2 MiB and 1 GiB. */
  readonly pageSizesKib?: readonly number[];
}

export function smallParent({ free, topology: spec, pageSizesKib }: SmallParent): Host {
  const topology = built(spec ?? evenTopology(free.length), pageSizesKib ?? [2048, 1_048_576]);
  const sizes = topology.pageSizesKib;
  const memory = topology.nodes.map(({ id }, i) => {
    const entry = free[i];
    const freeKib: FreeKib = typeof entry === 'number' ? [[0, entry * 1024]] : entry;
    const endKib = Math.max(0, ...freeKib.map(([start, length]) => start + length));
    const shape = { node: id, frameKib: sizes[0], frames: Math.ceil(endKib / sizes[0]) };
    const node = createNodeMemory({ ...shape, pageSizesKib: sizes });
    layFootprint(node, { kind: 'explicit', freeKib });
    return node;
  });
  return createHost({
    profile: nitroProfile(),
    options: {},
    parent: { flavor: 'custom', region: 'any', os: 'linux', bareMetal: false, memoryMib: 0 },
    topology,
    hypervisor: NITRO_HYPERVISOR,
    memory,
  });
}

export function evenTopology(nodes: number, threadsPerCore = 2, cores = 4): TopologySpec {
  const list = regularCores({ cores, threadsPerCore });
  return { cores: list, nodes: regularNodes(list, nodes) };
}

function built(spec: TopologySpec, pageSizesKib: readonly number[]): Topology {
  const result = buildTopology({ ...spec, pageSizesKib });
  if ('topology' in result) return result.topology;
  throw new Error(result.problems.map(({ message }) => message).join('; '));
}

/** Pages of each size on the node at a position, smallest size first. */
export function pagesOn(host: Host, position: number): number[] {
  return host.memory[position].pools.map(pagesOf);
}

/** Reserves pages of one size and lets somebody hold the lowest `inUse` of them. */
export function reserve(
  host: Host,
  node: number,
  pageKib: number,
  pages: number,
  inUse: number,
): void {
  runInPlace(host, { kind: 'nitro.write-hugepages', node, pageKib, text: String(pages) });
  const pool = host.memory[node].pools.find((candidate) => candidate.pageKib === pageKib);
  if (pool === undefined) throw new Error(`no page size ${pageKib}`);
  for (let i = 0; i < inUse; i++) {
    const start = pool.store.findLowest(pool.pageFrames, pool.pageFrames);
    pool.store.allocAt(start, pool.pageFrames, HELD);
  }
}
