/**
 * What the reserved pool can give an enclave on one node: whole cores and pages.
 *
 * Whole cores only: a core of which the pool holds one thread of two serves nobody (Q26). Cores are
 * taken lowest index first. Pages come as one run when the pool has one, by the store's policy;
 * otherwise lowest address first, in as many runs as needed (each page is contiguous by itself).
 *
 * Invariant: `pickCores` and `pickRuns` name only what is free now; they change nothing.
 * Trade-off: with more threads a core than vCPUs asked, the last core is taken whole and partly idle;
 * the rest is waste that a report shows, never somebody else's.
 */
import type { Host } from '../../host/host.js';
import { type ExtentStore, FREE } from '../../memory/extent-store.js';
import type { PagePool } from '../../memory/node-memory.js';
import { siblingsOf } from '../../topology/topology.js';
import type { StartContext } from './context.js';
import { nodeVcpuLimit, poolNodes, positionOfCpu } from './nodes.js';

/** Core indices of the pool that are whole and free on a node, ascending. */
export function wholeCores(host: Host, position: number): number[] {
  const { tree, topology } = host;
  const indices: number[] = [];
  tree.pool.avail.forEach((cpus, index) => {
    if (cpus.length === 0 || positionOfCpu(topology, cpus[0]) !== position) return;
    if (cpus.length === siblingsOf(topology, cpus[0]).length) indices.push(index);
  });
  return indices;
}

/** Threads of whole free cores on a node. */
export function wholeThreads(host: Host, position: number): number {
  const { avail } = host.tree.pool;
  return wholeCores(host, position).reduce((sum, index) => sum + avail[index].length, 0);
}

/** Lowest cores of a node that together have `vcpus` threads; undefined = not enough. */
export function pickCores(host: Host, position: number, vcpus: number): number[] | undefined {
  const picked: number[] = [];
  let threads = 0;
  for (const index of wholeCores(host, position)) {
    if (threads >= vcpus) break;
    picked.push(index);
    threads += host.tree.pool.avail[index].length;
  }
  return threads >= vcpus ? picked : undefined;
}

/** Size index of the reserved page size on a node; -1 = none reserved. */
export function reservedSize(host: Host, position: number): number {
  const { pageKib } = host.tree.reservation;
  return host.memory[position].pools.findIndex((pool) => pool.pageKib === pageKib);
}

/** The reserved pool on a node. */
export function reservedPool(host: Host, position: number): PagePool | undefined {
  return host.memory[position].pools[reservedSize(host, position)];
}

/** Free MiB of the reserved pool on a node. */
export function freePoolMib(host: Host, position: number): number {
  const pool = reservedPool(host, position);
  if (pool === undefined) return 0;
  return (pool.store.freeFrames * host.memory[position].frameKib) / 1024;
}

/** Flat [start, frames, …] of free pages for `memoryMib`; undefined = no such place. */
export function pickRuns(
  context: Pick<StartContext, 'host' | 'options'>,
  position: number,
  memoryMib: number,
): number[] | undefined {
  const pool = reservedPool(context.host, position);
  if (pool === undefined) return undefined;
  const frames = Math.ceil((memoryMib * 1024) / pool.pageKib) * pool.pageFrames;
  if (!(frames > 0)) return [];
  const whole = pool.store.find(frames, pool.pageFrames);
  if (whole >= 0) return [whole, frames];
  if (context.options.contiguity === 'whole-run') return undefined;
  return lowestRuns(pool.store, frames);
}

function lowestRuns(store: ExtentStore, frames: number): number[] | undefined {
  if (store.freeFrames < frames) return undefined;
  const runs: number[] = [];
  let left = frames;
  for (const extent of store.extents()) {
    if (left === 0) break;
    if (extent.owner !== FREE) continue;
    const taken = Math.min(left, extent.frames);
    runs.push(extent.start, taken);
    left -= taken;
  }
  return runs;
}

/**
 * Nodes a start may use: those that allow the vCPUs. Where none does, all of the pool's, so that a
 * diagnosis still says whether cores and pages would do; a decision has refused before.
 */
export function nodesByLimit({ host, options, request }: StartContext): number[] {
  const pooled = poolNodes(host);
  return someOf(pooled, (node) => request.vcpus <= nodeVcpuLimit(host.topology, options, node));
}

/** … that also have the whole cores; [] = none. */
export function nodesByCores(context: StartContext): number[] {
  const { host, request } = context;
  return nodesByLimit(context).filter((node) => wholeThreads(host, node) >= request.vcpus);
}

/** Nodes whose pages count: those with the cores, or all that are left where none has them. */
export function nodesForPages(context: StartContext): number[] {
  const { host, request } = context;
  return someOf(nodesByLimit(context), (node) => wholeThreads(host, node) >= request.vcpus);
}

/** … that have the pages; [] = none. */
export function nodesByPages(context: StartContext): number[] {
  const { host, memoryMib } = context;
  return nodesForPages(context).filter((node) => freePoolMib(host, node) >= memoryMib);
}

/** … and have them where contiguity asks. The first of these is the enclave's node. */
export function nodesByRuns(context: StartContext): number[] {
  return nodesByPages(context).filter(
    (node) => pickRuns(context, node, context.memoryMib) !== undefined,
  );
}

/** The nodes that pass, or all where none does. */
function someOf(nodes: readonly number[], passes: (node: number) => boolean): number[] {
  const passing = nodes.filter(passes);
  return passing.length > 0 ? passing : [...nodes];
}
