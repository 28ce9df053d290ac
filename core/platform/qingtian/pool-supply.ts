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
import { nodeVcpuLimit, poolNodes } from './nodes.js';
import type { QingtianOptions } from './options.js';

/** What one node of the pool can give at the moment. */
export interface NodeSupply {
  /** In `topology.nodes`. */
  readonly position: number;
  /** Most vCPUs one enclave may have there. */
  readonly vcpuLimit: number;
  /** Threads of whole free cores. */
  readonly wholeThreads: number;
  /** Free MiB of the reserved pages. */
  readonly freeMib: number;
}

/** Every node the pool has cores on, ascending. O(pool cores). */
export function supplyOf(host: Host, options: QingtianOptions): NodeSupply[] {
  return poolNodes(host, options).map((position) => ({
    position,
    vcpuLimit: nodeVcpuLimit(host.topology, options, position),
    wholeThreads: wholeThreads(host, position),
    freeMib: freePoolMib(host, position),
  }));
}

/** Threads of whole free cores on a node. */
export function wholeThreads(host: Host, position: number): number {
  let threads = 0;
  for (const cpus of host.tree.pool.avail) {
    if (isWholeOn(host, cpus, position)) threads += cpus.length;
  }
  return threads;
}

/** Lowest cores of a node that together have `vcpus` threads; undefined = not enough. */
export function pickCores(host: Host, position: number, vcpus: number): number[] | undefined {
  const { avail } = host.tree.pool;
  const picked: number[] = [];
  let threads = 0;
  for (let index = 0; index < avail.length && threads < vcpus; index++) {
    if (!isWholeOn(host, avail[index], position)) continue;
    picked.push(index);
    threads += avail[index].length;
  }
  return threads >= vcpus ? picked : undefined;
}

/** The pool's part of a core is the whole core, free, and on the node. */
function isWholeOn({ topology }: Host, cpus: readonly number[], position: number): boolean {
  if (cpus.length === 0) return false;
  const [cpu] = cpus;
  return (
    topology.nodeOf[cpu] === topology.nodes[position].id &&
    cpus.length === siblingsOf(topology, cpu).length
  );
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
export function nodesByLimit({ supply, request }: StartContext): readonly NodeSupply[] {
  return someOf(supply(), (node) => request.vcpus <= node.vcpuLimit);
}

/** … that also have the whole cores; [] = none. */
export function nodesByCores(context: StartContext): NodeSupply[] {
  return nodesByLimit(context).filter((node) => node.wholeThreads >= context.request.vcpus);
}

/** Nodes whose pages count: those with the cores, or all that are left where none has them. */
export function nodesForPages(context: StartContext): readonly NodeSupply[] {
  return someOf(nodesByLimit(context), (node) => node.wholeThreads >= context.request.vcpus);
}

/** … that have the pages; [] = none. */
export function nodesByPages(context: StartContext): NodeSupply[] {
  return nodesForPages(context).filter((node) => node.freeMib >= context.memoryMib);
}

/** … and have them where contiguity asks. The first of these is the enclave's node. */
export function nodesByRuns(context: StartContext): NodeSupply[] {
  const nodes = nodesByPages(context);
  // Page by page, enough pages are always enough.
  if (context.options.contiguity === 'per-page') return nodes;
  return nodes.filter(
    ({ position }) => pickRuns(context, position, context.memoryMib) !== undefined,
  );
}

/** The nodes that pass, or all where none does. */
function someOf(
  nodes: readonly NodeSupply[],
  passes: (node: NodeSupply) => boolean,
): readonly NodeSupply[] {
  const passing = nodes.filter(passes);
  return passing.length > 0 ? passing : nodes;
}
